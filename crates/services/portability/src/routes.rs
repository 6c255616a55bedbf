//! The routes of this service, one file a resource.
mod erasures;
mod exports;

use axum::http::{HeaderMap, HeaderValue, header};
use kernel::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(exports::list, exports::ask))
        .routes(routes!(exports::show, exports::remove))
        .routes(routes!(exports::file))
        .routes(routes!(erasures::of_patient, erasures::ask, erasures::withdraw))
        .routes(routes!(erasures::list))
        .routes(routes!(erasures::show))
        .routes(routes!(erasures::confirm))
}

/// The header that says where what was asked for is to be found.
fn location(path: &str) -> kernel::Result<HeaderMap> {
    let value = HeaderValue::from_str(path).map_err(kernel::Error::internal)?;
    Ok(HeaderMap::from_iter([(header::LOCATION, value)]))
}
