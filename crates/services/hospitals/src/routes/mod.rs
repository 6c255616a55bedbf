//! The routes of this service, one file a resource.
mod admissions;
mod beds;
mod contact_points;
mod directory;
mod institutions;
mod verification;

use kernel::App;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(directory::list_hospitals, directory::create_hospital))
        .routes(routes!(directory::hospital, directory::change_hospital, directory::close_hospital))
        .routes(routes!(beds::set_beds))
        .routes(routes!(beds::hospital_statistics))
        .routes(routes!(admissions::admitted_patients))
        .routes(routes!(admissions::admit_patient))
        .routes(routes!(admissions::discharge_patient))
        .routes(routes!(institutions::list_institutions, institutions::create_institution))
        .routes(routes!(institutions::institution, institutions::change_institution, institutions::close_institution))
        .routes(routes!(institutions::institution_types))
        .routes(routes!(institutions::regions))
        .routes(routes!(verification::verifications, verification::verify_institution))
        .routes(routes!(contact_points::institution_contact_points, contact_points::add_institution_contact_point))
        .routes(routes!(
            contact_points::change_institution_contact_point,
            contact_points::remove_institution_contact_point
        ))
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

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct InstitutionPath {
    /// The institution's id, its licence number, or a name that no other institution has.
    id: String,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ContactPointPath {
    /// The institution's id, its licence number, or a name that no other institution has.
    id: String,
    point_id: Uuid,
}
