//! Changing a patient: only what was sent changes.
use access::data::{CareTeam, Contacts, Records, Registration};
use access::{Caller, Grant, Read, Role, Write};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use kernel::{App, Error, IfMatch, Patch, PatientId, Result};
use serde_json::{Value, json};
use store::Tx;

use crate::association::{self, Association};
use crate::model::{
    BloodType, ConditionKind, FamilyContactIn, Patient, PatientPatch, Stored, ValidationStatus, needed_together,
    require_short,
};
use crate::{conditions, contact_points, contacts, health, lookup, merged, queries, search, tell};

/// A change with everything it needs to be made.
pub struct Change {
    patch: PatientPatch,
    /// Asked for when the change touches allergies, chronic conditions or the health profile.
    records: Option<Grant<Write, Records>>,
    /// Somebody else to call first, with the grant that it takes.
    call: Option<(FamilyContactIn, Grant<Write, Contacts>)>,
    seen: IfMatch,
    /// Asked for when the change touches the date of birth, with which the health profile has to agree.
    profile: Option<Grant<Read, Records>>,
}

impl Change {
    /// Asks for the second grant that some changes need; 403 for whoever may not write the patient's records, and for
    /// whoever may not say who is of the care team: to be named leads to a chart.
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
        if patch.names_care_team() {
            Grant::<Write, CareTeam>::ask(app, caller, patient).await?;
        }
        let profile = match patch.date_of_birth {
            Some(_) => readable(app, caller, patient).await?,
            None => None,
        };
        Ok(Self { patch, records, call: None, seen, profile })
    }

    /// The same change, and somebody else is called first in an emergency from now on.
    pub async fn with_call(self, app: &App, caller: &Caller, patient: PatientId, who: FamilyContactIn) -> Result<Self> {
        let grant = Grant::ask(app, caller, patient).await?;
        Ok(Self { call: Some((who, grant)), ..self })
    }

    fn members(&self) -> String {
        let mut members = self.patch.members();
        members.extend(self.call.as_ref().map(|_| "emergency_contact_name"));
        members.join(", ")
    }
}

/// A grant over the records, for those who may read them: others are told nothing of what stands there.
async fn readable(app: &App, caller: &Caller, patient: PatientId) -> Result<Option<Grant<Read, Records>>> {
    match Grant::ask(app, caller, patient).await {
        Ok(grant) => Ok(Some(grant)),
        Err(error) if error.status() == StatusCode::FORBIDDEN => Ok(None),
        Err(error) => Err(error),
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
    let members = change.members();
    if members.is_empty() {
        return merged::answer(tx, was, now).await;
    }
    if caller.role == Role::Patient {
        refuse_identity(&change.patch, &was)?;
    }
    let with = association::changed(app, tx, caller, &was, &change.patch.named).await?;
    let named = &change.patch.named;
    let changed = applied(change.patch.clone(), was.clone(), with, now);
    if named.first_name.is_some() || named.last_name.is_some() {
        require_short(&changed.name)?;
    }
    if is_reachable(&was) && !is_reachable(&changed) {
        return Err(needed_together("contact_email", "contact_phone"));
    }
    if let Some(grant) = change.profile.as_ref().filter(|_| was.date_of_birth != changed.date_of_birth) {
        health::require_agreement(app, tx, grant, changed.date_of_birth).await?;
    }
    write(tx, &was, &changed).await?;
    if changed.blood_type != was.blood_type {
        queries::health::touch(tx, changed.load_key).await?;
    }
    tell::event(app, tx, "patient.updated", changed.load_key, changed.load_key.0, now);
    tell::audit(tx, caller, "patient.update", changed.load_key, members, now);
    let changed = beside(app, tx, caller, change, changed).await?;
    merged::answer(tx, changed, now).await
}

/// Writes the registration, with what the patient is found by when that changed.
async fn write(tx: &mut Tx, was: &Stored, changed: &Stored) -> Result<()> {
    if search::is_found_alike(was, changed) {
        return queries::patients::change(tx, changed).await;
    }
    let found_by = search::keys_of(tx, was).await?;
    queries::patients::change(tx, changed).await?;
    ::contacts::absorb(tx, &contact_points::owner(changed)).await?;
    search::reindex(tx, &found_by, changed).await
}

/// Who the patient is was looked at by others who then opened a chart to themselves: 409 about what the patient would say
/// anew.
fn refuse_identity(patch: &PatientPatch, was: &Stored) -> Result<()> {
    if was.validation_status == ValidationStatus::Pending {
        return Ok(());
    }
    let (first, last) = was.names();
    let differs = |said: &Option<String>, known: &str| said.as_deref().is_some_and(|said| said.trim() != known);
    let changed = [
        ("name", differs(&patch.name, &was.name)),
        ("first_name", differs(&patch.named.first_name, &first)),
        ("last_name", differs(&patch.named.last_name, &last)),
        ("date_of_birth", patch.date_of_birth.is_some_and(|said| said != was.date_of_birth)),
        ("gender", patch.gender.is_some_and(|said| said != was.gender)),
        ("sex_id", patch.named.sex.clone().over(was.sex) != was.sex),
    ];
    match changed.iter().find(|(_, changed)| *changed) {
        Some((member, _)) => Err(Error::conflict("the patient was validated: staff changes it").about(member)),
        None => Ok(()),
    }
}

fn is_reachable(patient: &Stored) -> bool {
    patient.email.is_some() || !patient.contact.is_empty()
}

/// What a change says of things that are kept beside the registration, which answers the registration after it.
async fn beside(app: &App, tx: &mut Tx, caller: &Caller, change: Change, mut registration: Stored) -> Result<Stored> {
    let patch = change.patch;
    if let Some(records) = &change.records {
        let restated = [(ConditionKind::Allergy, patch.allergies), (ConditionKind::Chronic, patch.chronic_conditions)];
        for (kind, names) in restated {
            if let Some(names) = names {
                conditions::restate(app, tx, records, kind, names).await?;
            }
        }
        if let Some(said) = patch.named.health_profile {
            let said = (said, &IfMatch::default(), "health_profile.");
            (_, registration) = health::change(app, tx, caller, records, registration, said).await?;
        }
    }
    if let Some((who, grant)) = change.call {
        contacts::add(app, tx, &grant, who).await?;
    }
    Ok(registration)
}

fn applied(patch: PatientPatch, was: Stored, with: Association, now: DateTime<Utc>) -> Stored {
    let (name, first_name, last_name) = names(&patch, &was);
    let address = match patch.address {
        Patch::Keep => was.address,
        Patch::Clear => json!({}),
        Patch::Set(address) => Value::Object(address),
    };
    let trimmed = |text: String| text.trim().to_owned();
    Stored {
        name,
        first_name,
        last_name,
        date_of_birth: patch.date_of_birth.unwrap_or(was.date_of_birth),
        sex: patch.named.sex.over(was.sex),
        gender: patch.gender.unwrap_or(was.gender),
        contact: patch.contact.map_or(was.contact, trimmed),
        email: patch.email.over(was.email),
        address,
        blood_type: patch.blood_type.over(Some(was.blood_type)).unwrap_or(BloodType::Unknown),
        doctor_id: with.doctor,
        institution_id: with.institution,
        updated_at: now,
        version: was.version + 1,
        ..was
    }
}

/// The whole name and its two parts after a change. A new whole name says nothing of its parts.
fn names(patch: &PatientPatch, was: &Stored) -> (String, Option<String>, Option<String>) {
    let named = &patch.named;
    if named.first_name.is_some() || named.last_name.is_some() {
        let (first, last) = was.names();
        let first = named.first_name.clone().unwrap_or(first);
        let last = named.last_name.clone().unwrap_or(last);
        return (format!("{first} {last}").trim().to_owned(), Some(first), Some(last));
    }
    match patch.name.as_deref().map(str::trim) {
        Some(name) if name != was.name => (name.to_owned(), None, None),
        _ => (was.name.clone(), was.first_name.clone(), was.last_name.clone()),
    }
}
