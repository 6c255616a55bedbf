//! `/api/v1/patients/{id}/contact-points`: further ways to reach a patient.
use access::data::Contacts;
use access::{Chart, Read, Write};
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Errors, IfMatch, Json, Path, Query, Result, Stale, Tagged};
use serde::Deserialize;
use uuid::Uuid;

use ::contacts::{ContactPoint, ContactPointFilter, ContactPointIn, ContactPointPatch};

use crate::contact_points;

/// The patient is named to [`Chart`].
#[derive(Deserialize)]
pub struct OfPatient {
    point_id: Uuid,
}

/// Lists the ways to reach a patient; of each kind the primary comes first.
#[utoipa::path(get, path = "/api/v1/patients/{id}/contact-points", tag = "patients", params(
    ("id" = String, Path, description = "Our id or your own reference"),
    ContactPointFilter,
), responses((status = 200, body = Vec<ContactPoint>, description = "All of them"), Errors))]
pub async fn list(
    chart: Chart<Read, Contacts>,
    State(app): State<App>,
    Query(filter): Query<ContactPointFilter>,
) -> Result<Json<Vec<ContactPoint>>> {
    contact_points::list(&app, &chart.caller, &chart, filter.kind).await.map(Json)
}

/// Adds a way to reach a patient.
#[utoipa::path(post, path = "/api/v1/patients/{id}/contact-points", tag = "patients", params(
    ("id" = String, Path, description = "Our id or your own reference"),
), request_body = ContactPointIn, responses(
    (status = 201, body = ContactPoint, description = "The new contact point", headers(("ETag" = String, description = "Its version"))),
    Errors,
))]
pub async fn add(
    chart: Chart<Write, Contacts>,
    State(app): State<App>,
    Json(said): Json<ContactPointIn>,
) -> Result<Tagged<ContactPoint>> {
    let mut tx = app.db().begin().await?;
    let point = contact_points::add(&app, &mut tx, &chart.caller, &chart, said).await?;
    tx.commit().await?;
    Ok(Tagged::created(point))
}

/// Changes a contact point, or swaps it with the patient's own by `is_primary`.
#[utoipa::path(put, path = "/api/v1/patients/{id}/contact-points/{point_id}", tag = "patients", params(
    ("id" = String, Path, description = "Our id or your own reference"),
    ("point_id" = Uuid, Path, description = "The contact point"),
    IfMatch,
), request_body = ContactPointPatch, responses(
    (status = 200, body = ContactPoint, description = "The contact point as it is now; without an id once it is the primary",
        headers(("ETag" = String, description = "Its new version"))),
    Stale,
    Errors,
))]
pub async fn change(
    chart: Chart<Write, Contacts>,
    State(app): State<App>,
    Path(path): Path<OfPatient>,
    seen: IfMatch,
    Json(patch): Json<ContactPointPatch>,
) -> Result<Tagged<ContactPoint>> {
    let mut tx = app.db().begin().await?;
    let point = contact_points::change(&app, &mut tx, &chart.caller, &chart, path.point_id, patch, &seen).await?;
    tx.commit().await?;
    Ok(Tagged::ok(point))
}

/// Removes a contact point; the primary goes through the patient's registration itself.
#[utoipa::path(delete, path = "/api/v1/patients/{id}/contact-points/{point_id}", tag = "patients", params(
    ("id" = String, Path, description = "Our id or your own reference"),
    ("point_id" = Uuid, Path, description = "The contact point"),
    IfMatch,
), responses(
    (status = 204, description = "It is gone"),
    Stale,
    Errors,
))]
pub async fn remove(
    chart: Chart<Write, Contacts>,
    State(app): State<App>,
    Path(path): Path<OfPatient>,
    seen: IfMatch,
) -> Result<StatusCode> {
    let mut tx = app.db().begin().await?;
    contact_points::remove(&app, &mut tx, &chart.caller, &chart, path.point_id, &seen).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
