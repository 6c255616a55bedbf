//! Erasing a patient's registration: what names the patient goes, and what the law keeps stays. What is charted is sealed,
//! and unreadable once the vault has destroyed the key.
use access::Caller;
use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use kernel::{App, Error, PatientId, Result};
use serde_json::json;
use store::Tx;

use crate::leaving::{let_go, require_settled};
use crate::merging::part_from_all;
use crate::model::{BloodType, Stored};
use crate::queries::{self, patients};
use crate::{lookup, search, tell};

/// What stands in place of a name.
const ERASED: &str = "erased";

/// Refuses what has to be settled first, with the patient's row locked: 409 while the record is merged with another, while
/// an emergency is open and while the patient is admitted; 410 for one who was erased.
pub async fn require_erasable(app: &App, tx: &mut Tx, patient: PatientId) -> Result<()> {
    let was = patients::lock(tx, patient).await?.ok_or_else(|| Error::not_found("patient"))?;
    if was.erased_at.is_some() {
        return Err(lookup::gone());
    }
    require_settled(app, tx, &was).await
}

/// Parts what [`require_erasable`] would refuse: for a patient who was erased once, and came back with an old backup. An
/// admission and emergencies are the services' to end that keep them.
pub async fn part_to_erase(app: &App, tx: &mut Tx, caller: &Caller, patient: PatientId) -> Result<()> {
    let was = patients::lock(tx, patient).await?.ok_or_else(|| Error::not_found("patient"))?;
    match was.merge_group {
        Some(_) => part_from_all(app, tx, caller, patient).await,
        None => Ok(()),
    }
}

/// Blanks the registration and ends all that holds on to it: relations, assignments, appointments, consents, accounts,
/// device keys, the people to call, contact points, the search index. Whoever calls this has asked [`require_erasable`] before.
pub async fn erase(app: &App, tx: &mut Tx, caller: &Caller, patient: PatientId) -> Result<()> {
    let now = app.clock().now();
    let was = patients::lock(tx, patient).await?.ok_or_else(|| Error::not_found("patient"))?;
    let_go(app, tx, caller, patient).await?;
    identity::erase_accounts_of(tx, patient.0, now).await?;
    let found_by = search::keys_of(tx, &was).await?;
    for (found, keys) in &found_by {
        queries::search::remove(tx, *found, keys).await?;
    }
    ::contacts::forget(tx, patient.0).await?;
    patients::change(tx, &blank(was, now)).await?;
    queries::erase::forget(tx, patient, now).await?;
    tell::event(app, tx, "patient.erased", patient, patient.0, now);
    tell::audit(tx, caller, "patient.erase", patient, patient, now);
    Ok(())
}

/// Of the birth date the year stays: it says how old the patients of a hospital were, and not who.
fn blank(was: Stored, now: DateTime<Utc>) -> Stored {
    Stored {
        name: ERASED.to_owned(),
        first_name: None,
        last_name: None,
        date_of_birth: NaiveDate::from_ymd_opt(was.date_of_birth.year(), 1, 1).unwrap_or(was.date_of_birth),
        contact: String::new(),
        email: None,
        address: json!({}),
        blood_type: BloodType::Unknown,
        is_active: false,
        updated_at: now,
        version: was.version + 1,
        ..was
    }
}
