//! Keeping a patient's health profile and reading it, with a grant over the patient's records.
use access::data::Records;
use access::{Caller, Grant, Read, Write};
use chrono::{DateTime, NaiveDate, Utc};
use kernel::{App, Error, IfMatch, Patch, Result};
use store::Tx;
use vault::{PatientKey, Row, Vault};

use crate::model::{BloodType, HealthBody, HealthProfile, HealthProfileIn, HealthStored, Stored, age};
use crate::queries::{health, patients};
use crate::{sealed, tell};

/// Writes down what was said at registration, without a grant: who registers cannot read it back.
pub async fn record_first(
    tx: &mut Tx,
    key: &PatientKey,
    patient: &Stored,
    said: HealthProfileIn,
    now: DateTime<Utc>,
) -> Result<()> {
    let body = HealthBody::default().after(said);
    body.agrees(age(patient.date_of_birth, now), "health_profile.")?;
    health::put(tx, &stored(key, &body, 1, now)?).await
}

/// A patient's health profile, empty before anything was recorded, and when it was written at another time than the grant
/// is for.
pub async fn show(app: &App, grant: &Grant<Read, Records>) -> Result<HealthProfile> {
    let (mut db, patient) = (app.db(), grant.patient());
    let registration = patients::by_id(&db, patient).await?.ok_or_else(|| Error::not_found("patient"))?;
    let stored = health::of_patient(&mut db, patient).await?;
    let Some(stored) = stored.filter(|stored| grant.span().includes(stored.updated_at)) else {
        return Ok(empty(registration.blood_type));
    };
    let key = app.edge::<Vault>().key(&db, patient).await?;
    grant.covers(stored.patient_id)?;
    let body: HealthBody = sealed::open(&key, row(&key), &stored.sealed)?;
    Ok(HealthProfile {
        body,
        blood_type_id: registration.blood_type,
        updated_at: Some(stored.updated_at),
        version: stored.version,
    })
}

/// Refuses a date of birth that the health profile contradicts, as one after the patient began to smoke.
pub async fn require_agreement(app: &App, tx: &mut Tx, grant: &Grant<Read, Records>, born: NaiveDate) -> Result<()> {
    let patient = grant.patient();
    let Some(stored) = health::of_patient(tx, patient).await? else { return Ok(()) };
    let key = sealed::key_in(tx, app.edge::<Vault>(), patient).await?;
    grant.covers(stored.patient_id)?;
    let body: HealthBody = sealed::open(&key, row(&key), &stored.sealed)?;
    body.agrees(age(born, app.clock().now()), "health_profile.").map_err(|error| {
        let why = format!("disagrees with the health profile: {}", error.detail());
        Error::invalid("date_of_birth", why)
    })
}

/// Changes what was said of the health profile of an active patient, whose row is locked; answers it, and the row as it
/// is then. `within` stands before the names of members that do not fit.
pub async fn change(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    grant: &Grant<Write, Records>,
    registration: Stored,
    (said, seen, within): (HealthProfileIn, &IfMatch, &str),
) -> Result<(HealthProfile, Stored)> {
    let (patient, now) = (grant.patient(), app.clock().now());
    let key = sealed::key_in(tx, app.edge::<Vault>(), patient).await?;
    let was = health::of_patient(tx, patient).await?;
    if was.as_ref().is_some_and(|was| !grant.span().includes(was.updated_at)) {
        return Err(Error::forbidden("the profile is of another time than your consent is for"));
    }
    let version = was.as_ref().map_or(0, |was| was.version);
    seen.require(version)?;
    let known: HealthBody = match &was {
        Some(was) => sealed::open(&key, row(&key), &was.sealed)?,
        None => HealthBody::default(),
    };
    let blood_type = said.blood_type_id.clone();
    let body = known.after(said);
    body.agrees(age(registration.date_of_birth, now), within)?;
    let kept = stored(&key, &body, version + 1, now)?;
    health::put(tx, &kept).await?;
    let registration = retype(tx, registration, blood_type, now).await?;
    tell::event(app, tx, "health_profile.updated", patient, patient.0, now);
    tell::audit(tx, caller, "patient.health_profile", patient, patient, now);
    let blood_type_id = registration.blood_type;
    let profile = HealthProfile { body, blood_type_id, updated_at: Some(now), version: kept.version };
    Ok((profile, registration))
}

/// The blood type stands in the registration; both surfaces show the one.
async fn retype(tx: &mut Tx, was: Stored, said: Patch<BloodType>, now: DateTime<Utc>) -> Result<Stored> {
    let blood_type = said.over(Some(was.blood_type)).unwrap_or(BloodType::Unknown);
    if blood_type == was.blood_type {
        return Ok(was);
    }
    let changed = Stored { blood_type, updated_at: now, version: was.version + 1, ..was };
    patients::change(tx, &changed).await?;
    Ok(changed)
}

fn empty(blood_type_id: BloodType) -> HealthProfile {
    HealthProfile { body: HealthBody::default(), blood_type_id, updated_at: None, version: 0 }
}

fn stored(key: &PatientKey, body: &HealthBody, version: i64, now: DateTime<Utc>) -> Result<HealthStored> {
    let sealed = sealed::seal(key, row(key), body)?;
    Ok(HealthStored { patient_id: key.patient(), sealed, updated_at: now, version })
}

fn row(key: &PatientKey) -> Row<'static> {
    Row { table: "health_profiles", id: key.patient().0 }
}
