//! The routes of this service, one file a resource.
mod affiliations;
mod contact_points;
mod directory;
mod own;
mod patients;
mod profession;
mod profiles;
mod specialties;

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
        .routes(routes!(affiliations::affiliate_doctor, affiliations::end_affiliation))
        .routes(routes!(affiliations::hospitals_doctors))
        .routes(routes!(contact_points::doctor_contact_points, contact_points::add_doctor_contact_point))
        .routes(routes!(contact_points::change_doctor_contact_point, contact_points::remove_doctor_contact_point))
        .routes(routes!(profiles::list_profiles, profiles::create_profile))
        .routes(routes!(profiles::profile, profiles::change_profile, profiles::deactivate_profile))
        .routes(routes!(profession::professional_status, profession::set_professional_status))
        .routes(routes!(profession::license_verifications, profession::verify_license))
        .routes(routes!(own::own_dashboard))
        .routes(routes!(own::own_profile, own::change_own_profile))
        .routes(routes!(own::own_institution))
        .routes(routes!(own::own_patients))
        .routes(routes!(own::own_patients_record))
        .routes(routes!(specialties::list_specialties, specialties::create_specialty))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct DoctorPath {
    /// The doctor's id, or the reference given at registration.
    doctor_id: String,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ProfilePath {
    /// The doctor's id, or the reference given at registration.
    id: String,
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
