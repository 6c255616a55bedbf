//! Whose appointments a request is about, and who may ask for appointments at all.
use access::{Act, Caller, Grant, Role, Who, data};
use axum::http::StatusCode;
use kernel::{App, DoctorId, Error, PatientId, Result};

use crate::model::AppointmentId;
use crate::queries;

/// Books and looks: patients, and those who treat or register them.
pub struct Scheduler;
impl Who for Scheduler {
    const ROLES: &'static [Role] = &[Role::Patient, Role::Doctor, Role::Nurse, Role::Hospital];
}

/// A grant over the patient of this id or reference; over the signed-in patient when none is named.
pub async fn grant<A: Act>(app: &App, caller: &Caller, name: Option<&str>) -> Result<Grant<A, data::Appointments>> {
    let patient = match (name, caller.role, caller.reference) {
        (Some(name), ..) => patients::find(&app.db(), name).await?.ok_or_else(|| Error::not_found("patient"))?,
        (None, Role::Patient, Some(own)) => PatientId(own),
        _ => return Err(Error::invalid("patient_id", "is required: whose appointment is it")),
    };
    Grant::ask(app, caller, patient).await
}

/// A grant over the patient of this appointment. To whom the patient is a stranger, the appointment does not exist either.
pub async fn grant_of<A: Act>(app: &App, caller: &Caller, id: AppointmentId) -> Result<Grant<A, data::Appointments>> {
    let found = queries::by_id(&mut app.db(), id).await?.ok_or_else(|| Error::not_found("appointment"))?;
    match Grant::ask(app, caller, found.patient_id).await {
        Err(error) if error.status() == StatusCode::NOT_FOUND => Err(Error::not_found("appointment")),
        Ok(grant) if !Grant::span(&grant).includes(found.scheduled_at) => Err(Error::not_found("appointment")),
        asked => asked,
    }
}

/// Refuses to give an appointment to another patient than the one it is of.
pub async fn require_same(app: &App, patient: PatientId, name: Option<&str>) -> Result<()> {
    let Some(name) = name else { return Ok(()) };
    match name.parse() == Ok(patient) || patients::find(&app.db(), name).await? == Some(patient) {
        true => Ok(()),
        false => Err(Error::invalid("patient_id", "is kept for good and cannot be changed")),
    }
}

/// The doctor that a filter names: the signed-in one as `me`. None when the caller is a doctor who names nobody, or when
/// nobody is named.
pub async fn doctor(app: &App, caller: &Caller, name: Option<&str>) -> Result<Option<DoctorId>> {
    let own = caller.reference.filter(|_| caller.role == Role::Doctor).map(DoctorId);
    match name {
        None => Ok(None),
        Some("me") => own.map(Some).ok_or_else(|| Error::invalid("doctor_id", "is `me` for doctors alone")),
        Some(name) => {
            let found = doctors::find(&mut app.db(), name).await?;
            found.map(|doctor| Some(doctor.id)).ok_or_else(|| Error::invalid("doctor_id", "is not an active doctor"))
        }
    }
}
