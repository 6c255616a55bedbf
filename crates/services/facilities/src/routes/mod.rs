//! The routes of this service, one file a resource.
mod aadhaar;
mod dashboard;
mod links;
mod register;
mod summary;

use kernel::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(register::register_patient))
        .routes(routes!(register::register))
        .routes(routes!(aadhaar::verify_aadhar))
        .routes(routes!(links::linked_facilities))
        .routes(routes!(links::link_facility))
        .routes(routes!(links::unlink_facility))
        .routes(routes!(summary::health_summary))
        .routes(routes!(dashboard::hospital_dashboard))
}
