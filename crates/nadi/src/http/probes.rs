//! Probes, service information, metrics and the published keys.
use std::net::IpAddr;
use std::sync::OnceLock;
use std::time::Duration;

use access::{Admin, By};
use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use kernel::{App, Error, Errors, Result, request};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use vault::Vault;

pub fn routes() -> OpenApiRouter<App> {
    recorder();
    OpenApiRouter::new()
        .routes(routes!(information))
        .routes(routes!(health))
        .routes(routes!(ready))
        .routes(routes!(metrics_text))
        .routes(routes!(jwks))
}

#[derive(Serialize, ToSchema)]
struct Information {
    service: &'static str,
    version: &'static str,
    status: &'static str,
}

/// What answers here.
#[utoipa::path(get, path = "/", tag = "system", security(()), responses((status = 200, body = Information, description = "Name and version")))]
async fn information() -> Json<Information> {
    Json(Information { service: "nadi", version: env!("CARGO_PKG_VERSION"), status: "running" })
}

#[derive(Serialize, ToSchema)]
struct Health {
    /// `ok`, or `degraded` when an edge does not answer.
    status: &'static str,
    version: &'static str,
    /// Each edge by name.
    checks: BTreeMap<&'static str, Check>,
}

#[derive(Serialize, ToSchema)]
struct Check {
    status: &'static str,
    kind: &'static str,
}

/// Whether each edge answers.
#[utoipa::path(get, path = "/health", tag = "system", security(()), responses(
    (status = 200, body = Health, description = "Every edge answers"),
    (status = 503, body = Health, description = "An edge does not answer")))]
async fn health(State(app): State<App>) -> (StatusCode, Json<Health>) {
    let kind = if app.db().is_sqlite() { "sqlite" } else { "postgresql" };
    let database = if app.db().ping().await.is_ok() { "ok" } else { "unavailable" };
    let (code, status) = match database {
        "ok" => (StatusCode::OK, "ok"),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "degraded"),
    };
    let checks = BTreeMap::from([
        ("database", Check { status: database, kind }),
        ("events", Check { status: database, kind: "table" }),
        ("fanout", Check { status: "ok", kind: "in-process" }),
    ]);
    (code, Json(Health { status, version: env!("CARGO_PKG_VERSION"), checks }))
}

#[derive(Serialize, ToSchema)]
struct Ready {
    ready: bool,
}

/// Whether requests can be served now.
#[utoipa::path(get, path = "/ready", tag = "system", security(()), responses(
    (status = 200, body = Ready, description = "Ready"), (status = 503, body = Ready, description = "Not now")))]
async fn ready(State(app): State<App>) -> (StatusCode, Json<Ready>) {
    let ready = app.db().ping().await.is_ok();
    (if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, Json(Ready { ready }))
}

/// One recorder a process, however many programs a test opens in it.
fn recorder() -> &'static Option<PrometheusHandle> {
    static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    RECORDER.get_or_init(|| {
        let seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
        let builder = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &seconds);
        let handle = builder.ok()?.install_recorder().ok()?;
        let upkeep = handle.clone();
        // Each measurement lies in memory until somebody counts it, and nobody may ever ask for the figures.
        let counting = std::thread::Builder::new().name("metrics".into()).spawn(move || {
            loop {
                std::thread::sleep(UPKEEP_EVERY);
                upkeep.run_upkeep();
            }
        });
        counting.ok().map(|_| handle)
    })
}

/// At 30,000 requests a second, 4 MB of measurements.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// An administrator, a person or a program; or whoever asks from this very machine, without a proxy between.
struct Operator;

/// What a proxy writes into the requests that it passes on.
const FORWARDED: [&str; 3] = ["x-forwarded-for", "forwarded", "via"];

impl FromRequestParts<App> for Operator {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let passed_on = FORWARDED.iter().any(|name| parts.headers.contains_key(*name));
        let from = request::current().from.parse::<IpAddr>();
        match !passed_on && from.is_ok_and(|from| from.to_canonical().is_loopback()) {
            true => Ok(Self),
            false => By::<Admin>::from_request_parts(parts, app).await.map(|_| Self),
        }
    }
}

/// Figures for Prometheus. They name routes, never people, and tell how busy a house is: from another machine they are for
/// administrators.
#[utoipa::path(get, path = "/metrics", tag = "system", security((), ("bearer" = [])), responses(
    (status = 200, body = String, content_type = "text/plain", description = "Prometheus text format"),
    Errors,
))]
async fn metrics_text(_: Operator) -> Response {
    let text = recorder().as_ref().map(PrometheusHandle::render).unwrap_or_default();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}

/// The keys that access tokens are signed with (RFC 7517).
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "system", security(()),
    responses((status = 200, body = serde_json::Value, description = "The key set")))]
async fn jwks(State(app): State<App>) -> Json<serde_json::Value> {
    Json(app.edge::<Vault>().tokens().jwks())
}
