//! The HTTP surface: services' routes, probes, documents, and what every request passes through.
mod docs;
mod idempotency;
mod layers;
mod probes;
mod serve;

use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::{Router, middleware};
use kernel::{App, Error, Service};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

pub use idempotency::{SYSTEM, UNFINISHED, sweep};
pub use layers::Limits;
pub use serve::{Patience, serve};

/// The documented routes of some services, and their document.
fn documented(services: &[Service]) -> (Router<App>, OpenApi) {
    let all = services
        .iter()
        .fold(OpenApiRouter::with_openapi(docs::Document::openapi()), |all, service| all.merge((service.routes)()));
    let (router, mut document) = all.merge(probes::routes()).split_for_parts();
    docs::finish(&mut document);
    (router, document)
}

/// The OpenAPI document of some services.
pub fn document(services: &[Service]) -> OpenApi {
    documented(services).1
}

/// Everything one port serves.
pub fn router(app: &App, services: &[Service], limits: Limits) -> Router {
    let (routes, document) = documented(services);
    routes
        .merge(docs::pages(&document))
        .fallback(|| async { Error::not_found("no such route: page") })
        .method_not_allowed_fallback(|| async {
            Error::new(StatusCode::METHOD_NOT_ALLOWED, "this route does not take this method")
        })
        // Inside of the keys, which forget a request whose handler panicked.
        .layer(CatchPanicLayer::custom(layers::panicked))
        .layer(middleware::from_fn_with_state(app.clone(), idempotency::once))
        .layer(DefaultBodyLimit::max(limits.body))
        .layer(middleware::from_fn_with_state(limits, layers::around))
        .with_state(app.clone())
}
