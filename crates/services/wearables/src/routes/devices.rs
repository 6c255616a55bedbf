//! `/api/v1/wearables/device…`: registering devices, listing them, letting them go.
use access::{Anyone, By};
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Errors, Json, Listed, PageQuery, Path, Query, Result};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::devices::{self, Device, DeviceIn};
use crate::whose::Named;

/// Whose data is asked for.
#[derive(Debug, Default, Deserialize, IntoParams, garde::Validate)]
#[garde(allow_unvalidated)]
pub struct WhoseQuery {
    /// Our id or your own reference of the patient; whom your account stands for when left out.
    #[garde(inner(length(min = 1, max = 100)))]
    #[param(max_length = 100)]
    pub patient_id: Option<String>,
    /// In place of `patient_id`.
    #[garde(inner(length(min = 1, max = 100)))]
    #[param(max_length = 100)]
    pub patient_aadhar_uid: Option<String>,
}

impl WhoseQuery {
    pub fn named(&self) -> Named<'_> {
        Named { patient_id: self.patient_id.as_deref(), patient_aadhar_uid: self.patient_aadhar_uid.as_deref() }
    }
}

/// Registers a wearable device of a patient. The same `device_id` again says anew what is known of the device.
///
/// 403 without the patient's consent to keep what wearables send.
#[utoipa::path(post, path = "/api/v1/wearables/device/register", tag = "wearables", request_body = DeviceIn, responses(
    (status = 201, body = Device, description = "Registered"),
    (status = 200, body = Device, description = "It was registered; this is what is known of it now"),
    Errors,
))]
pub async fn register(
    caller: By<Anyone>,
    State(app): State<App>,
    Json(said): Json<DeviceIn>,
) -> Result<(StatusCode, Json<Device>)> {
    let named =
        Named { patient_id: said.patient_id.as_deref(), patient_aadhar_uid: said.patient_aadhar_uid.as_deref() };
    let grant = named.grant(&app, &caller).await?;
    let mut tx = app.db().begin().await?;
    let (is_new, device) = devices::register(&app, &mut tx, &caller, &grant, said).await?;
    tx.commit().await?;
    Ok((if is_new { StatusCode::CREATED } else { StatusCode::OK }, Json(device)))
}

/// Lists what sends data about a patient: registered devices, and the apps and providers that sent something.
#[utoipa::path(get, path = "/api/v1/wearables/devices", tag = "wearables", params(WhoseQuery, PageQuery), responses(
    (status = 200, body = Vec<Device>, description = "A page, in the order they were first seen",
        headers(("Link" = String, description = "The next page, when there is one"))),
    Errors,
))]
pub async fn list(
    caller: By<Anyone>,
    State(app): State<App>,
    Query(whose): Query<WhoseQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Listed<Device>> {
    let grant = whose.named().grant(&app, &caller).await?;
    devices::list(&app, &grant, &page).await
}

/// Removes a device: it sends no more. What it sent stays.
#[utoipa::path(delete, path = "/api/v1/wearables/device/{device_id}", tag = "wearables", params(
    ("device_id" = String, Path, description = "The name under which it was registered, or our id of it"),
    WhoseQuery,
), responses(
    (status = 204, description = "Removed"),
    Errors,
))]
pub async fn remove(
    caller: By<Anyone>,
    State(app): State<App>,
    Path(device): Path<String>,
    Query(whose): Query<WhoseQuery>,
) -> Result<StatusCode> {
    let grant = whose.named().grant(&app, &caller).await?;
    let mut tx = app.db().begin().await?;
    devices::remove(&app, &mut tx, &caller, &grant, &device).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
