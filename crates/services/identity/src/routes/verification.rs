//! Seeing whether an account's e-mail address and phone are its owner's.
use access::{Anyone, By};
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Errors, Json, Path, Result};

use crate::User;
use crate::verification::{self, Channel, CodeSent, SentCodeIn};

/// Sends a code to your e-mail address or your phone. One a minute and five an hour are sent.
#[utoipa::path(post, path = "/api/v1/auth/verify/{channel}", tag = "identity",
    params(("channel" = inline(Channel), Path, description = "Where the code is sent")),
    responses((status = 202, body = CodeSent, description = "The code is on its way"), Errors))]
pub async fn send_code(
    caller: By<Anyone>,
    State(app): State<App>,
    Path(channel): Path<Channel>,
) -> Result<(StatusCode, Json<CodeSent>)> {
    let sent = verification::send(&app, &caller, channel).await?;
    Ok((StatusCode::ACCEPTED, Json(sent)))
}

/// Takes the code that was sent. It is good for ten minutes and five tries.
#[utoipa::path(post, path = "/api/v1/auth/verify/{channel}/confirm", tag = "identity", request_body = SentCodeIn,
    params(("channel" = inline(Channel), Path, description = "Where the code was sent")),
    responses((status = 200, body = User, description = "Your account, with the address verified"), Errors))]
pub async fn confirm_code(
    caller: By<Anyone>,
    State(app): State<App>,
    Path(channel): Path<Channel>,
    Json(ask): Json<SentCodeIn>,
) -> Result<Json<User>> {
    verification::confirm(&app, &caller, channel, &ask).await.map(Json)
}
