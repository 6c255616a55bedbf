//! Service accounts, for administrators.
use access::{Admin, By, ServiceAccount};
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Errors, Json, Listed, PageQuery, Path, Query, Result};
use uuid::Uuid;

use crate::service_accounts::{self, NewSecret, ServiceAccountIn};

/// Makes a service account. Its secret is shown in this answer and never again.
#[utoipa::path(post, path = "/api/v1/service-accounts", tag = "identity", request_body = ServiceAccountIn,
    responses((status = 201, body = NewSecret, description = "The new service account"), Errors))]
pub async fn create_service_account(
    caller: By<Admin>,
    State(app): State<App>,
    Json(ask): Json<ServiceAccountIn>,
) -> Result<(StatusCode, Json<NewSecret>)> {
    let made = service_accounts::create(&app, &caller, ask).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Lists service accounts, revoked ones too, without their secrets.
#[utoipa::path(get, path = "/api/v1/service-accounts", tag = "identity", params(PageQuery),
    responses((status = 200, body = Vec<ServiceAccount>, description = "A page, ordered by id"), Errors))]
pub async fn list_service_accounts(
    _caller: By<Admin>,
    State(app): State<App>,
    Query(page): Query<PageQuery>,
) -> Result<Listed<ServiceAccount>> {
    service_accounts::list(&app, &page).await
}

/// Revokes a service account: it is refused from the next request on.
#[utoipa::path(delete, path = "/api/v1/service-accounts/{id}", tag = "identity",
    params(("id" = Uuid, Path, description = "The service account")),
    responses((status = 204, description = "The service account is revoked"), Errors))]
pub async fn revoke_service_account(
    caller: By<Admin>,
    State(app): State<App>,
    Path(id): Path<Uuid>,
) -> Result<StatusCode> {
    service_accounts::revoke(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
