//! The signed-in account, and accounts made for others.
use access::{Anyone, By, Clerk};
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Error, Errors, Json, Result, UserId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::User;
use crate::users::{self, UserIn};

/// The account twice: as the members of the answer, and in the ward surface's envelope.
#[derive(Serialize, ToSchema)]
pub struct SignedIn {
    /// Always `success`.
    status: &'static str,
    #[serde(flatten)]
    user: User,
    data: User,
}

/// Shows the account that is signed in.
#[utoipa::path(get, path = "/auth/me", tag = "identity",
    responses((status = 200, body = SignedIn, description = "Your account"), Errors))]
pub async fn me(caller: By<Anyone>, State(app): State<App>) -> Result<Json<SignedIn>> {
    let user = signed_in(&app, &caller).await?;
    Ok(Json(SignedIn { status: "success", user: user.clone(), data: user }))
}

/// Shows the account that is signed in, without an envelope.
#[utoipa::path(get, path = "/api/auth/me", tag = "identity",
    responses((status = 200, body = User, description = "Your account"), Errors))]
pub async fn me_personal(caller: By<Anyone>, State(app): State<App>) -> Result<Json<User>> {
    signed_in(&app, &caller).await.map(Json)
}

/// Makes an account: administrators any, hospitals for their own nurses.
#[utoipa::path(post, path = "/users/create", tag = "identity", request_body = UserIn,
    responses((status = 201, body = User, description = "The new account"), Errors))]
pub async fn create_user(
    caller: By<Clerk>,
    State(app): State<App>,
    Json(ask): Json<UserIn>,
) -> Result<(StatusCode, Json<User>)> {
    let user = users::create(&app, &caller, ask).await?;
    Ok((StatusCode::CREATED, Json(user)))
}

async fn signed_in(app: &App, caller: &By<Anyone>) -> Result<User> {
    let account = crate::account(&mut app.db(), UserId(caller.actor)).await?;
    account.map(User::from).ok_or_else(|| Error::unauthenticated("the account is gone"))
}
