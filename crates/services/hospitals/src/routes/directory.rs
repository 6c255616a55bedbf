//! Hospitals as entries of the directory.
use access::{Admin, Anyone, By};
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Errors, IfMatch, Json, Listed, PageQuery, Path, Query, Result, Stale, Tagged};

use super::HospitalPath;
use crate::asked::{HospitalFilter, HospitalIn, HospitalPatch};
use crate::queries::{hospitals, institutions};
use crate::rights::{self, Keeper};
use crate::{Hospital, accounts, directory, members};

/// Lists hospitals.
#[utoipa::path(get, path = "/api/hospitals", tag = "hospitals", params(HospitalFilter, PageQuery), responses(
    (status = 200, body = Vec<Hospital>, description = "Active hospitals, in the order they were registered",
        headers(("Link" = String, description = "The next page, when there is one"))),
    Errors,
))]
pub async fn list_hospitals(
    _: By<Anyone>,
    State(app): State<App>,
    Query(filter): Query<HospitalFilter>,
    Query(page): Query<PageQuery>,
) -> Result<Listed<Hospital>> {
    institutions::hospitals(&mut app.db(), &filter, &page).await
}

/// Registers a hospital, with a login of its own when a password is sent.
#[utoipa::path(post, path = "/api/hospitals", tag = "hospitals", request_body = HospitalIn,
    responses((status = 201, body = Hospital, description = "The new hospital",
        headers(("ETag" = String, description = "Its version"))), Errors))]
pub async fn create_hospital(
    caller: By<Admin>,
    State(app): State<App>,
    Json(input): Json<HospitalIn>,
) -> Result<Tagged<Hospital>> {
    let password = accounts::hashed(&app, input.password.as_deref()).await?;
    let mut tx = app.db().begin().await?;
    let hospital = directory::create(&app, &mut tx, &caller, input.into()).await?;
    accounts::open(&mut tx, &caller, &hospital, password, members::HOSPITAL).await?;
    tx.commit().await?;
    Ok(Tagged::created(hospital))
}

/// Shows a hospital. Administrators see a closed one too, by its id.
#[utoipa::path(get, path = "/api/hospitals/{hospital_name}", tag = "hospitals",
    params(HospitalPath),
    responses((status = 200, body = Hospital, description = "The hospital",
        headers(("ETag" = String, description = "Its version"))), Errors))]
pub async fn hospital(
    caller: By<Anyone>,
    State(app): State<App>,
    Path(path): Path<HospitalPath>,
) -> Result<Tagged<Hospital>> {
    directory::show(&mut app.db(), &caller, &path.hospital_name).await.map(Tagged::ok)
}

/// Changes a hospital: its own account or an administrator.
#[utoipa::path(put, path = "/api/hospitals/{hospital_name}", tag = "hospitals", request_body = HospitalPatch,
    params(HospitalPath,
    IfMatch,
), responses(
    (status = 200, body = Hospital, description = "The hospital as it is now", headers(("ETag" = String, description = "Its new version"))),
    Stale,
    Errors,
))]
pub async fn change_hospital(
    caller: By<Keeper>,
    State(app): State<App>,
    Path(path): Path<HospitalPath>,
    seen: IfMatch,
    Json(patch): Json<HospitalPatch>,
) -> Result<Tagged<Hospital>> {
    let hospital = hospitals::find(&mut app.db(), &path.hospital_name).await?;
    rights::staff_or_admin(&mut app.db(), &caller, &hospital).await?;
    let mut tx = app.db().begin().await?;
    let hospital = directory::change(&app, &mut tx, &caller, hospital.id, patch.into(), &seen).await?;
    tx.commit().await?;
    Ok(Tagged::ok(hospital))
}

/// Closes a hospital in which nobody is admitted, and the accounts of its staff.
#[utoipa::path(delete, path = "/api/hospitals/{hospital_name}", tag = "hospitals",
    params(HospitalPath,
    IfMatch,
), responses(
    (status = 204, description = "The hospital is closed"),
    Stale,
    Errors,
))]
pub async fn close_hospital(
    caller: By<Admin>,
    State(app): State<App>,
    Path(path): Path<HospitalPath>,
    seen: IfMatch,
) -> Result<StatusCode> {
    let hospital = hospitals::find(&mut app.db(), &path.hospital_name).await?;
    let mut tx = app.db().begin().await?;
    directory::close(&app, &mut tx, &caller, hospital.id, &seen).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
