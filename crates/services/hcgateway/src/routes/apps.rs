//! `/api/v2/counts`, `health` and `status`, which the newer app asks for.
use access::data::Wearables;
use access::{By, Grant, Read};
use axum::extract::State;
use kernel::{App, Json, Result};
use patients::{Oneself, oneself};

use crate::model::{Alive, GatewayStatus, RecordCounts};
use crate::plain::PlainErrors;
use crate::status as state;

/// RecordCounts your records by their kinds.
#[utoipa::path(get, path = "/api/v2/counts", tag = "hcgateway",
    responses((status = 200, body = RecordCounts, description = "How many there are of each kind"), PlainErrors))]
pub async fn counts(caller: By<Oneself>, State(app): State<App>) -> Result<Json<RecordCounts>> {
    let grant = Grant::<Read, Wearables>::ask(&app, &caller, oneself(&caller)?).await?;
    state::counts(&app, &grant).await.map(Json)
}

/// Says that the gateway is there, to an app that may have to sign in anew.
#[utoipa::path(get, path = "/api/v2/health", tag = "hcgateway", security(()),
    responses((status = 200, body = Alive, description = "The gateway is there"), PlainErrors))]
pub async fn health() -> Json<Alive> {
    Json(state::OK)
}

/// Tells whether your phone still sends.
#[utoipa::path(get, path = "/api/v2/status", tag = "hcgateway",
    responses((status = 200, body = GatewayStatus, description = "How the gateway and your data are"), PlainErrors))]
pub async fn status(caller: By<Oneself>, State(app): State<App>) -> Result<Json<GatewayStatus>> {
    let grant = Grant::<Read, Wearables>::ask(&app, &caller, oneself(&caller)?).await?;
    state::status(&app, &grant).await.map(Json)
}
