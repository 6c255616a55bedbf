//! The routes: consents, wearable consent, broken glass, delegates, and who looked.
mod audit;
mod consents;
mod delegates;
mod glass;
mod wearables;

use kernel::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(consents::list))
        .routes(routes!(consents::request))
        .routes(routes!(consents::show))
        .routes(routes!(consents::approve))
        .routes(routes!(consents::deny))
        .routes(routes!(consents::revoke))
        .routes(routes!(wearables::say))
        .routes(routes!(wearables::show))
        .routes(routes!(glass::of_patient, glass::break_glass))
        .routes(routes!(glass::queue))
        .routes(routes!(glass::review))
        .routes(routes!(delegates::of_patient, delegates::add))
        .routes(routes!(delegates::end))
        .routes(routes!(delegates::own))
        .routes(routes!(audit::of_patient))
        .routes(routes!(audit::of_staff))
        .routes(routes!(audit::export))
        .routes(routes!(audit::heads))
}
