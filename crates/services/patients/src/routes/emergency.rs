//! `/api/patients/{patient_id}/emergency`: raising an emergency and ending it.
use access::data::Emergencies;
use access::{Chart, Write};
use axum::extract::State;
use kernel::{App, Errors, Json, Result, Tagged};

use crate::emergencies;
use crate::model::{EmergencyReport, Patient};

/// Raises an emergency: the patient's flag is set and responders are told.
#[utoipa::path(post, path = "/api/patients/{patient_id}/emergency", tag = "patients", params(
    ("patient_id" = String, Path, description = "Our id or your own reference"),
), request_body = EmergencyReport, responses(
    (status = 201, body = Patient, description = "The patient, with the flag set"),
    Errors,
))]
pub async fn raise(
    chart: Chart<Write, Emergencies>,
    State(app): State<App>,
    Json(report): Json<EmergencyReport>,
) -> Result<Tagged<Patient>> {
    let mut tx = app.db().begin().await?;
    let patient = emergencies::raise(&app, &mut tx, &chart, chart.caller.role, report).await?;
    tx.commit().await?;
    Ok(Tagged::created(patient))
}

/// Ends every open emergency of the patient and clears the flag.
#[utoipa::path(delete, path = "/api/patients/{patient_id}/emergency", tag = "patients", params(
    ("patient_id" = String, Path, description = "Our id or your own reference"),
), responses(
    (status = 200, body = Patient, description = "The patient, with the flag cleared"),
    Errors,
))]
pub async fn clear(chart: Chart<Write, Emergencies>, State(app): State<App>) -> Result<Tagged<Patient>> {
    let mut tx = app.db().begin().await?;
    let patient = emergencies::clear(&app, &mut tx, &chart, chart.caller.role).await?;
    tx.commit().await?;
    Ok(Tagged::ok(patient))
}
