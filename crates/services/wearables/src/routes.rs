//! Wearables over HTTP.
mod apple;
mod data;
mod devices;
mod history;
mod sync;

use kernel::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::body;

pub fn routes() -> OpenApiRouter<App> {
    let large = OpenApiRouter::new()
        .routes(routes!(sync::sync))
        .routes(routes!(data::sync))
        .routes(routes!(apple::import))
        .layer(body::limit());
    OpenApiRouter::new()
        .routes(routes!(devices::register))
        .routes(routes!(devices::list))
        .routes(routes!(devices::remove))
        .routes(routes!(history::history))
        .routes(routes!(history::coverage))
        .routes(routes!(history::latest))
        .routes(routes!(history::priorities, history::choose))
        .routes(routes!(data::list))
        .routes(routes!(data::decrypt))
        .routes(routes!(data::latest))
        .routes(routes!(data::statistics))
        .merge(large)
}
