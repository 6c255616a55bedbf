//! `/api/patients`: registering, listing, reading, changing and deactivating.
use access::data::Registration;
use access::{Anyone, By, Chart, Clerk, Read, Write};
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Errors, IfMatch, Json, Listed, PageQuery, Query, Result, Stale, Tagged};

use crate::change::{self, Change};
use crate::deactivate;
use crate::model::{Patient, PatientFilter, PatientIn, PatientPatch, PatientView};
use crate::register::{self, Newcomer};
use crate::{listing, show};

/// Registers a patient, with an account when a password is given.
#[utoipa::path(post, path = "/api/patients", tag = "patients", request_body = PatientIn, responses(
    (status = 201, body = Patient, description = "The new patient", headers(("ETag" = String, description = "Its version"))),
    Errors,
))]
pub async fn create(caller: By<Clerk>, State(app): State<App>, Json(said): Json<PatientIn>) -> Result<Tagged<Patient>> {
    let new = Newcomer::of(&app, said).await?;
    let mut tx = app.db().begin().await?;
    let patient = register::register(&app, &mut tx, &caller, new).await?;
    tx.commit().await?;
    Ok(Tagged::created(patient))
}

/// Lists the patients that the caller may see, ordered by when they were registered.
#[utoipa::path(get, path = "/api/patients", tag = "patients", params(PageQuery, PatientFilter), responses(
    (status = 200, body = Vec<Patient>, description = "A page of patients", headers(("Link" = String, description = "The next page, when there is one"))),
    Errors,
))]
pub async fn list(
    caller: By<Anyone>,
    State(app): State<App>,
    Query(page): Query<PageQuery>,
    Query(filter): Query<PatientFilter>,
) -> Result<Listed<Patient>> {
    listing::list(&app, &caller, &page, &filter).await
}

/// Reads one patient, by our id or by the reference given at registration.
#[utoipa::path(get, path = "/api/patients/{patient_id}", tag = "patients", params(
    ("patient_id" = String, Path, description = "Our id or your own reference"),
    PatientView,
), responses(
    (status = 200, body = Patient, description = "The patient", headers(("ETag" = String, description = "Its version"))),
    Errors,
))]
pub async fn get(
    chart: Chart<Read, Registration>,
    State(app): State<App>,
    Query(view): Query<PatientView>,
) -> Result<Tagged<Patient>> {
    let records = show::ask(&app, &chart.caller, &chart, view.include).await?;
    let patient = show::show(&app, &chart.caller, &chart, records).await?;
    Ok(Tagged::ok(patient))
}

/// Changes a patient. Members left out stay as they are.
#[utoipa::path(put, path = "/api/patients/{patient_id}", tag = "patients", params(
    ("patient_id" = String, Path, description = "Our id or your own reference"),
    IfMatch,
), request_body = PatientPatch, responses(
    (status = 200, body = Patient, description = "The changed patient", headers(("ETag" = String, description = "Its new version"))),
    Stale,
    Errors,
))]
pub async fn update(
    chart: Chart<Write, Registration>,
    State(app): State<App>,
    seen: IfMatch,
    Json(patch): Json<PatientPatch>,
) -> Result<Tagged<Patient>> {
    let change = Change::permitted(&app, &chart.caller, chart.patient(), patch, seen).await?;
    let mut tx = app.db().begin().await?;
    let patient = change::update(&app, &mut tx, &chart.caller, &chart, change).await?;
    tx.commit().await?;
    Ok(Tagged::ok(patient))
}

/// Deactivates a patient: an administrator, or the patient. Nothing is erased: administrators still read the registration.
#[utoipa::path(delete, path = "/api/patients/{patient_id}", tag = "patients", params(
    ("patient_id" = String, Path, description = "Our id or your own reference"),
    IfMatch,
), responses(
    (status = 204, description = "The patient is deactivated"),
    Stale,
    Errors,
))]
pub async fn deactivate(
    chart: Chart<Write, Registration>,
    State(app): State<App>,
    seen: IfMatch,
) -> Result<StatusCode> {
    let mut tx = app.db().begin().await?;
    deactivate::deactivate(&app, &mut tx, &chart.caller, &chart, &seen).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Activates a deactivated patient again: an administrator. Who registered the patient is related again; other relations,
/// accounts and device keys that ended stay ended.
#[utoipa::path(post, path = "/api/patients/{patient_id}/activate", tag = "patients", params(
    ("patient_id" = String, Path, description = "Our id or your own reference"),
), responses(
    (status = 200, body = Patient, description = "The active patient", headers(("ETag" = String, description = "Its new version"))),
    Errors,
))]
pub async fn activate(chart: Chart<Write, Registration>, State(app): State<App>) -> Result<Tagged<Patient>> {
    let mut tx = app.db().begin().await?;
    let patient = deactivate::activate(&app, &mut tx, &chart.caller, &chart).await?;
    tx.commit().await?;
    Ok(Tagged::ok(patient))
}
