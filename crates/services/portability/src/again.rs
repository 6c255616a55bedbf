//! Erasing again: a database that was restored from a backup brings erased patients back, and they go before it is served.
use access::data::Care;
use access::{Caller, Grant, Write};
use kernel::{App, PatientId, Result};
use vault::Vault;

use crate::erasure::{self, DONE};
use crate::model::{ErasureId, ErasureStatus, Stored};
use crate::queries::erasures;

const REASON: &str = "the patient had been erased and came back with an older copy of the database";

/// Erases everybody over whom a tombstone stands and whose key is here all the same, and tells how many they were. Run at
/// every start, before the first request.
pub async fn erase_again(app: &App) -> Result<usize> {
    let back = app.edge::<Vault>().half_erased(&app.db()).await?;
    let mut erased = 0;
    for patient in &back {
        if one(app, *patient).await? {
            erased += 1;
            tracing::warn!(%patient, "a patient who had been erased was in the database, and was erased again");
        }
    }
    Ok(erased)
}

/// As an administrator's confirmation, but nothing has to be settled first: it was settled once. False when the key is gone
/// by now: the tombstone was that of an erasure which just then was committed.
pub async fn one(app: &App, patient: PatientId) -> Result<bool> {
    let (operator, now) = (Caller::operator(), app.clock().now());
    let care = Grant::<Write, Care>::for_operator(app, patient).await?;
    let mut tx = app.db().begin().await?;
    patients::part_to_erase(app, &mut tx, &operator, patient).await?;
    if !Vault::is_keyed(&mut tx, patient).await? {
        return Ok(false);
    }
    emergency::portable::end_unread(&mut tx, patient, operator.actor, now).await?;
    if let Some(stay) = hospitals::active_of_patient(&mut tx, patient).await? {
        hospitals::discharge(app, &mut tx, &care, stay.id, None, &operator).await?;
    }
    erasure::destroy(app, &mut tx, &operator, patient).await?;
    let id = match erasures::end_of(&mut tx, patient, operator.actor, now).await? {
        Some(open) => open,
        None => write_down(app, &mut tx, &operator, patient).await?,
    };
    let what = erasures::by_id(&mut tx, id).await?.ok_or_else(|| kernel::Error::not_found("erasure"))?;
    erasure::tell(app, &mut tx, &operator, (DONE, "erasure.again"), &what, now);
    tx.commit().await?;
    Ok(true)
}

async fn write_down(app: &App, tx: &mut store::Tx, by: &Caller, patient: PatientId) -> Result<ErasureId> {
    let (id, now) = (ErasureId::new(), app.clock().now());
    let new = Stored {
        id,
        patient_id: patient,
        reason: app.edge::<Vault>().seal_system(&erasure::purpose(id), REASON.as_bytes())?,
        status: ErasureStatus::Done,
        requested_by: by.actor,
        requested_at: now,
        ended_by: Some(by.actor),
        ended_at: Some(now),
    };
    erasures::add(tx, &new).await?;
    Ok(id)
}
