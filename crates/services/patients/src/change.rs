//! Changing a patient: only what was sent changes.
use access::data::{Records, Registration};
use access::{Caller, Grant, Write};
use chrono::{DateTime, Utc};
use kernel::{App, Error, IfMatch, Patch, PatientId, Result};
use serde_json::{Value, json};
use store::Tx;

use crate::model::{BloodType, ConditionKind, Patient, PatientPatch, Stored};
use crate::{conditions, lookup, queries, tell};

/// A change with everything it needs to be made.
pub struct Change {
    patch: PatientPatch,
    /// Asked for when the change touches allergies or chronic conditions.
    records: Option<Grant<Write, Records>>,
    seen: IfMatch,
}

impl Change {
    /// Asks for the second grant that some changes need; 403 for whoever may not write the patient's records.
    pub async fn permitted(
        app: &App,
        caller: &Caller,
        patient: PatientId,
        patch: PatientPatch,
        seen: IfMatch,
    ) -> Result<Self> {
        let records = match patch.touches_records() {
            true => Some(Grant::ask(app, caller, patient).await?),
            false => None,
        };
        Ok(Self { patch, records, seen })
    }
}

/// Changes a patient. 409 when the patient has been deactivated, 412 when it is another version than the caller has seen.
pub async fn update(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    grant: &Grant<Write, Registration>,
    change: Change,
) -> Result<Patient> {
    let now = app.clock().now();
    let was = lookup::active(tx, grant.patient()).await?;
    change.seen.require(was.version)?;
    if change.patch.patient_id.as_ref().is_some_and(|other| *other != was.reference) {
        return Err(Error::invalid("patient_id", "is kept for good and cannot be changed"));
    }
    let members = change.patch.members().join(", ");
    if members.is_empty() {
        return Ok(Patient::of(was, now));
    }
    let (allergies, chronic) = (change.patch.allergies.clone(), change.patch.chronic_conditions.clone());
    let changed = applied(change.patch, was, now);
    queries::patients::change(tx, &changed).await?;
    if let Some(records) = &change.records {
        for (kind, names) in [(ConditionKind::Allergy, allergies), (ConditionKind::Chronic, chronic)] {
            if let Some(names) = names {
                conditions::restate(app, tx, records, kind, names).await?;
            }
        }
    }
    tell::event(app, tx, "patient.updated", changed.load_key, changed.load_key.0, now);
    tell::audit(tx, caller, "patient.update", changed.load_key, members, now);
    Ok(Patient::of(changed, now))
}

fn applied(patch: PatientPatch, was: Stored, now: DateTime<Utc>) -> Stored {
    let address = match patch.address {
        Patch::Keep => was.address,
        Patch::Clear => json!({}),
        Patch::Set(address) => Value::Object(address),
    };
    let trimmed = |text: String| text.trim().to_owned();
    Stored {
        name: patch.name.map_or(was.name, trimmed),
        date_of_birth: patch.date_of_birth.unwrap_or(was.date_of_birth),
        gender: patch.gender.unwrap_or(was.gender),
        contact: patch.contact.map_or(was.contact, trimmed),
        email: patch.email.over(was.email),
        address,
        blood_type: patch.blood_type.over(Some(was.blood_type)).unwrap_or(BloodType::Unknown),
        updated_at: now,
        version: was.version + 1,
        ..was
    }
}
