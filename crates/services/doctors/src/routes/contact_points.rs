//! `/api/v1/doctors/{id}/contact-points`: further ways to reach a doctor.
use access::{Anyone, By};
use axum::extract::State;
use axum::http::StatusCode;
use contacts::{ContactPoint, ContactPointFilter, ContactPointIn, ContactPointPatch};
use kernel::{App, Errors, IfMatch, Json, Path, Query, Result, Stale, Tagged};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::rights::{self, Keeper};
use crate::{contact_points, directory};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct OfDoctor {
    /// The doctor's id, or the reference given at registration.
    id: String,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ContactPointPath {
    /// The doctor's id, or the reference given at registration.
    id: String,
    point_id: Uuid,
}

/// Lists the ways to reach a doctor; of each kind the primary comes first.
#[utoipa::path(get, path = "/api/v1/doctors/{id}/contact-points", tag = "doctors", params(OfDoctor, ContactPointFilter),
    responses((status = 200, body = Vec<ContactPoint>, description = "All of them"), Errors))]
pub async fn doctor_contact_points(
    caller: By<Anyone>,
    State(app): State<App>,
    Path(path): Path<OfDoctor>,
    Query(filter): Query<ContactPointFilter>,
) -> Result<Json<Vec<ContactPoint>>> {
    let doctor = directory::show(&mut app.db(), &caller, &path.id).await?;
    contact_points::list(&mut app.db(), &doctor, filter.kind).await.map(Json)
}

/// Adds a way to reach a doctor: the doctor or an administrator.
#[utoipa::path(post, path = "/api/v1/doctors/{id}/contact-points", tag = "doctors", params(OfDoctor),
    request_body = ContactPointIn, responses(
    (status = 201, body = ContactPoint, description = "The new contact point", headers(("ETag" = String, description = "Its version"))),
    Errors,
))]
pub async fn add_doctor_contact_point(
    caller: By<Keeper>,
    State(app): State<App>,
    Path(path): Path<OfDoctor>,
    Json(said): Json<ContactPointIn>,
) -> Result<Tagged<ContactPoint>> {
    let doctor = directory::named(&mut app.db(), &path.id).await?;
    rights::oneself_or_admin(&caller, doctor.id)?;
    let mut tx = app.db().begin().await?;
    let point = contact_points::add(&app, &mut tx, &caller, doctor.id, said).await?;
    tx.commit().await?;
    Ok(Tagged::created(point))
}

/// Changes a contact point, or swaps it with the doctor's own by `is_primary`.
#[utoipa::path(put, path = "/api/v1/doctors/{id}/contact-points/{point_id}", tag = "doctors",
    request_body = ContactPointPatch, params(ContactPointPath,
    IfMatch,
), responses(
    (status = 200, body = ContactPoint, description = "The contact point as it is now; without an id once it is the primary",
        headers(("ETag" = String, description = "Its new version"))),
    Stale,
    Errors,
))]
pub async fn change_doctor_contact_point(
    caller: By<Keeper>,
    State(app): State<App>,
    Path(path): Path<ContactPointPath>,
    seen: IfMatch,
    Json(patch): Json<ContactPointPatch>,
) -> Result<Tagged<ContactPoint>> {
    let doctor = directory::named(&mut app.db(), &path.id).await?;
    rights::oneself_or_admin(&caller, doctor.id)?;
    let mut tx = app.db().begin().await?;
    let at = (doctor.id, path.point_id);
    let point = contact_points::change(&app, &mut tx, &caller, at, patch, &seen).await?;
    tx.commit().await?;
    Ok(Tagged::ok(point))
}

/// Removes a contact point; the primary goes through the doctor's entry itself.
#[utoipa::path(delete, path = "/api/v1/doctors/{id}/contact-points/{point_id}", tag = "doctors", params(ContactPointPath,
    IfMatch,
), responses(
    (status = 204, description = "It is gone"),
    Stale,
    Errors,
))]
pub async fn remove_doctor_contact_point(
    caller: By<Keeper>,
    State(app): State<App>,
    Path(path): Path<ContactPointPath>,
    seen: IfMatch,
) -> Result<StatusCode> {
    let doctor = directory::named(&mut app.db(), &path.id).await?;
    rights::oneself_or_admin(&caller, doctor.id)?;
    let mut tx = app.db().begin().await?;
    contact_points::remove(&app, &mut tx, &caller, (doctor.id, path.point_id), &seen).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
