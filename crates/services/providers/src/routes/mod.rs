//! The routes of this service.
mod connections;
mod webhooks;

use kernel::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(webhooks::verify_fitbit, webhooks::fitbit))
        .routes(routes!(webhooks::google_health))
        .routes(routes!(connections::list))
        .routes(routes!(connections::disconnect))
        .routes(routes!(connections::connect))
        .routes(routes!(connections::come_back, connections::finish))
}
