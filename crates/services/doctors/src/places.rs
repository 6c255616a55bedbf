//! A doctor gets a place at a hospital, and loses it.
use access::{Caller, Entry};
use events::Log;
use hospitals::Affiliation;
use kernel::{App, DoctorId, Error, HospitalId, Result};
use serde_json::json;
use store::Tx;

use crate::asked::AffiliationIn;
use crate::queries::doctors;
use crate::{Doctor, tell};

/// Affiliates a doctor with a hospital, or gives the doctor another place there. Conflict when nothing would change, or
/// when the doctor does not practise.
pub async fn affiliate(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    (doctor, hospital): (DoctorId, HospitalId),
    place: AffiliationIn,
) -> Result<Affiliation> {
    // The doctor cannot leave in between.
    let doctor = doctors::practising(tx, doctor).await?;
    start(app, tx, caller, (&doctor, hospital), place).await
}

/// As [`affiliate`], of a doctor whose row is locked.
pub async fn start(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    (doctor, hospital): (&Doctor, HospitalId),
    place: AffiliationIn,
) -> Result<Affiliation> {
    doctors::require_practising(doctor)?;
    let now = app.clock().now();
    let made = hospitals::affiliate(tx, doctor.id, hospital, place.department, place.position, now).await?;
    access::record(tx, Entry::of(caller, "affiliation.start", made.id, now));
    Ok(made)
}

/// Ends a doctor's place at a hospital: from now on the doctor admits, discharges and validates nobody there. Not found when
/// the doctor has no place there.
pub async fn end(app: &App, tx: &mut Tx, caller: &Caller, doctor: DoctorId, hospital: HospitalId) -> Result<()> {
    // The doctor's row first, as everywhere.
    doctors::locked(tx, doctor).await?;
    let now = app.clock().now();
    let ended = hospitals::end_affiliation(tx, doctor, hospital, now).await?;
    let ended = ended.ok_or_else(|| Error::not_found("affiliation"))?;
    let body = json!({
        "kind": "doctor.affiliation_ended",
        "doctor_id": doctor,
        "hospital_id": hospital,
        "affiliation_id": ended.id,
    });
    app.edge::<Log>().emit(tx, tell::TOPIC, doctor.0, body, now);
    access::record(tx, Entry::of(caller, "affiliation.end", ended.id, now));
    Ok(())
}
