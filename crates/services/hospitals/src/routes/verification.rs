//! `/api/v1/institutions/{id}/verification`: what was found of a licence.
use access::{Admin, By};
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Errors, IfMatch, Json, Listed, PageQuery, Path, Query, Result, Stale};

use super::InstitutionPath;
use crate::queries::verifications as queries;
use crate::rights::{self, Keeper};
use crate::verification::{self, Verification, VerificationIn};
use crate::{directory, find_institution};

/// Shows what was found of the licence, to administrators and the institution's own account.
#[utoipa::path(get, path = "/api/v1/institutions/{id}/verification", tag = "institutions",
    params(InstitutionPath, PageQuery), responses(
    (status = 200, body = Vec<Verification>, description = "The newest first",
        headers(("Link" = String, description = "The next page, when there is one"))),
    Errors,
))]
pub async fn verifications(
    caller: By<Keeper>,
    State(app): State<App>,
    Path(path): Path<InstitutionPath>,
    Query(page): Query<PageQuery>,
) -> Result<Listed<Verification>> {
    let found = directory::show_institution(&mut app.db(), &caller, &path.id).await?;
    rights::staff_or_admin(&mut app.db(), &caller, &found).await?;
    queries::list(&mut app.db(), found.id, &page).await
}

/// Says what was found of the licence: an administrator.
#[utoipa::path(post, path = "/api/v1/institutions/{id}/verification", tag = "institutions",
    request_body = VerificationIn, params(InstitutionPath,
    IfMatch,
), responses(
    (status = 201, body = Verification, description = "The new entry of the history"),
    Stale,
    Errors,
))]
pub async fn verify_institution(
    caller: By<Admin>,
    State(app): State<App>,
    Path(path): Path<InstitutionPath>,
    seen: IfMatch,
    Json(said): Json<VerificationIn>,
) -> Result<(StatusCode, Json<Verification>)> {
    let found = find_institution(&mut app.db(), &path.id).await?;
    let mut tx = app.db().begin().await?;
    let verification = verification::decide(&app, &mut tx, &caller, found.id, said, &seen).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(verification)))
}
