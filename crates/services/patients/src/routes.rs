//! The routes of this service, one file a resource.
mod allergies;
mod conditions;
mod contact_points;
mod contacts;
mod emergency;
mod family_history;
mod health;
mod merging;
mod overviews;
mod own;
mod patients;
mod people;
mod prescriptions;
mod records;
mod sensitive;
mod validation;

use kernel::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(patients::list, patients::create))
        .routes(routes!(patients::get, patients::update, patients::deactivate))
        .routes(routes!(patients::activate))
        .routes(routes!(contacts::list, contacts::add))
        .routes(routes!(contacts::change, contacts::remove))
        .routes(routes!(contact_points::list, contact_points::add))
        .routes(routes!(contact_points::change, contact_points::remove))
        .routes(routes!(conditions::list, conditions::add))
        .routes(routes!(conditions::change))
        .routes(routes!(records::list, records::add))
        .routes(routes!(emergency::raise, emergency::clear))
        .routes(routes!(own::own_profile, own::change_own_profile))
        .routes(routes!(people::list, people::create))
        .routes(routes!(people::get, people::update, people::deactivate))
        .routes(routes!(people::activate))
        .routes(routes!(overviews::show_profile))
        .routes(routes!(overviews::show_medical_record))
        .routes(routes!(overviews::show_care_team))
        .routes(routes!(overviews::show_dashboard))
        .routes(routes!(health::show, health::change))
        .routes(routes!(family_history::list, family_history::add))
        .routes(routes!(allergies::list, allergies::add))
        .routes(routes!(prescriptions::list, prescriptions::add))
        .routes(routes!(prescriptions::show, prescriptions::end))
        .routes(routes!(prescriptions::medications))
        .routes(routes!(sensitive::mark))
        .routes(routes!(validation::show, validation::take, validation::withdraw))
        .routes(routes!(validation::list))
        .routes(routes!(merging::duplicates))
        .routes(routes!(merging::merge))
        .routes(routes!(merging::unmerge))
        .routes(routes!(merging::journal))
}
