//! Assignments: a doctor looks after a patient, and may read and write the patient's chart as long as that lasts.
use access::data::CareTeam;
use access::{Caller, Entry, Grant, Kind, Write};
use chrono::{DateTime, Utc};
use kernel::{App, DoctorId, Error, PatientId, Result, text_enum};
use serde::Serialize;
use serde_json::json;
use store::Tx;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::queries::{assignments, doctors};

text_enum!(RelationshipType { Current = "current", Previous = "previous" });

/// That a doctor looks after a patient, or did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Assignment {
    pub id: Uuid,
    pub doctor_id: DoctorId,
    pub patient_id: PatientId,
    pub relationship_type: RelationshipType,
    pub started_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
}

const TOPIC: &str = "assignments";

/// Assigns the patient of the grant. Conflict when the doctor looks after the patient already, or does not practise; not
/// found when there is no such active doctor.
pub async fn assign(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    grant: &Grant<Write, CareTeam>,
    doctor: DoctorId,
) -> Result<Assignment> {
    // The doctor's row before the patient's, as when admitting: two transactions never wait for each other.
    doctors::practising(tx, doctor).await?;
    patients::require_active(tx, grant.patient()).await?;
    start(app, tx, caller, grant.patient(), doctor).await
}

/// Assigns a patient to the doctor who validates the registration, unless it is so already. Whoever calls this holds both
/// rows, and has made sure that the doctor was asked to.
pub async fn assign_validated(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    patient: PatientId,
    doctor: DoctorId,
) -> Result<()> {
    match assignments::current(tx, doctor, patient).await? {
        // The patient may have been away since, and then nobody is related any more.
        Some(basis) => access::relate(tx, patient, doctor.0, Kind::AssignedDoctor, basis, app.clock().now()).await,
        None => start(app, tx, caller, patient, doctor).await.map(drop),
    }
}

async fn start(app: &App, tx: &mut Tx, caller: &Caller, patient: PatientId, doctor: DoctorId) -> Result<Assignment> {
    let assignment = Assignment {
        id: kernel::ids::new(),
        doctor_id: doctor,
        patient_id: patient,
        relationship_type: RelationshipType::Current,
        started_at: app.clock().now(),
        ended_at: None,
    };
    assignments::add(tx, &assignment).await?;
    let (basis, now) = (assignment.id, assignment.started_at);
    access::relate(tx, patient, doctor.0, Kind::AssignedDoctor, basis, now).await?;
    tell(app, tx, caller, "assigned", &assignment, now);
    Ok(assignment)
}

/// Ends the assignment of the grant's patient; its history stays.
pub async fn end(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    grant: &Grant<Write, CareTeam>,
    doctor: DoctorId,
) -> Result<()> {
    let now = app.clock().now();
    let ended = assignments::end(tx, doctor, grant.patient(), now).await?;
    let ended = ended.ok_or_else(|| Error::not_found("assignment"))?;
    close(app, tx, caller, &ended, now).await
}

/// Ends every current assignment of a doctor who leaves.
pub async fn end_all(app: &App, tx: &mut Tx, caller: &Caller, doctor: DoctorId) -> Result<()> {
    let now = app.clock().now();
    for ended in assignments::end_all(tx, doctor, now).await? {
        close(app, tx, caller, &ended, now).await?;
    }
    Ok(())
}

/// Ends every current assignment of a patient who leaves.
pub async fn end_of_patient(app: &App, tx: &mut Tx, caller: &Caller, patient: PatientId) -> Result<()> {
    let now = app.clock().now();
    for ended in assignments::end_of_patient(tx, patient, now).await? {
        close(app, tx, caller, &ended, now).await?;
    }
    Ok(())
}

async fn close(app: &App, tx: &mut Tx, caller: &Caller, ended: &Assignment, now: DateTime<Utc>) -> Result<()> {
    access::end_basis(tx, ended.id, now).await?;
    tell(app, tx, caller, "ended", ended, now);
    Ok(())
}

/// Tells followers and the audit chain what happened.
fn tell(app: &App, tx: &mut Tx, caller: &Caller, kind: &'static str, a: &Assignment, at: DateTime<Utc>) {
    let body = json!({
        "kind": kind,
        "assignment_id": a.id,
        "doctor_id": a.doctor_id,
        "patient_id": a.patient_id,
    });
    app.edge::<events::Log>().emit(tx, TOPIC, a.patient_id.0, body, at);
    access::record(tx, Entry::of(caller, format!("assignment.{kind}"), a.id, at).about(a.patient_id));
}
