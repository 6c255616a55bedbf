//! The routes of this service, one file a resource.
mod affiliations;
mod directory;
mod patients;

use kernel::App;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(directory::list_doctors, directory::create_doctor))
        .routes(routes!(directory::doctor, directory::change_doctor, directory::deactivate_doctor))
        .routes(routes!(directory::set_availability))
        .routes(routes!(patients::doctors_patients))
        .routes(routes!(patients::assign_patient, patients::end_assignment))
        .routes(routes!(affiliations::doctors_hospitals))
        .routes(routes!(affiliations::affiliate_doctor))
        .routes(routes!(affiliations::hospitals_doctors))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct DoctorPath {
    /// The doctor's id, or the reference given at registration.
    doctor_id: String,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct HospitalPath {
    /// The hospital's id, its registration number, or a name that no other hospital has.
    hospital_name: String,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct DoctorAtHospital {
    /// The doctor's id, or the reference given at registration.
    doctor_id: String,
    /// The hospital's id, its registration number, or a name that no other hospital has.
    hospital_name: String,
}
