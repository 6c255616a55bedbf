//! `/api/v2/login`, `refresh` and `revoke`.
use access::By;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use kernel::{App, Json, Result};
use patients::Oneself;

use super::Sent;
use crate::model::{PhoneDone, PhoneLoginIn, PhoneRefreshIn, PhoneTokens};
use crate::phones;
use crate::plain::{PlainError, PlainErrors};

/// Signs a phone in. The account is a patient's, who has agreed that what wearables send is kept.
#[utoipa::path(post, path = "/api/v2/login", tag = "hcgateway", security(()), request_body = PhoneLoginIn,
    responses((status = 201, body = PhoneTokens, description = "The phone's tokens"), PlainErrors,
        (status = 403, body = PlainError, description = "The name or the password is wrong, or the patient has not agreed")))]
pub async fn log_in(State(app): State<App>, headers: HeaderMap, body: Sent) -> Result<(StatusCode, Json<PhoneTokens>)> {
    let ask: PhoneLoginIn = body.json("invalid request").await?;
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or("unknown");
    let tokens = phones::sign_in(&app, ask, agent.chars().take(200).collect()).await?;
    Ok((StatusCode::CREATED, Json(tokens)))
}

/// Gives a phone its next token. The refresh token stays the same; a phone that asks at least once a month stays signed in.
#[utoipa::path(post, path = "/api/v2/refresh", tag = "hcgateway", security(()), request_body = PhoneRefreshIn,
    responses((status = 200, body = PhoneTokens, description = "The phone's tokens"), PlainErrors))]
pub async fn refresh(State(app): State<App>, body: Sent) -> Result<Json<PhoneTokens>> {
    let ask: PhoneRefreshIn = body.json("invalid request").await?;
    phones::renew(&app, ask.refresh).await.map(Json)
}

/// Signs the phone out.
#[utoipa::path(delete, path = "/api/v2/revoke", tag = "hcgateway",
    responses((status = 200, body = PhoneDone, description = "The phone's tokens are dead"), PlainErrors))]
pub async fn revoke(caller: By<Oneself>, State(app): State<App>) -> Result<Json<PhoneDone>> {
    phones::sign_out(&app, &caller).await?;
    Ok(Json(PhoneDone::YES))
}

/// Signs the phone out, for apps that post.
#[utoipa::path(post, path = "/api/v2/revoke", tag = "hcgateway",
    responses((status = 200, body = PhoneDone, description = "The phone's tokens are dead"), PlainErrors))]
pub async fn revoke_post(caller: By<Oneself>, State(app): State<App>) -> Result<Json<PhoneDone>> {
    revoke(caller, State(app)).await
}
