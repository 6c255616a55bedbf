//! `/api/v1/wearables/providers`: the accounts at providers that a patient connected.
use access::data::Wearables;
use access::{Anyone, By, Caller, Grant, Write};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, Utc};
use garde::Validate;
use kernel::{App, Body, Error, Errors, Json, Listed, PageQuery, Path, PatientId, Query, Result};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::connect::{self, Arrival};
use crate::ending;
use crate::portable::{self, ProviderConnection};
use crate::provider::Provider;

/// Whose accounts.
#[derive(Default, Deserialize, IntoParams, ToSchema, Validate)]
pub struct Whose {
    /// Our id or your own reference; left out, it is yourself.
    #[garde(length(chars, max = 200))]
    #[schema(max_length = 200)]
    #[param(max_length = 200)]
    pub patient_id: Option<String>,
}

/// Where to go.
#[derive(Serialize, ToSchema)]
pub struct Departing {
    /// Open this in a browser: the provider asks whether its data may be fetched.
    authorization_url: String,
    /// Until when to be back.
    expires_at: DateTime<Utc>,
}

/// What the provider's page sends back in its address.
#[derive(Deserialize, IntoParams, ToSchema, Validate)]
pub struct BroughtBack {
    #[garde(length(chars, max = 200))]
    #[schema(max_length = 200)]
    #[param(max_length = 200)]
    pub state: String,
    #[garde(length(chars, max = 4096))]
    #[schema(max_length = 4096)]
    #[param(max_length = 4096)]
    pub code: String,
}

/// Lists the accounts that were connected, the last one first, and how fetching from them goes.
#[utoipa::path(get, path = "/api/v1/wearables/providers", tag = "providers", params(Whose, PageQuery),
    responses((status = 200, body = Vec<ProviderConnection>, description = "A page of accounts, also those that ended"), Errors))]
pub async fn list(
    caller: By<Anyone>,
    State(app): State<App>,
    Query(whose): Query<Whose>,
    Query(page): Query<PageQuery>,
) -> Result<Listed<ProviderConnection>> {
    let patient = patient(&app, &caller, whose).await?;
    let grant = Grant::ask(&app, &caller, patient).await?;
    portable::connections(&app, &grant, &page).await
}

/// Begins to connect an account: the patient, and who acts for them. It needs the consent to keep what wearables send.
#[utoipa::path(post, path = "/api/v1/wearables/providers/{provider}/connect", tag = "providers",
    params(("provider" = Provider, Path, description = "Which provider")), request_body = Option<Whose>,
    responses((status = 200, body = Departing, description = "Where to go"), Errors))]
pub async fn connect(
    caller: By<Anyone>,
    State(app): State<App>,
    Path(provider): Path<Provider>,
    Body(whose): Body<Whose>,
) -> Result<Response> {
    connect::require_patient(&caller)?;
    let grant = granted(&app, &caller, whose).await?;
    let begun = connect::begin(&app, &caller, &grant, provider).await?;
    let cookie = format!(
        "{COOKIE}={}; Path=/api/v1/wearables/providers; Max-Age={}; HttpOnly; SameSite=Lax{}",
        begun.secret,
        connect::AWAY.num_seconds(),
        if begun.is_encrypted { "; Secure" } else { "" }
    );
    let shown = Departing { authorization_url: begun.authorization_url, expires_at: begun.expires_at };
    let mut response = Json(shown).into_response();
    response.headers_mut().insert(header::SET_COOKIE, HeaderValue::try_from(cookie).map_err(Error::internal)?);
    Ok(response)
}

/// The cookie of the browser that set out.
const COOKIE: &str = "nadi_provider";

/// Where the provider sends the browser back to: connects the account in the browser that set out.
#[utoipa::path(get, path = "/api/v1/wearables/providers/{provider}/callback", tag = "providers", security(()),
    params(("provider" = Provider, Path, description = "Which provider"), BroughtBack),
    responses((status = 200, body = ProviderConnection, description = "Connected"), Errors))]
pub async fn come_back(
    State(app): State<App>,
    Path(provider): Path<Provider>,
    Query(back): Query<BroughtBack>,
    headers: HeaderMap,
) -> Result<Json<ProviderConnection>> {
    let arrival = Arrival::Browser(cookie(&headers));
    let connected = connect::finish(&app, provider, (&back.state, &back.code), arrival).await?;
    Ok(Json(connected.into()))
}

/// Connects the account, for an app that the provider sends back to: signed in as who set out.
#[utoipa::path(post, path = "/api/v1/wearables/providers/{provider}/callback", tag = "providers",
    params(("provider" = Provider, Path, description = "Which provider")), request_body = BroughtBack,
    responses((status = 201, body = ProviderConnection, description = "Connected"), Errors))]
pub async fn finish(
    caller: By<Anyone>,
    State(app): State<App>,
    Path(provider): Path<Provider>,
    Json(back): Json<BroughtBack>,
) -> Result<(StatusCode, Json<ProviderConnection>)> {
    connect::require_patient(&caller)?;
    let arrival = Arrival::SignedIn(&caller);
    let connected = connect::finish(&app, provider, (&back.state, &back.code), arrival).await?;
    Ok((StatusCode::CREATED, Json(connected.into())))
}

/// Disconnects an account: nothing more is fetched, and the provider is told.
#[utoipa::path(delete, path = "/api/v1/wearables/providers/{provider}", tag = "providers",
    params(("provider" = Provider, Path, description = "Which provider"), Whose),
    responses((status = 204, description = "It is not connected any more"), Errors))]
pub async fn disconnect(
    caller: By<Anyone>,
    State(app): State<App>,
    Path(provider): Path<Provider>,
    Query(whose): Query<Whose>,
) -> Result<StatusCode> {
    connect::require_patient(&caller)?;
    let grant = granted(&app, &caller, whose).await?;
    let mut tx = app.db().begin().await?;
    ending::disconnect(&app, &mut tx, &caller, &grant, provider).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

fn cookie(headers: &HeaderMap) -> &str {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, value)| value).unwrap_or_default()
}

async fn granted(app: &App, caller: &Caller, whose: Whose) -> Result<Grant<Write, Wearables>> {
    let patient = patient(app, caller, whose).await?;
    Grant::ask(app, caller, patient).await
}

async fn patient(app: &App, caller: &Caller, whose: Whose) -> Result<PatientId> {
    match whose.patient_id {
        None => patients::oneself(caller),
        Some(name) => patients::find(&app.db(), &name).await?.ok_or_else(|| Error::not_found("patient")),
    }
}
