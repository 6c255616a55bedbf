//! `/api/v1/patients/{id}/health-profile`: body measures and habits.
use access::data::Records;
use access::{Chart, Read, Write};
use axum::extract::State;
use kernel::{App, Errors, IfMatch, Json, Result, Stale, Tagged};

use crate::model::{HealthProfile, HealthProfileIn};
use crate::{health, lookup};

/// Shows a patient's health profile; empty before anything was recorded.
#[utoipa::path(get, path = "/api/v1/patients/{id}/health-profile", tag = "patients", params(
    ("id" = String, Path, description = "Our id or your own reference"),
), responses(
    (status = 200, body = HealthProfile, description = "The health profile", headers(("ETag" = String, description = "Its version"))),
    Errors,
))]
pub async fn show(chart: Chart<Read, Records>, State(app): State<App>) -> Result<Tagged<HealthProfile>> {
    health::show(&app, &chart).await.map(Tagged::ok)
}

/// Changes a patient's health profile: those who treat the patient. Members left out stay as they are.
#[utoipa::path(put, path = "/api/v1/patients/{id}/health-profile", tag = "patients", params(
    ("id" = String, Path, description = "Our id or your own reference"),
    IfMatch,
), request_body = HealthProfileIn, responses(
    (status = 200, body = HealthProfile, description = "The changed profile", headers(("ETag" = String, description = "Its new version"))),
    Stale,
    Errors,
))]
pub async fn change(
    chart: Chart<Write, Records>,
    State(app): State<App>,
    seen: IfMatch,
    Json(said): Json<HealthProfileIn>,
) -> Result<Tagged<HealthProfile>> {
    let mut tx = app.db().begin().await?;
    let patient = lookup::active(&mut tx, chart.patient()).await?;
    let (profile, _) = health::change(&app, &mut tx, &chart.caller, &chart, patient, (said, &seen, "")).await?;
    tx.commit().await?;
    Ok(Tagged::ok(profile))
}
