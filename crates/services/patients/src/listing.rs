//! Listing patients: administrators see all, everyone else those they are related to.
use access::{Caller, Entry, Role};
use kernel::{App, Error, Listed, PageQuery, Result};

use crate::model::{Patient, PatientFilter, Stored};
use crate::queries::patients;

/// Patients looked at together while a page fills.
const BATCH: i64 = 256;

/// A page of the patients that the caller may see, ordered by id. The look is on the audit chain before the answer: one
/// entry for the list, with the number of patients it showed.
pub async fn list(app: &App, caller: &Caller, page: &PageQuery, filter: &PatientFilter) -> Result<Listed<Patient>> {
    let found = match caller.role {
        Role::Admin => patients::all(&mut app.db(), filter, page.after()?, page.skip(), page.rows()).await?,
        _ if filter.include_inactive == Some(true) => {
            return Err(Error::forbidden("deactivated patients are shown to administrators alone"));
        }
        _ => related(app, caller, page, filter).await?,
    };
    let now = app.clock().now();
    let listed = Listed::new(found, page, |patient| patient.load_key.0).map(|stored| Patient::of(stored, now));
    let mut tx = app.db().begin().await?;
    let shown = format!("{} patients", listed.entries.len());
    access::record(&mut tx, Entry::of(caller, "list registration", shown, now));
    tx.commit().await?;
    Ok(listed)
}

/// The related patients that fit the filter, batch by batch until the page is full. Those to skip are counted after the
/// filter, as the caller counts them.
async fn related(app: &App, caller: &Caller, page: &PageQuery, filter: &PatientFilter) -> Result<Vec<Stored>> {
    let mut db = app.db();
    let (mut after, mut to_skip) = (page.after()?, page.skip());
    let (mut found, wanted) = (Vec::new(), page.limit() + 1);
    loop {
        let ids = access::related_to(&mut db, caller, after, 0, BATCH).await?;
        for stored in patients::by_ids(&db, &ids).await?.into_iter().filter(|stored| filter.fits(stored)) {
            match to_skip {
                0 => found.push(stored),
                _ => to_skip -= 1,
            }
        }
        after = ids.last().map(|id| id.0);
        if found.len() >= wanted || (ids.len() as i64) < BATCH {
            return Ok(found);
        }
    }
}
