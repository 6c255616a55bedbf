//! Doctors as entries of the directory.
use access::{Admin, Anyone, By};
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Body, Error, Errors, IfMatch, Json, Listed, PageQuery, Path, Query, Result, Stale, Tagged};

use super::DoctorPath;
use crate::asked::{AvailabilityIn, DoctorFilter, DoctorIn, DoctorPatch};
use crate::rights::{self, Keeper, Registrar};
use crate::{Doctor, accounts, directory, list};

/// Lists doctors.
#[utoipa::path(get, path = "/api/doctors", tag = "doctors", params(DoctorFilter, PageQuery), responses(
    (status = 200, body = Vec<Doctor>, description = "Active doctors, in the order they were registered",
        headers(("Link" = String, description = "The next page, when there is one"))),
    Errors,
))]
pub async fn list_doctors(
    _: By<Anyone>,
    State(app): State<App>,
    Query(filter): Query<DoctorFilter>,
    Query(page): Query<PageQuery>,
) -> Result<Listed<Doctor>> {
    list::directory(&app, &filter, &page).await
}

/// Registers a doctor, with a login when a password is sent.
#[utoipa::path(post, path = "/api/doctors", tag = "doctors", request_body = DoctorIn,
    responses(
        (status = 201, body = Doctor, description = "The new doctor",
            headers(("ETag" = String, description = "Its version"))),
        Errors,
    ))]
pub async fn create_doctor(
    caller: By<Registrar>,
    State(app): State<App>,
    Json(input): Json<DoctorIn>,
) -> Result<Tagged<Doctor>> {
    let password = accounts::hashed(&app, input.password.as_deref()).await?;
    let mut tx = app.db().begin().await?;
    let doctor = directory::create(&app, &mut tx, &caller, input.doctor(app.clock().now())).await?;
    accounts::open(&mut tx, &caller, &doctor, password).await?;
    tx.commit().await?;
    Ok(Tagged::created(doctor))
}

/// Shows a doctor. Administrators see a deactivated one too, by id.
#[utoipa::path(get, path = "/api/doctors/{doctor_id}", tag = "doctors", params(DoctorPath),
    responses(
        (status = 200, body = Doctor, description = "The doctor", headers(("ETag" = String, description = "Its version"))),
        Errors,
    ))]
pub async fn doctor(
    caller: By<Anyone>,
    State(app): State<App>,
    Path(path): Path<DoctorPath>,
) -> Result<Tagged<Doctor>> {
    directory::show(&mut app.db(), &caller, &path.doctor_id).await.map(Tagged::ok)
}

/// Changes a doctor's entry: the doctor or an administrator.
#[utoipa::path(put, path = "/api/doctors/{doctor_id}", tag = "doctors", params(DoctorPath,
    IfMatch), request_body = DoctorPatch,
    responses(
        (status = 200, body = Doctor, description = "The doctor as now known",
            headers(("ETag" = String, description = "Its new version"))),
        Stale,
    Errors,
    ))]
pub async fn change_doctor(
    caller: By<Keeper>,
    State(app): State<App>,
    Path(path): Path<DoctorPath>,
    seen: IfMatch,
    Json(patch): Json<DoctorPatch>,
) -> Result<Tagged<Doctor>> {
    let doctor = directory::named(&mut app.db(), &path.doctor_id).await?;
    rights::oneself_or_admin(&caller, doctor.id)?;
    let mut tx = app.db().begin().await?;
    let doctor = directory::change(&app, &mut tx, &caller, doctor.id, &seen, |was| patch.over(was)).await?;
    tx.commit().await?;
    Ok(Tagged::ok(doctor))
}

/// Says whether a doctor sees patients now: the doctor or an administrator.
#[utoipa::path(patch, path = "/api/doctors/{doctor_id}/availability", tag = "doctors", params(DoctorPath, AvailabilityIn,
    IfMatch),
    request_body = Option<AvailabilityIn>,
    responses(
        (status = 200, body = Doctor, description = "The doctor as now known",
            headers(("ETag" = String, description = "Its new version"))),
        Stale,
    Errors,
    ))]
pub async fn set_availability(
    caller: By<Keeper>,
    State(app): State<App>,
    Path(path): Path<DoctorPath>,
    Query(query): Query<AvailabilityIn>,
    seen: IfMatch,
    Body(body): Body<AvailabilityIn>,
) -> Result<Tagged<Doctor>> {
    let is_available = body.is_available.or(query.is_available);
    is_available.ok_or_else(|| Error::invalid("is_available", "is required"))?;
    let patch = DoctorPatch { is_available, ..DoctorPatch::default() };
    let doctor = directory::named(&mut app.db(), &path.doctor_id).await?;
    rights::oneself_or_admin(&caller, doctor.id)?;
    let mut tx = app.db().begin().await?;
    let doctor = directory::change(&app, &mut tx, &caller, doctor.id, &seen, |was| patch.over(was)).await?;
    tx.commit().await?;
    Ok(Tagged::ok(doctor))
}

/// Deactivates a doctor: assignments and affiliations end, the login is closed, and history stays.
#[utoipa::path(delete, path = "/api/doctors/{doctor_id}", tag = "doctors", params(DoctorPath,
    IfMatch),
    responses(
        (status = 204, description = "The doctor is deactivated"),
        Stale,
    Errors,
    ))]
pub async fn deactivate_doctor(
    caller: By<Admin>,
    State(app): State<App>,
    Path(path): Path<DoctorPath>,
    seen: IfMatch,
) -> Result<StatusCode> {
    let doctor = directory::named(&mut app.db(), &path.doctor_id).await?;
    let mut tx = app.db().begin().await?;
    directory::deactivate(&app, &mut tx, &caller, doctor.id, &seen).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
