//! `/api/v1/doctors`: the entries of the directory as profiles.
use access::{Admin, Anyone, By};
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Errors, IfMatch, Json, Listed, PageQuery, Path, Query, Result, Stale, Tagged};

use super::ProfilePath;
use crate::newcomer::{self, Newcomer};
use crate::profile::DoctorProfile;
use crate::profile_change::{self, Change};
use crate::profile_in::{DryRun, ProfileFilter, ProfileIn, ProfilePatch};
use crate::rights::{self, Keeper, Registrar};
use crate::specialties::Catalogue;
use crate::{directory, list};

/// Lists doctors.
#[utoipa::path(get, path = "/api/v1/doctors", tag = "doctors", params(ProfileFilter, PageQuery), responses(
    (status = 200, body = Vec<DoctorProfile>, description = "Active doctors, in the order they were registered",
        headers(
            ("Link" = String, description = "The next page, when there is one"),
            ("X-Total-Count" = i64, description = "All that fit, when `total` asked for it"),
        )),
    Errors,
))]
pub async fn list_profiles(
    _: By<Anyone>,
    State(app): State<App>,
    Query(filter): Query<ProfileFilter>,
    Query(page): Query<PageQuery>,
) -> Result<Listed<DoctorProfile>> {
    list::profiles(&app, &filter, &page).await
}

/// Registers a doctor at an institution, with a login: an administrator, or the institution's account. All of it is
/// made, or nothing.
#[utoipa::path(post, path = "/api/v1/doctors", tag = "doctors", params(DryRun), request_body = ProfileIn, responses(
    (status = 201, body = DoctorProfile, description = "The new doctor",
        headers(("ETag" = String, description = "Its version"))),
    (status = 200, body = DoctorProfile, description = "What would have been made: it was a dry run"),
    Errors,
))]
pub async fn create_profile(
    caller: By<Registrar>,
    State(app): State<App>,
    Query(how): Query<DryRun>,
    Json(said): Json<ProfileIn>,
) -> Result<Tagged<DoctorProfile>> {
    let catalogue = Catalogue::read(&mut app.db()).await?;
    let new = Newcomer::of(&app, &caller, &catalogue, said).await?;
    if how.dry_run == Some(true) {
        let doctor = newcomer::try_out(&app, &caller, new).await?;
        return Ok(Tagged::ok(DoctorProfile::of(doctor, &catalogue)));
    }
    let mut tx = app.db().begin().await?;
    let doctor = newcomer::register(&app, &mut tx, &caller, new).await?;
    tx.commit().await?;
    Ok(Tagged::created(DoctorProfile::of(doctor, &catalogue)))
}

/// Shows a doctor. Administrators see a deactivated one too, by id.
#[utoipa::path(get, path = "/api/v1/doctors/{id}", tag = "doctors", params(ProfilePath), responses(
    (status = 200, body = DoctorProfile, description = "The doctor", headers(("ETag" = String, description = "Its version"))),
    Errors,
))]
pub async fn profile(
    caller: By<Anyone>,
    State(app): State<App>,
    Path(path): Path<ProfilePath>,
) -> Result<Tagged<DoctorProfile>> {
    let doctor = directory::show(&mut app.db(), &caller, &path.id).await?;
    let catalogue = Catalogue::read(&mut app.db()).await?;
    Ok(Tagged::ok(DoctorProfile::of(doctor, &catalogue)))
}

/// Changes a doctor's entry: the doctor or an administrator.
#[utoipa::path(put, path = "/api/v1/doctors/{id}", tag = "doctors", params(ProfilePath,
    IfMatch), request_body = ProfilePatch,
    responses(
        (status = 200, body = DoctorProfile, description = "The doctor as now known",
            headers(("ETag" = String, description = "Its new version"))),
        Stale,
    Errors,
    ))]
pub async fn change_profile(
    caller: By<Keeper>,
    State(app): State<App>,
    Path(path): Path<ProfilePath>,
    seen: IfMatch,
    Json(patch): Json<ProfilePatch>,
) -> Result<Tagged<DoctorProfile>> {
    let doctor = directory::named(&mut app.db(), &path.id).await?;
    rights::oneself_or_admin(&caller, doctor.id)?;
    let catalogue = Catalogue::read(&mut app.db()).await?;
    let change = Change::of(&app, &caller, &catalogue, patch).await?;
    let mut tx = app.db().begin().await?;
    let doctor = profile_change::apply(&app, &mut tx, &caller, doctor.id, &seen, change).await?;
    tx.commit().await?;
    Ok(Tagged::ok(DoctorProfile::of(doctor, &catalogue)))
}

/// Deactivates a doctor: assignments and affiliations end, the login is closed, and history stays.
#[utoipa::path(delete, path = "/api/v1/doctors/{id}", tag = "doctors", params(ProfilePath,
    IfMatch), responses(
    (status = 204, description = "The doctor is deactivated"),
    Stale,
    Errors,
))]
pub async fn deactivate_profile(
    caller: By<Admin>,
    State(app): State<App>,
    Path(path): Path<ProfilePath>,
    seen: IfMatch,
) -> Result<StatusCode> {
    let doctor = directory::named(&mut app.db(), &path.id).await?;
    let mut tx = app.db().begin().await?;
    directory::deactivate(&app, &mut tx, &caller, doctor.id, &seen).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
