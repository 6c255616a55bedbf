//! Passwords changed by their owner, or set anew when forgotten.
use access::{Anyone, By};
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Errors, Json, Result};

use super::SessionMessage;
use crate::forgotten::{self, ForgottenIn, ResetIn};
use crate::password::{self, PasswordChangeIn, PasswordIn};

/// Changes your password and ends your other sessions.
#[utoipa::path(put, path = "/api/v1/auth/password", tag = "identity", request_body = PasswordIn,
    responses((status = 200, body = SessionMessage, description = "The new password counts from now on"), Errors))]
pub async fn change_password(
    caller: By<Anyone>,
    State(app): State<App>,
    Json(ask): Json<PasswordIn>,
) -> Result<Json<SessionMessage>> {
    password::change(&app, &caller, (&ask).into()).await?;
    Ok(Json(SessionMessage::new("your password is changed, and your other sessions have ended")))
}

/// Changes your password and ends your other sessions, for callers that post.
#[utoipa::path(post, path = "/api/v1/auth/password/change", tag = "identity", request_body = PasswordChangeIn,
    responses((status = 200, body = SessionMessage, description = "The new password counts from now on"), Errors))]
pub async fn change_password_post(
    caller: By<Anyone>,
    State(app): State<App>,
    Json(ask): Json<PasswordChangeIn>,
) -> Result<Json<SessionMessage>> {
    password::change(&app, &caller, (&ask).into()).await?;
    Ok(Json(SessionMessage::new("your password is changed, and your other sessions have ended")))
}

/// Sends a token to set a password anew to the account's own address, by mail or else to its phone. Answers alike
/// whether there is such an account or not.
#[utoipa::path(post, path = "/api/v1/auth/password/forgot", tag = "identity", security(()), request_body = ForgottenIn,
    responses((status = 202, body = SessionMessage, description = "Sent, if there is such an account"), Errors))]
pub async fn forgot_password(
    State(app): State<App>,
    Json(ask): Json<ForgottenIn>,
) -> Result<(StatusCode, Json<SessionMessage>)> {
    forgotten::begin(&app, &ask)?;
    let message = SessionMessage::new("if there is such an account, a token is on its way to its address");
    Ok((StatusCode::ACCEPTED, Json(message)))
}

/// Sets a password anew with the token that was sent. Every session of the account ends.
#[utoipa::path(post, path = "/api/v1/auth/password/reset", tag = "identity", security(()), request_body = ResetIn,
    responses((status = 200, body = SessionMessage, description = "The new password counts from now on"), Errors))]
pub async fn reset_forgotten_password(
    State(app): State<App>,
    Json(ask): Json<ResetIn>,
) -> Result<Json<SessionMessage>> {
    forgotten::finish(&app, &ask).await?;
    Ok(Json(SessionMessage::new("your password is set anew; sign in with it")))
}
