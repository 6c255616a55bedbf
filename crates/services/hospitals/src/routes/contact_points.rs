//! `/api/v1/institutions/{id}/contact-points`: further ways to reach an institution.
use access::{Anyone, By};
use axum::extract::State;
use axum::http::StatusCode;
use contacts::{ContactPoint, ContactPointFilter, ContactPointIn, ContactPointPatch};
use kernel::{App, Errors, IfMatch, Json, Path, Query, Result, Stale, Tagged};

use super::{ContactPointPath, InstitutionPath};
use crate::rights::{self, Keeper};
use crate::{contact_points, directory, find_institution};

/// Lists the ways to reach an institution; of each kind the primary comes first.
#[utoipa::path(get, path = "/api/v1/institutions/{id}/contact-points", tag = "institutions",
    params(InstitutionPath, ContactPointFilter),
    responses((status = 200, body = Vec<ContactPoint>, description = "All of them"), Errors))]
pub async fn institution_contact_points(
    caller: By<Anyone>,
    State(app): State<App>,
    Path(path): Path<InstitutionPath>,
    Query(filter): Query<ContactPointFilter>,
) -> Result<Json<Vec<ContactPoint>>> {
    let found = directory::show_institution(&mut app.db(), &caller, &path.id).await?;
    contact_points::list(&mut app.db(), &found, filter.kind).await.map(Json)
}

/// Adds a way to reach an institution: its own account or an administrator.
#[utoipa::path(post, path = "/api/v1/institutions/{id}/contact-points", tag = "institutions",
    params(InstitutionPath), request_body = ContactPointIn,
    responses((status = 201, body = ContactPoint, description = "The new contact point",
        headers(("ETag" = String, description = "Its version"))), Errors))]
pub async fn add_institution_contact_point(
    caller: By<Keeper>,
    State(app): State<App>,
    Path(path): Path<InstitutionPath>,
    Json(said): Json<ContactPointIn>,
) -> Result<Tagged<ContactPoint>> {
    let found = find_institution(&mut app.db(), &path.id).await?;
    rights::staff_or_admin(&mut app.db(), &caller, &found).await?;
    let mut tx = app.db().begin().await?;
    let point = contact_points::add(&app, &mut tx, &caller, found.id, said).await?;
    tx.commit().await?;
    Ok(Tagged::created(point))
}

/// Changes a contact point, or swaps it with the institution's own by `is_primary`.
#[utoipa::path(put, path = "/api/v1/institutions/{id}/contact-points/{point_id}", tag = "institutions",
    request_body = ContactPointPatch, params(ContactPointPath,
    IfMatch,
), responses(
    (status = 200, body = ContactPoint, description = "The contact point as it is now; without an id once it is the primary",
        headers(("ETag" = String, description = "Its new version"))),
    Stale,
    Errors,
))]
pub async fn change_institution_contact_point(
    caller: By<Keeper>,
    State(app): State<App>,
    Path(path): Path<ContactPointPath>,
    seen: IfMatch,
    Json(patch): Json<ContactPointPatch>,
) -> Result<Tagged<ContactPoint>> {
    let found = find_institution(&mut app.db(), &path.id).await?;
    rights::staff_or_admin(&mut app.db(), &caller, &found).await?;
    let mut tx = app.db().begin().await?;
    let at = (found.id, path.point_id);
    let point = contact_points::change(&app, &mut tx, &caller, at, patch, &seen).await?;
    tx.commit().await?;
    Ok(Tagged::ok(point))
}

/// Removes a contact point; the primary goes through the institution itself.
#[utoipa::path(delete, path = "/api/v1/institutions/{id}/contact-points/{point_id}", tag = "institutions",
    params(ContactPointPath,
    IfMatch,
), responses(
    (status = 204, description = "It is gone"),
    Stale,
    Errors,
))]
pub async fn remove_institution_contact_point(
    caller: By<Keeper>,
    State(app): State<App>,
    Path(path): Path<ContactPointPath>,
    seen: IfMatch,
) -> Result<StatusCode> {
    let found = find_institution(&mut app.db(), &path.id).await?;
    rights::staff_or_admin(&mut app.db(), &caller, &found).await?;
    let mut tx = app.db().begin().await?;
    contact_points::remove(&app, &mut tx, &caller, (found.id, path.point_id), &seen).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
