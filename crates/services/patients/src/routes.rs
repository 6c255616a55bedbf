//! The routes of this service, one file a resource.
mod conditions;
mod contacts;
mod emergency;
mod patients;
mod records;

use kernel::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(patients::list, patients::create))
        .routes(routes!(patients::get, patients::update, patients::deactivate))
        .routes(routes!(patients::activate))
        .routes(routes!(contacts::list, contacts::add))
        .routes(routes!(conditions::list, conditions::add))
        .routes(routes!(records::list, records::add))
        .routes(routes!(emergency::raise, emergency::clear))
}
