//! Exports: asked for, made in the background, fetched for a week.
//!
//! The file is a ZIP whose parts are written one after another, packed, sealed with the patient's key, and kept in chunks:
//! memory holds one chunk, and a process that is killed goes on with the part it was at.
pub mod archive;
mod behalf;
mod book;
mod chapters;
mod fetch;

use access::{Caller, Entry};
use jobs::{JobId, NewJob, Run};
use kernel::{App, Error, Listed, PageQuery, PatientId, Result};
use serde_json::{Value, json};
use store::Tx;

pub use behalf::Behalf;
pub use book::Book;
pub use fetch::fetch;

use crate::EXPORT;
use crate::model::Export;
use crate::queries::exports;

/// Exports of a patient that are kept or made at a time.
const AT_A_TIME: i64 = 3;

/// Puts an export down to be made. 409 while another of the patient's is being made, and when three are kept already.
pub async fn ask(app: &App, tx: &mut Tx, caller: &Caller, patient: PatientId) -> Result<Export> {
    let now = app.clock().now();
    // Locks the patient's row, so that of two who ask at once the second finds the first.
    patients::require_active(tx, patient).await?;
    if jobs::open_of(tx, EXPORT, patient.0).await?.is_some() {
        return Err(Error::conflict("an export is being made already"));
    }
    if exports::count(tx, patient).await? >= AT_A_TIME {
        return Err(Error::conflict("three exports are kept already; delete one of them"));
    }
    let new = NewJob {
        kind: EXPORT,
        subject: patient.0,
        args: Behalf::Caller(caller.clone()).to_args()?,
        by: caller.actor,
        run_after: None,
    };
    let id = jobs::enqueue(app, tx, new).await?;
    exports::add(tx, id.0, patient, now).await?;
    access::record(tx, Entry::of(caller, "export.request", id, now).about(patient));
    let made = jobs::job(tx, id).await?;
    made.map(Export::from).ok_or_else(|| Error::internal("a job that was put down is not there"))
}

/// A page of a patient's exports, the last one first.
pub async fn list(app: &App, patient: PatientId, page: &PageQuery) -> Result<Listed<Export>> {
    let found = jobs::of_subject(&mut app.db(), EXPORT, patient.0, page).await?;
    Ok(Listed::new(found, page, |job| job.id.0).map(Export::from))
}

/// One export of this patient.
pub async fn show(app: &App, patient: PatientId, id: JobId) -> Result<Export> {
    let found = jobs::job(&mut app.db(), id).await?;
    let own = found.filter(|job| job.kind == EXPORT && job.subject == patient.0);
    own.map(Export::from).ok_or_else(|| Error::not_found("export"))
}

/// Calls an export off while it is being made, and removes its file.
pub async fn remove(app: &App, tx: &mut Tx, caller: &Caller, patient: PatientId, id: JobId) -> Result<()> {
    let now = app.clock().now();
    jobs::cancel(tx, id, now).await?;
    exports::remove(tx, id.0).await?;
    access::record(tx, Entry::of(caller, "export.remove", id, now).about(patient));
    Ok(())
}

/// Makes the export of a job. Whoever asked for it is asked for again, at each part, whether they still may.
pub async fn make(app: &App, run: &Run) -> Result<Value> {
    let behalf = Behalf::of_args(&run.job.args)?;
    let known = kernel::request::Request { path: format!("export {}", run.job.id), ..Default::default() };
    kernel::request::scope(known, async {
        let patient = PatientId(run.job.subject);
        let mut book = Book::open(app, behalf, patient, run.job.id.0, Some(run)).await?;
        chapters::write_all(&mut book, patient).await?;
        Ok(json!({"size": book.close().await?}))
    })
    .await
}

/// Makes an export at once, as the operator does.
pub async fn make_now(app: &App, patient: PatientId, id: uuid::Uuid) -> Result<()> {
    let mut book = Book::open(app, Behalf::Operator, patient, id, None).await?;
    chapters::write_all(&mut book, patient).await?;
    book.close().await.map(drop)
}
