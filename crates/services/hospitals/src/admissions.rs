//! Admissions: a bed taken, the people who may now look after the patient, and the bed freed again.
use access::data::Care;
use access::{Caller, Entry, Grant, Kind, Write};
use chrono::{DateTime, Utc};
use kernel::{App, DoctorId, EncounterId, Error, HospitalId, PatientId, Result, text_enum};
use serde::Serialize;
use serde_json::json;
use store::{Sql, Tx};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::queries::{admissions, beds};
use crate::{DoctorCheck, notes};

text_enum!(
    /// An admission is active until it is discharged, and never becomes active again.
    AdmissionState { Active = "active", Discharged = "discharged" }
);

/// A room of a hospital.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Room {
    pub id: Uuid,
    pub room_number: String,
}

/// A stay in a hospital: "encounter" on the ward's surface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Admission {
    pub id: EncounterId,
    pub patient_id: PatientId,
    pub hospital_id: HospitalId,
    /// The doctor who attends, if one was named.
    pub doctor_id: Option<DoctorId>,
    pub room: Option<Room>,
    pub treatment_type: String,
    pub department: Option<String>,
    pub status: AdmissionState,
    pub admitted_at: DateTime<Utc>,
    pub discharged_at: Option<DateTime<Utc>>,
}

/// An admission to make. Whoever asks has made sure that `by` may admit to this hospital.
pub struct AdmissionIn<'a> {
    pub patient: PatientId,
    pub hospital: HospitalId,
    pub doctor: Option<DoctorId>,
    /// The room is made when nobody was put there before.
    pub room_number: Option<String>,
    /// `inpatient` when nothing is said.
    pub treatment_type: Option<String>,
    pub department: Option<String>,
    pub reason: Option<String>,
    pub by: &'a Caller,
}

const TOPIC: &str = "admissions";

/// Admits a patient: takes a bed, and makes the hospital and the attending doctor related to the patient.
///
/// Every transaction takes its rows in the same order (doctor, patient, hospital, admission), so that an admission and
/// a discharge never wait for each other. Conflict when no bed is left or the patient is admitted already; `doctor_id`
/// does not fit when there is no such active doctor.
pub async fn admit(app: &App, tx: &mut Tx, input: AdmissionIn<'_>) -> Result<Admission> {
    require_doctor(app, tx, input.doctor).await?;
    patients::require_active(tx, input.patient).await?;
    refuse_second_stay(tx, input.patient).await?;
    let taken = beds::take(tx, input.hospital).await?;
    taken.ok_or_else(|| Error::conflict("No beds available in the hospital"))?;
    let room = match input.room_number {
        Some(number) => beds::room(tx, input.hospital, number.trim().to_owned()).await?,
        None => None,
    };
    let admission = Admission {
        id: EncounterId::new(),
        patient_id: input.patient,
        hospital_id: input.hospital,
        doctor_id: input.doctor,
        room,
        treatment_type: input.treatment_type.unwrap_or_else(|| "inpatient".to_owned()),
        department: input.department,
        status: AdmissionState::Active,
        admitted_at: app.clock().now(),
        discharged_at: None,
    };
    let reason = notes::seal(app, tx, &admission, notes::REASON, input.reason).await?;
    admissions::add(tx, &admission, reason, input.by.actor).await?;
    relate(tx, &admission).await?;
    tell(app, tx, input.by, "admitted", &admission, admission.admitted_at);
    Ok(admission)
}

async fn require_doctor(app: &App, tx: &mut Tx, doctor: Option<DoctorId>) -> Result<()> {
    let Some(doctor) = doctor else { return Ok(()) };
    match (app.edge::<DoctorCheck>().0)(tx, doctor).await? {
        true => Ok(()),
        false => Err(Error::invalid("doctor_id", "is not an active doctor")),
    }
}

/// Nobody lies in two beds. Of one record the table holds to that itself; this is about records that were merged.
async fn refuse_second_stay(tx: &mut Tx, patient: PatientId) -> Result<()> {
    for record in access::group(tx, patient).await?.into_iter().filter(|record| *record != patient) {
        if admissions::active_of_patient(tx, record).await?.is_some() {
            return Err(Error::conflict("the patient is admitted already, under another record of the same person"));
        }
    }
    Ok(())
}

/// From now until the discharge, these may read and write the patient's chart.
async fn relate(tx: &mut Tx, a: &Admission) -> Result<()> {
    let (basis, now) = (a.id.0, a.admitted_at);
    access::relate(tx, a.patient_id, a.hospital_id.0, Kind::AdmittingHospital, basis, now).await?;
    match a.doctor_id {
        Some(doctor) => access::relate(tx, a.patient_id, doctor.0, Kind::AttendingDoctor, basis, now).await,
        None => Ok(()),
    }
}

/// The patient's current admission to this hospital. Conflict when it ended, not found when there never was one.
pub async fn open_here(sql: &mut impl Sql, hospital: HospitalId, patient: PatientId) -> Result<Admission> {
    let found = admissions::active_of_patient(sql, patient).await?.filter(|found| found.hospital_id == hospital);
    match found {
        Some(admission) => Ok(admission),
        None if admissions::ever_here(sql, hospital, patient).await? => Err(already_discharged()),
        None => Err(Error::not_found("admission")),
    }
}

fn already_discharged() -> Error {
    Error::conflict("the patient was already discharged")
}

/// Discharges a patient: frees the bed and ends what the admission allowed. Conflict when it was done before.
pub async fn discharge(
    app: &App,
    tx: &mut Tx,
    grant: &Grant<Write, Care>,
    id: EncounterId,
    summary: Option<String>,
    by: &Caller,
) -> Result<Admission> {
    let now = app.clock().now();
    let found = admissions::admission(tx, id).await?.filter(|found| found.patient_id == grant.patient());
    let found = found.ok_or_else(|| Error::not_found("admission"))?;
    let summary = notes::seal(app, tx, &found, notes::SUMMARY, summary).await?;
    // The hospital's row before the admission's, as when admitting.
    beds::free(tx, found.hospital_id).await?;
    let ended = admissions::end(tx, id, now, by.actor, summary).await?;
    ended.ok_or_else(already_discharged)?;
    access::end_basis(tx, id.0, now).await?;
    let discharged = Admission { status: AdmissionState::Discharged, discharged_at: Some(now), ..found };
    tell(app, tx, by, "discharged", &discharged, now);
    Ok(discharged)
}

/// Tells followers and the audit chain what happened.
fn tell(app: &App, tx: &mut Tx, by: &Caller, kind: &'static str, a: &Admission, at: DateTime<Utc>) {
    let body = json!({
        "kind": kind,
        "encounter_id": a.id,
        "patient_id": a.patient_id,
        "hospital_id": a.hospital_id,
        "doctor_id": a.doctor_id,
    });
    app.edge::<events::Log>().emit(tx, TOPIC, a.patient_id.0, body, at);
    access::record(tx, Entry::of(by, format!("admission.{kind}"), a.id, at).about(a.patient_id));
}
