//! `/api/v1/institutions`: institutions of every type, hospitals among them, as entries of the directory.
use access::{Admin, Anyone, By, Role};
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Error, Errors, IfMatch, Json, Listed, PageQuery, Path, Query, Result, Stale, Tagged};

use super::InstitutionPath;
use crate::institution_in::{InstitutionFilter, InstitutionIn, InstitutionPatch};
use crate::kinds::InstitutionTypeLine;
use crate::queries::institutions;
use crate::regions::{self, Region};
use crate::rights::{self, Keeper};
use crate::{Institution, InstitutionStatus, InstitutionType, accounts, directory, find_institution, members};

/// Lists institutions.
#[utoipa::path(get, path = "/api/v1/institutions", tag = "institutions", params(InstitutionFilter, PageQuery), responses(
    (status = 200, body = Vec<Institution>, description = "Institutions, in the order they were registered",
        headers(("Link" = String, description = "The next page, when there is one"))),
    Errors,
))]
pub async fn list_institutions(
    caller: By<Anyone>,
    State(app): State<App>,
    Query(filter): Query<InstitutionFilter>,
    Query(page): Query<PageQuery>,
) -> Result<Listed<Institution>> {
    if filter.status == Some(InstitutionStatus::Inactive) && caller.role != Role::Admin {
        return Err(Error::forbidden("administrators alone see what was closed"));
    }
    Ok(institutions::list(&mut app.db(), &filter, &page).await?.map(Institution::from))
}

/// Registers an institution, with a login of its own when a password is sent: both or neither.
#[utoipa::path(post, path = "/api/v1/institutions", tag = "institutions", request_body = InstitutionIn,
    responses((status = 201, body = Institution, description = "The new institution",
        headers(("ETag" = String, description = "Its version"))), Errors))]
pub async fn create_institution(
    caller: By<Admin>,
    State(app): State<App>,
    Json(input): Json<InstitutionIn>,
) -> Result<Tagged<Institution>> {
    let password = accounts::hashed(&app, input.password.as_deref()).await?;
    let mut tx = app.db().begin().await?;
    let made = directory::create(&app, &mut tx, &caller, input.into()).await?;
    accounts::open(&mut tx, &caller, &made, password, members::INSTITUTION).await?;
    tx.commit().await?;
    Ok(Tagged::created(made.into()))
}

/// Shows an institution. Administrators see a closed one too, by its id.
#[utoipa::path(get, path = "/api/v1/institutions/{id}", tag = "institutions", params(InstitutionPath),
    responses((status = 200, body = Institution, description = "The institution",
        headers(("ETag" = String, description = "Its version"))), Errors))]
pub async fn institution(
    caller: By<Anyone>,
    State(app): State<App>,
    Path(path): Path<InstitutionPath>,
) -> Result<Tagged<Institution>> {
    let found = directory::show_institution(&mut app.db(), &caller, &path.id).await?;
    Ok(Tagged::ok(found.into()))
}

/// Changes an institution: its own account or an administrator, who alone changes name, licence number and type.
#[utoipa::path(put, path = "/api/v1/institutions/{id}", tag = "institutions", request_body = InstitutionPatch,
    params(InstitutionPath,
    IfMatch,
), responses(
    (status = 200, body = Institution, description = "The institution as it is now", headers(("ETag" = String, description = "Its new version"))),
    Stale,
    Errors,
))]
pub async fn change_institution(
    caller: By<Keeper>,
    State(app): State<App>,
    Path(path): Path<InstitutionPath>,
    seen: IfMatch,
    Json(patch): Json<InstitutionPatch>,
) -> Result<Tagged<Institution>> {
    let found = find_institution(&mut app.db(), &path.id).await?;
    rights::staff_or_admin(&mut app.db(), &caller, &found).await?;
    let mut tx = app.db().begin().await?;
    let changed = directory::change(&app, &mut tx, &caller, found.id, patch.into(), &seen).await?;
    tx.commit().await?;
    Ok(Tagged::ok(changed.into()))
}

/// Closes an institution in which nobody is admitted, and the accounts of its staff.
#[utoipa::path(delete, path = "/api/v1/institutions/{id}", tag = "institutions", params(InstitutionPath,
    IfMatch,
), responses(
    (status = 204, description = "The institution is closed"),
    Stale,
    Errors,
))]
pub async fn close_institution(
    caller: By<Admin>,
    State(app): State<App>,
    Path(path): Path<InstitutionPath>,
    seen: IfMatch,
) -> Result<StatusCode> {
    let found = find_institution(&mut app.db(), &path.id).await?;
    let mut tx = app.db().begin().await?;
    directory::close(&app, &mut tx, &caller, found.id, &seen).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the types of institutions.
#[utoipa::path(get, path = "/api/v1/institution-types", tag = "institutions",
    responses((status = 200, body = Vec<InstitutionTypeLine>, description = "Every type"), Errors))]
pub async fn institution_types(_: By<Anyone>) -> Json<Vec<InstitutionTypeLine>> {
    Json(InstitutionType::lines())
}

/// Lists the regions, with the institutions and the beds of each.
#[utoipa::path(get, path = "/api/v1/regions", tag = "institutions",
    responses((status = 200, body = Vec<Region>, description = "Regions in the order of their names"), Errors))]
pub async fn regions(_: By<Anyone>, State(app): State<App>) -> Result<Json<Vec<Region>>> {
    regions::list(&mut app.db()).await.map(Json)
}
