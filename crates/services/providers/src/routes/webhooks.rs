//! `/api/v1/webhooks`: where Fitbit and Google Health tell of news. Who they are, their signatures say.
use axum::extract::{Request, State};
use axum::http::StatusCode;
use garde::Validate;
use kernel::{App, Error, Errors, Query, Result};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::provider::{Provider, Providers};
use crate::webhooks;

/// What Fitbit asks when it is told of this address.
#[derive(Deserialize, IntoParams, Validate)]
#[garde(allow_unvalidated)]
pub struct Verify {
    /// The verification code, or another one to see whether it is refused.
    pub verify: String,
}

/// Says whether a verification code is the one that was agreed on with Fitbit.
#[utoipa::path(get, path = "/api/v1/webhooks/fitbit", tag = "providers", security(()), params(Verify),
    responses((status = 204, description = "It is"), Errors))]
pub async fn verify_fitbit(State(app): State<App>, Query(asked): Query<Verify>) -> Result<StatusCode> {
    let known = app.edge::<Providers>().known(Provider::Fitbit);
    match known.is_some_and(|known| webhooks::fitbit::is_code(known, &asked.verify)) {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Error::not_found("code")),
    }
}

/// Takes in Fitbit's notifications: an array, signed in `X-Fitbit-Signature`. What they tell of is fetched afterwards.
#[utoipa::path(post, path = "/api/v1/webhooks/fitbit", tag = "providers", security(()),
    request_body(content = Vec<Object>, description = "`collectionType`, `ownerId` and `date` of each"),
    responses((status = 204, description = "Taken in"), Errors))]
pub async fn fitbit(State(app): State<App>, request: Request) -> Result<StatusCode> {
    let headers = request.headers().clone();
    let body = kernel::body(request).await?;
    webhooks::fitbit::take_in(&app, &headers, &body).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes in Google Health's notifications: one, or an array, signed in `X-HEALTHAPI-SIGNATURE`; and its verification.
#[utoipa::path(post, path = "/api/v1/webhooks/google-health", tag = "providers", security(()),
    request_body(content = Object, description = "A notification with `data`, an array of them, or `{\"type\": \"verification\"}`"),
    responses(
        (status = 204, description = "Taken in"),
        (status = 201, description = "The verification, with the `Authorization` that was agreed on"),
        Errors,
    ))]
pub async fn google_health(State(app): State<App>, request: Request) -> Result<StatusCode> {
    let headers = request.headers().clone();
    let body = kernel::body(request).await?;
    webhooks::google::take_in(&app, &headers, &body).await
}
