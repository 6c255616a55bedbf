//! Doctors at hospitals.
use access::{Anyone, By};
use axum::extract::State;
use axum::http::StatusCode;
use hospitals::Affiliation;
use kernel::{App, Body, Errors, Json, Listed, PageQuery, Path, Query, Result};

use super::{DoctorAtHospital, DoctorPath, HospitalPath};
use crate::asked::AffiliationIn;
use crate::list::{self, HospitalDoctor};
use crate::rights::{self, Parting, Registrar};
use crate::{directory, places};

/// Lists the hospitals a doctor works at.
#[utoipa::path(get, path = "/api/doctors/{doctor_id}/hospitals", tag = "doctors", params(DoctorPath),
    responses((status = 200, body = Vec<Affiliation>, description = "Where the doctor works, the longest first"), Errors))]
pub async fn doctors_hospitals(
    _: By<Anyone>,
    State(app): State<App>,
    Path(path): Path<DoctorPath>,
) -> Result<axum::Json<Vec<Affiliation>>> {
    let doctor = directory::named(&mut app.db(), &path.doctor_id).await?;
    hospitals::affiliations_of(&mut app.db(), doctor.id).await.map(axum::Json)
}

/// Gives a doctor a place at a hospital, or another place than before: the hospital's account or an administrator.
#[utoipa::path(post, path = "/api/doctors/{doctor_id}/hospitals/{hospital_name}", tag = "doctors",
    params(DoctorAtHospital, AffiliationIn), request_body = Option<AffiliationIn>,
    responses((status = 201, body = Affiliation, description = "The doctor's place"), Errors))]
pub async fn affiliate_doctor(
    caller: By<Registrar>,
    State(app): State<App>,
    Path(path): Path<DoctorAtHospital>,
    Query(query): Query<AffiliationIn>,
    Body(body): Body<AffiliationIn>,
) -> Result<(StatusCode, Json<Affiliation>)> {
    let hospital = hospitals::find(&mut app.db(), &path.hospital_name).await?;
    rights::employer(&caller, hospital.id)?;
    let doctor = directory::named(&mut app.db(), &path.doctor_id).await?;
    let mut tx = app.db().begin().await?;
    let made = places::affiliate(&app, &mut tx, &caller, (doctor.id, hospital.id), body.or(query)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Ends a doctor's place at a hospital: the hospital's account, the doctor or an administrator. Its history stays.
#[utoipa::path(delete, path = "/api/doctors/{doctor_id}/hospitals/{hospital_name}", tag = "doctors",
    params(DoctorAtHospital), responses((status = 204, description = "The doctor works there no longer"), Errors))]
pub async fn end_affiliation(
    caller: By<Parting>,
    State(app): State<App>,
    Path(path): Path<DoctorAtHospital>,
) -> Result<StatusCode> {
    let hospital = hospitals::find(&mut app.db(), &path.hospital_name).await?;
    let doctor = directory::named(&mut app.db(), &path.doctor_id).await?;
    rights::oneself(&caller, doctor.id).or_else(|_| rights::employer(&caller, hospital.id))?;
    let mut tx = app.db().begin().await?;
    places::end(&app, &mut tx, &caller, doctor.id, hospital.id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the doctors who work at a hospital.
#[utoipa::path(get, path = "/api/hospitals/{hospital_name}/doctors", tag = "doctors", params(HospitalPath, PageQuery),
    responses(
        (status = 200, body = Vec<HospitalDoctor>, description = "The hospital's doctors with their places",
            headers(("Link" = String, description = "The next page, when there is one"))),
        Errors,
    ))]
pub async fn hospitals_doctors(
    _: By<Anyone>,
    State(app): State<App>,
    Path(path): Path<HospitalPath>,
    Query(page): Query<PageQuery>,
) -> Result<Listed<HospitalDoctor>> {
    let hospital = hospitals::find(&mut app.db(), &path.hospital_name).await?;
    list::staff(&app, hospital.id, &page).await
}
