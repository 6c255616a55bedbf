//! The patients a doctor looks after.
use access::data::CareTeam;
use access::{By, Chart, Write};
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Errors, Json, Listed, PageQuery, Path, Query, Result};

use super::DoctorPath;
use crate::asked::{AssignmentIn, PatientsFilter};
use crate::list::{self, DoctorsPatient};
use crate::{Assignment, assignments, directory, rights};

/// Lists the doctor's patients, current and previous, to the doctor alone.
#[utoipa::path(get, path = "/api/doctors/{doctor_id}/patients", tag = "doctors",
    params(DoctorPath, PatientsFilter, PageQuery), responses(
    (status = 200, body = Vec<DoctorsPatient>, description = "Patients in the order they were assigned",
        headers(("Link" = String, description = "The next page, when there is one"))),
    Errors,
))]
pub async fn doctors_patients(
    caller: By<access::Doctor>,
    State(app): State<App>,
    Path(path): Path<DoctorPath>,
    Query(filter): Query<PatientsFilter>,
    Query(page): Query<PageQuery>,
) -> Result<Listed<DoctorsPatient>> {
    let doctor = directory::named(&mut app.db(), &path.doctor_id).await?;
    rights::oneself(&caller, doctor.id)?;
    list::patients(&app, &caller, doctor.id, &filter, &page).await
}

/// Assigns a patient: the patient does, and staff that treats or registered the patient. An administrator does not, who
/// could otherwise make a doctor's account and read a chart with it.
#[utoipa::path(post, path = "/api/doctors/{doctor_id}/patients/{patient_id}", tag = "doctors",
    params(DoctorPath, ("patient_id" = String, Path, description = "Our id or your own reference"), AssignmentIn),
    responses((status = 201, body = Assignment, description = "The assignment"), Errors))]
pub async fn assign_patient(
    chart: Chart<Write, CareTeam>,
    State(app): State<App>,
    Path(path): Path<DoctorPath>,
    Query(_current): Query<AssignmentIn>,
) -> Result<(StatusCode, Json<Assignment>)> {
    let doctor = directory::named(&mut app.db(), &path.doctor_id).await?;
    let mut tx = app.db().begin().await?;
    let assignment = assignments::assign(&app, &mut tx, &chart.caller, &chart, doctor.id).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(assignment)))
}

/// Ends an assignment; its history stays. Whoever may make one may end one.
#[utoipa::path(delete, path = "/api/doctors/{doctor_id}/patients/{patient_id}", tag = "doctors",
    params(DoctorPath, ("patient_id" = String, Path, description = "Our id or your own reference")),
    responses((status = 204, description = "The assignment has ended"), Errors))]
pub async fn end_assignment(
    chart: Chart<Write, CareTeam>,
    State(app): State<App>,
    Path(path): Path<DoctorPath>,
) -> Result<StatusCode> {
    let doctor = directory::named(&mut app.db(), &path.doctor_id).await?;
    let mut tx = app.db().begin().await?;
    assignments::end(&app, &mut tx, &chart.caller, &chart, doctor.id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
