//! The second factor: set up, used to sign in, taken away.
use access::{Admin, Anyone, By};
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Errors, Json, Path, Result, UserId};

use crate::challenge::{self, SecondStepIn};
use crate::login::LoggedIn;
use crate::second_factor::{self, CodeIn, EnrolIn, Enrolled, ProofIn, RecoveryCodes, SecondFactor};

/// Signs in with the second factor, under the challenge that the first step answered with its 401.
#[utoipa::path(post, path = "/auth/login/totp", tag = "identity", security(()), request_body = SecondStepIn,
    responses((status = 200, body = LoggedIn, description = "A new session"), Errors))]
pub async fn second_step(State(app): State<App>, Json(ask): Json<SecondStepIn>) -> Result<Json<LoggedIn>> {
    challenge::meet(&app, &ask).await.map(Json)
}

/// Signs in with the second factor, on the exchange surface.
#[utoipa::path(post, path = "/api/v1/auth/login/totp", tag = "identity", security(()), request_body = SecondStepIn,
    responses((status = 200, body = LoggedIn, description = "A new session"), Errors))]
pub async fn second_step_v1(State(app): State<App>, Json(ask): Json<SecondStepIn>) -> Result<Json<LoggedIn>> {
    challenge::meet(&app, &ask).await.map(Json)
}

/// Tells whether you have a second factor.
#[utoipa::path(get, path = "/api/v1/auth/totp", tag = "identity",
    responses((status = 200, body = SecondFactor, description = "Your second factor"), Errors))]
pub async fn show_second_factor(caller: By<Anyone>, State(app): State<App>) -> Result<Json<SecondFactor>> {
    second_factor::show(&app, &caller).await.map(Json)
}

/// Makes a secret for your authenticator app. It counts once you confirm a code.
#[utoipa::path(post, path = "/api/v1/auth/totp", tag = "identity", request_body = EnrolIn,
    responses((status = 201, body = Enrolled, description = "The secret, shown this once"), Errors))]
pub async fn enrol_second_factor(
    caller: By<Anyone>,
    State(app): State<App>,
    Json(ask): Json<EnrolIn>,
) -> Result<(StatusCode, Json<Enrolled>)> {
    let made = second_factor::enrol(&app, &caller, &ask).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Turns the second factor on with a code of your app, and hands out recovery codes.
#[utoipa::path(post, path = "/api/v1/auth/totp/confirm", tag = "identity", request_body = CodeIn,
    responses((status = 200, body = RecoveryCodes, description = "The recovery codes, shown this once"), Errors))]
pub async fn confirm_second_factor(
    caller: By<Anyone>,
    State(app): State<App>,
    Json(ask): Json<CodeIn>,
) -> Result<Json<RecoveryCodes>> {
    second_factor::confirm(&app, &caller, &ask).await.map(Json)
}

/// Hands out new recovery codes; those before are void.
#[utoipa::path(post, path = "/api/v1/auth/totp/recovery-codes", tag = "identity", request_body = ProofIn,
    responses((status = 200, body = RecoveryCodes, description = "The recovery codes, shown this once"), Errors))]
pub async fn renew_recovery_codes(
    caller: By<Anyone>,
    State(app): State<App>,
    Json(ask): Json<ProofIn>,
) -> Result<Json<RecoveryCodes>> {
    second_factor::renew_recovery_codes(&app, &caller, &ask).await.map(Json)
}

/// Turns the second factor off, with your password and a code.
#[utoipa::path(post, path = "/api/v1/auth/totp/disable", tag = "identity", request_body = ProofIn,
    responses((status = 204, description = "Signing in asks for the password alone"), Errors))]
pub async fn disable_second_factor(
    caller: By<Anyone>,
    State(app): State<App>,
    Json(ask): Json<ProofIn>,
) -> Result<StatusCode> {
    second_factor::disable(&app, &caller, &ask).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes the second factor of an account whose owner has lost app and codes, for administrators.
#[utoipa::path(delete, path = "/users/{id}/totp", tag = "identity",
    params(("id" = UserId, Path, description = "The account")),
    responses((status = 204, description = "Signing in asks for the password alone"), Errors))]
pub async fn remove_second_factor(
    caller: By<Admin>,
    State(app): State<App>,
    Path(id): Path<UserId>,
) -> Result<StatusCode> {
    second_factor::remove(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
