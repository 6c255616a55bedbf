//! The signed-in account, and accounts made for others.
use access::{Admin, Anyone, By, Clerk};
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Error, Errors, Json, Listed, PageQuery, Path, Query, Result, UserId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::User;
use crate::manage::{self, NewPasswordIn, UserFilter};
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

/// Lists accounts, for administrators.
#[utoipa::path(get, path = "/users", tag = "identity", params(PageQuery, UserFilter),
    responses((status = 200, body = Vec<User>, description = "A page of accounts, ordered by id"), Errors))]
pub async fn list_users(
    caller: By<Admin>,
    State(app): State<App>,
    Query(page): Query<PageQuery>,
    Query(which): Query<UserFilter>,
) -> Result<Listed<User>> {
    manage::list(&app, &caller, &page, &which).await
}

/// Closes an account and ends its sessions: administrators any but their own, hospitals their own nurses'.
#[utoipa::path(post, path = "/users/{id}/disable", tag = "identity",
    params(("id" = UserId, Path, description = "The account")),
    responses((status = 200, body = User, description = "The account, closed"), Errors))]
pub async fn disable_user(caller: By<Clerk>, State(app): State<App>, Path(id): Path<UserId>) -> Result<Json<User>> {
    manage::disable(&app, &caller, id).await.map(Json)
}

/// Opens a closed account again: administrators any, hospitals their own nurses'.
#[utoipa::path(post, path = "/users/{id}/enable", tag = "identity",
    params(("id" = UserId, Path, description = "The account")),
    responses((status = 200, body = User, description = "The account, open"), Errors))]
pub async fn enable_user(caller: By<Clerk>, State(app): State<App>, Path(id): Path<UserId>) -> Result<Json<User>> {
    manage::enable(&app, &caller, id).await.map(Json)
}

/// Gives an account another password and ends its sessions, for administrators.
#[utoipa::path(post, path = "/users/{id}/password", tag = "identity", request_body = NewPasswordIn,
    params(("id" = UserId, Path, description = "The account")),
    responses((status = 204, description = "The new password counts from now on"), Errors))]
pub async fn reset_password(
    caller: By<Admin>,
    State(app): State<App>,
    Path(id): Path<UserId>,
    Json(ask): Json<NewPasswordIn>,
) -> Result<StatusCode> {
    manage::reset_password(&app, &caller, id, &ask).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn signed_in(app: &App, caller: &By<Anyone>) -> Result<User> {
    let account = crate::account(&mut app.db(), UserId(caller.actor)).await?;
    account.map(User::from).ok_or_else(|| Error::unauthenticated("the account is gone"))
}
