//! A doctor's professional status and licence, and what became of them.
use access::{Admin, By};
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Errors, IfMatch, Json, Listed, PageQuery, Path, Query, Result, Stale, Tagged};

use super::ProfilePath;
use crate::directory;
use crate::licenses::{self, LicenseVerification, LicenseVerificationIn};
use crate::profession::{self, StatusChange, StatusIn};
use crate::profile::DoctorProfile;
use crate::queries::profession as queries;
use crate::rights::{self, Keeper};
use crate::specialties::Catalogue;

/// Lists the changes of a doctor's professional status: to the doctor and to administrators.
#[utoipa::path(get, path = "/api/v1/doctors/{id}/professional-status", tag = "doctors", params(ProfilePath, PageQuery),
    responses(
        (status = 200, body = Vec<StatusChange>, description = "The changes, the oldest first",
            headers(("Link" = String, description = "The next page, when there is one"))),
        Errors,
    ))]
pub async fn professional_status(
    caller: By<Keeper>,
    State(app): State<App>,
    Path(path): Path<ProfilePath>,
    Query(page): Query<PageQuery>,
) -> Result<Listed<StatusChange>> {
    let doctor = directory::show(&mut app.db(), &caller, &path.id).await?;
    rights::oneself_or_admin(&caller, doctor.id)?;
    queries::statuses(&mut app.db(), doctor.id, &page).await
}

/// Suspends a doctor, reinstates one, or retires one: an administrator. A doctor who does not practise is signed out
/// everywhere at once and sees nothing; what a suspension did not end is there again when the doctor is reinstated.
#[utoipa::path(put, path = "/api/v1/doctors/{id}/professional-status", tag = "doctors", params(ProfilePath,
    IfMatch),
    request_body = StatusIn, responses(
        (status = 200, body = DoctorProfile, description = "The doctor as now known",
            headers(("ETag" = String, description = "Its new version"))),
        Stale,
    Errors,
    ))]
pub async fn set_professional_status(
    caller: By<Admin>,
    State(app): State<App>,
    Path(path): Path<ProfilePath>,
    seen: IfMatch,
    Json(input): Json<StatusIn>,
) -> Result<Tagged<DoctorProfile>> {
    let doctor = directory::named(&mut app.db(), &path.id).await?;
    let catalogue = Catalogue::read(&mut app.db()).await?;
    let mut tx = app.db().begin().await?;
    let doctor = profession::change(&app, &mut tx, &caller, doctor.id, &seen, input).await?;
    tx.commit().await?;
    Ok(Tagged::ok(DoctorProfile::of(doctor, &catalogue)))
}

/// Lists the decisions on a doctor's licence, to administrators.
#[utoipa::path(get, path = "/api/v1/doctors/{id}/license-verification", tag = "doctors", params(ProfilePath, PageQuery),
    responses(
        (status = 200, body = Vec<LicenseVerification>, description = "The decisions, the oldest first",
            headers(("Link" = String, description = "The next page, when there is one"))),
        Errors,
    ))]
pub async fn license_verifications(
    caller: By<Admin>,
    State(app): State<App>,
    Path(path): Path<ProfilePath>,
    Query(page): Query<PageQuery>,
) -> Result<Listed<LicenseVerification>> {
    let doctor = directory::show(&mut app.db(), &caller, &path.id).await?;
    queries::verifications(&mut app.db(), doctor.id, &page).await
}

/// Decides on a doctor's licence: an administrator who looked into it.
#[utoipa::path(post, path = "/api/v1/doctors/{id}/license-verification", tag = "doctors", params(ProfilePath,
    IfMatch),
    request_body = LicenseVerificationIn, responses(
        (status = 201, body = LicenseVerification, description = "The decision"),
        Stale,
    Errors,
    ))]
pub async fn verify_license(
    caller: By<Admin>,
    State(app): State<App>,
    Path(path): Path<ProfilePath>,
    seen: IfMatch,
    Json(input): Json<LicenseVerificationIn>,
) -> Result<(StatusCode, Json<LicenseVerification>)> {
    let doctor = directory::named(&mut app.db(), &path.id).await?;
    let mut tx = app.db().begin().await?;
    let kept = licenses::decide(&app, &mut tx, &caller, doctor.id, &seen, input).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(kept)))
}
