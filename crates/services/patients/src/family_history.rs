//! Writing down which illnesses a patient's relatives had, with a grant over the patient's records.
use access::data::Records;
use access::{Caller, Grant, Read, Write};
use kernel::{App, Listed, PageQuery, Result};
use store::Tx;
use uuid::Uuid;
use vault::{PatientKey, Row, Vault};

use crate::lookup::require_active;
use crate::model::{FamilyHistory, FamilyIllness, FamilyStored};
use crate::queries::family_history;
use crate::{sealed, tell};

/// Adds an entry.
pub async fn add(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    grant: &Grant<Write, Records>,
    said: FamilyIllness,
) -> Result<FamilyHistory> {
    let (patient, now, id) = (grant.patient(), app.clock().now(), kernel::ids::new());
    require_active(tx, patient).await?;
    let key = sealed::key_in(tx, app.edge::<Vault>(), patient).await?;
    let sealed = sealed::seal(&key, row(id), &said)?;
    let new = FamilyStored { id, patient_id: patient, sealed, created_by: grant.actor(), created_at: now };
    family_history::add(tx, &new).await?;
    tell::event(app, tx, "family_history.added", patient, id, now);
    tell::audit(tx, caller, "patient.family_history", patient, id, now);
    Ok(FamilyHistory::of(&new, said))
}

/// A page of a patient's family history, in the order it was told.
pub async fn list(app: &App, grant: &Grant<Read, Records>, page: &PageQuery) -> Result<Listed<FamilyHistory>> {
    let found = family_history::of_patient(&mut app.db(), grant, page).await?;
    Ok(Listed::new(opened(app, grant, &found).await?, page, |entry| entry.id))
}

/// A patient's whole family history.
pub async fn all(app: &App, grant: &Grant<Read, Records>) -> Result<Vec<FamilyHistory>> {
    let found = family_history::all(&mut app.db(), grant.patient()).await?;
    opened(app, grant, &found).await
}

async fn opened(app: &App, grant: &Grant<Read, Records>, found: &[FamilyStored]) -> Result<Vec<FamilyHistory>> {
    let key: PatientKey = app.edge::<Vault>().key(&app.db(), grant.patient()).await?;
    let open = |stored: &FamilyStored| {
        grant.covers(stored.patient_id)?;
        let illness: FamilyIllness = sealed::open(&key, row(stored.id), &stored.sealed)?;
        Ok(FamilyHistory::of(stored, illness))
    };
    found.iter().filter(|stored| grant.span().includes(stored.created_at)).map(open).collect()
}

fn row(id: Uuid) -> Row<'static> {
    Row { table: "family_history", id }
}
