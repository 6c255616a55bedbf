//! Sessions: checked by other programs, listed and ended by their owner.
use access::{Anyone, By};
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Errors, Json, Path, Result, SessionId};

use crate::sessions::{self, OwnSession, TokenIn, ValidSession, VerifiedToken};

/// Tells whether an access token is good, and whose it is.
#[utoipa::path(post, path = "/auth/verify-token", tag = "identity", security(()), request_body = TokenIn,
    responses((status = 200, body = VerifiedToken, description = "`valid` tells; `payload` says whose the token is"), Errors))]
pub async fn verify_token(State(app): State<App>, Json(ask): Json<TokenIn>) -> Result<Json<VerifiedToken>> {
    sessions::verify(&app, &ask.token).await.map(Json)
}

/// Tells about the session of the token that is sent along.
#[utoipa::path(get, path = "/auth/session/validate", tag = "identity",
    responses((status = 200, body = ValidSession, description = "The session lives"), Errors))]
pub async fn validate_session(caller: By<Anyone>, State(app): State<App>) -> Result<Json<ValidSession>> {
    sessions::validate(&app, &caller).await.map(Json)
}

/// Tells about the session of the token that is sent along, for callers that post.
#[utoipa::path(post, path = "/auth/session/validate", tag = "identity",
    responses((status = 200, body = ValidSession, description = "The session lives"), Errors))]
pub async fn validate_session_post(caller: By<Anyone>, State(app): State<App>) -> Result<Json<ValidSession>> {
    sessions::validate(&app, &caller).await.map(Json)
}

/// Lists your live sessions, oldest first.
#[utoipa::path(get, path = "/api/v1/auth/sessions", tag = "identity",
    responses((status = 200, body = Vec<OwnSession>, description = "Your live sessions"), Errors))]
pub async fn list_sessions(caller: By<Anyone>, State(app): State<App>) -> Result<Json<Vec<OwnSession>>> {
    sessions::list(&app, &caller).await.map(Json)
}

/// Ends one of your sessions.
#[utoipa::path(delete, path = "/api/v1/auth/sessions/{id}", tag = "identity",
    params(("id" = SessionId, Path, description = "The session")),
    responses((status = 204, description = "The session has ended"), Errors))]
pub async fn end_session(caller: By<Anyone>, State(app): State<App>, Path(id): Path<SessionId>) -> Result<StatusCode> {
    sessions::end(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends all of your sessions but this one.
#[utoipa::path(delete, path = "/api/v1/auth/sessions", tag = "identity",
    responses((status = 204, description = "Your other sessions have ended"), Errors))]
pub async fn end_other_sessions(caller: By<Anyone>, State(app): State<App>) -> Result<StatusCode> {
    sessions::end_others(&app, &caller).await?;
    Ok(StatusCode::NO_CONTENT)
}
