//! The routes of this service, one file a resource.
mod admissions;
mod beds;
mod directory;

use kernel::App;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(directory::list_hospitals, directory::create_hospital))
        .routes(routes!(directory::hospital, directory::change_hospital, directory::close_hospital))
        .routes(routes!(beds::set_beds))
        .routes(routes!(beds::hospital_statistics))
        .routes(routes!(admissions::admitted_patients))
        .routes(routes!(admissions::admit_patient))
        .routes(routes!(admissions::discharge_patient))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct HospitalPath {
    /// The hospital's id, its registration number, or a name that no other hospital has.
    hospital_name: String,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct AtHospital {
    /// The hospital's id, its registration number, or a name that no other hospital has.
    hospital_name: String,
    /// The patient's id, or the reference given at registration.
    patient_id: String,
}
