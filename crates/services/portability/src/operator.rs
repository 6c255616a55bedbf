//! The operator's export: written to a file at once, by who sits at the machine.
use std::io::Write;

use access::{Caller, Entry};
use futures::StreamExt as _;
use kernel::{App, Error, PatientId, Result};

use crate::export;
use crate::queries::exports;

/// Writes everything kept about a patient to `out` and answers the size. It is on the audit chain as the operator's deed,
/// and each category as a look.
pub async fn export_to(app: &App, patient: PatientId, out: &mut (impl Write + Send)) -> Result<u64> {
    let (id, operator) = (kernel::ids::new(), Caller::operator());
    let known = patients::card(&mut app.db(), patient).await?;
    known.ok_or_else(|| Error::not_found("patient"))?;
    let mut tx = app.db().begin().await?;
    access::record(&mut tx, Entry::of(&operator, "export.operator", id, app.clock().now()).about(patient));
    tx.commit().await?;
    let written = write(app, patient, id, out).await;
    // Also of one that failed nothing stays behind.
    let mut tx = app.db().begin().await?;
    exports::remove(&mut tx, id).await?;
    tx.commit().await?;
    written
}

async fn write(app: &App, patient: PatientId, id: uuid::Uuid, out: &mut (impl Write + Send)) -> Result<u64> {
    export::make_now(app, patient, id).await?;
    let packed = export::fetch(app, patient, id).await?.ok_or_else(|| Error::internal("the export is gone"))?;
    let (size, mut bytes) = (packed.size.unsigned_abs(), Box::pin(packed.stream()));
    while let Some(chunk) = bytes.next().await {
        out.write_all(&chunk?).map_err(Error::internal)?;
    }
    out.flush().map_err(Error::internal)?;
    Ok(size)
}
