//! Listing patients: administrators see all, everyone else those they are related to.
use access::{Caller, Entry, Role};
use kernel::{App, Error, Listed, PageQuery, Result};

use crate::model::{Patient, PatientFilter};
use crate::{merged, search};

/// A page of the patients that the caller may see, ordered by id. The look is on the audit chain before the answer: one
/// entry for the list, with the number of patients it showed.
pub async fn list(app: &App, caller: &Caller, page: &PageQuery, filter: &PatientFilter) -> Result<Listed<Patient>> {
    if filter.wants_inactive() && caller.role != Role::Admin {
        return Err(Error::forbidden("deactivated patients are shown to administrators alone"));
    }
    // A patient's account sees the record that it stands for, absorbed or not.
    let filter = match caller.role {
        Role::Patient => &PatientFilter { include_merged: Some(true), ..filter.clone() },
        _ => filter,
    };
    let mut db = app.db();
    let found = search::find(&mut db, caller, page, filter).await?;
    let total = match page.wants_total() {
        true => Some(search::count(&mut db, caller, filter).await?),
        false => None,
    };
    let now = app.clock().now();
    let listed = Listed::new(found, page, |patient| patient.load_key.0).with_total(total);
    let merges = merged::among(&mut db, &listed.entries).await?;
    let listed = listed.map(|stored| merges.tell(Patient::of(stored, now)));
    let mut tx = app.db().begin().await?;
    let shown = format!("{} patients", listed.entries.len());
    access::record(&mut tx, Entry::of(caller, "list registration", shown, now));
    tx.commit().await?;
    Ok(listed)
}
