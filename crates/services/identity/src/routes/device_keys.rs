//! Device keys of a hospital or of a patient.
use access::{Anyone, By, DeviceKey};
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Errors, Json, Path, Query, Result};
use uuid::Uuid;

use crate::device_keys::{self, DeviceKeyIn, NewDeviceKey, OwnerQuery};

/// Makes a device key. The key is shown in this answer and never again.
#[utoipa::path(post, path = "/api/v1/device-keys", tag = "identity", request_body = DeviceKeyIn,
    responses((status = 201, body = NewDeviceKey, description = "The new key"), Errors))]
pub async fn create_device_key(
    caller: By<Anyone>,
    State(app): State<App>,
    Json(ask): Json<DeviceKeyIn>,
) -> Result<(StatusCode, Json<NewDeviceKey>)> {
    let made = device_keys::create(&app, &caller, ask).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Lists the device keys of a hospital or a patient, revoked ones too; the keys themselves are not shown.
#[utoipa::path(get, path = "/api/v1/device-keys", tag = "identity", params(OwnerQuery),
    responses((status = 200, body = Vec<DeviceKey>, description = "The keys, without their secrets"), Errors))]
pub async fn list_device_keys(
    caller: By<Anyone>,
    State(app): State<App>,
    Query(owner): Query<OwnerQuery>,
) -> Result<Json<Vec<DeviceKey>>> {
    device_keys::list(&app, &caller, &owner).await.map(Json)
}

/// Revokes a device key: it is refused from the next request on.
#[utoipa::path(delete, path = "/api/v1/device-keys/{id}", tag = "identity",
    params(("id" = Uuid, Path, description = "The device key"), OwnerQuery),
    responses((status = 204, description = "The key is revoked"), Errors))]
pub async fn revoke_device_key(
    caller: By<Anyone>,
    State(app): State<App>,
    Path(id): Path<Uuid>,
    Query(owner): Query<OwnerQuery>,
) -> Result<StatusCode> {
    device_keys::revoke(&app, &caller, id, &owner).await?;
    Ok(StatusCode::NO_CONTENT)
}
