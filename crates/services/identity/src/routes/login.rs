//! Logging in, renewing a session, logging out: the same on every surface that has them.
use access::{Anyone, By};
use axum::extract::State;
use axum::http::{HeaderMap, header};
use kernel::{App, Errors, Json, Result};

use super::SessionMessage;
use crate::login::{self, LoggedIn, LoginIn};
use crate::refresh::{self, RefreshIn};

/// Logs in by e-mail, username, phone or Aadhaar number. Who has a second factor gets 401 with `mfa_required` and a `challenge`, which
/// `/auth/login/totp` takes.
#[utoipa::path(post, path = "/auth/login", tag = "identity", security(()), request_body = LoginIn,
    responses((status = 200, body = LoggedIn, description = "A new session"), Errors))]
pub async fn log_in(State(app): State<App>, headers: HeaderMap, Json(ask): Json<LoginIn>) -> Result<Json<LoggedIn>> {
    login::log_in(&app, &ask, device(&headers)).await.map(Json)
}

/// Logs in, on the personal health surface.
#[utoipa::path(post, path = "/api/auth/login", tag = "identity", security(()), request_body = LoginIn,
    responses((status = 200, body = LoggedIn, description = "A new session"), Errors))]
pub async fn log_in_personal(
    State(app): State<App>,
    headers: HeaderMap,
    Json(ask): Json<LoginIn>,
) -> Result<Json<LoggedIn>> {
    login::log_in(&app, &ask, device(&headers)).await.map(Json)
}

/// Logs in, on the exchange surface.
#[utoipa::path(post, path = "/api/v1/auth/login", tag = "identity", security(()), request_body = LoginIn,
    responses((status = 200, body = LoggedIn, description = "A new session"), Errors))]
pub async fn log_in_v1(State(app): State<App>, headers: HeaderMap, Json(ask): Json<LoginIn>) -> Result<Json<LoggedIn>> {
    login::log_in(&app, &ask, device(&headers)).await.map(Json)
}

/// Exchanges a refresh token for a new pair. Each is good once; one that was used before ends its session.
#[utoipa::path(post, path = "/api/auth/refresh", tag = "identity", security(()), request_body = RefreshIn,
    responses((status = 200, body = LoggedIn, description = "The session's next pair of tokens"), Errors))]
pub async fn refresh_personal(State(app): State<App>, Json(ask): Json<RefreshIn>) -> Result<Json<LoggedIn>> {
    refresh::renew(&app, &ask).await.map(Json)
}

/// Exchanges a refresh token for a new pair, on the exchange surface.
#[utoipa::path(post, path = "/api/v1/auth/refresh", tag = "identity", security(()), request_body = RefreshIn,
    responses((status = 200, body = LoggedIn, description = "The session's next pair of tokens"), Errors))]
pub async fn refresh_v1(State(app): State<App>, Json(ask): Json<RefreshIn>) -> Result<Json<LoggedIn>> {
    refresh::renew(&app, &ask).await.map(Json)
}

/// Logs out: the session ends, and its tokens with it.
#[utoipa::path(post, path = "/auth/logout", tag = "identity",
    responses((status = 200, body = SessionMessage, description = "The session has ended"), Errors))]
pub async fn log_out(caller: By<Anyone>, State(app): State<App>) -> Result<Json<SessionMessage>> {
    let mut tx = app.db().begin().await?;
    login::log_out(&mut tx, &caller, app.clock().now()).await?;
    tx.commit().await?;
    Ok(Json(SessionMessage::new("you are logged out")))
}

/// Logs out, on the exchange surface.
#[utoipa::path(post, path = "/api/v1/auth/logout", tag = "identity",
    responses((status = 200, body = SessionMessage, description = "The session has ended"), Errors))]
pub async fn log_out_v1(caller: By<Anyone>, State(app): State<App>) -> Result<Json<SessionMessage>> {
    log_out(caller, State(app)).await
}

/// What the program that logs in calls itself, for the list of sessions; long names are cut.
fn device(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    agent.unwrap_or("unknown").chars().take(200).collect()
}
