//! `/api/v1/doctors/me`: what the signed-in doctor sees and keeps.
use access::data::Records;
use access::{By, Person};
use axum::extract::State;
use kernel::{App, Enclosed, Errors, IfMatch, Json, PageQuery, Query, Result, Stale, Tagged};
use patients::FullRecord;

use crate::day::Zone;
use crate::own::{self, DoctorDashboard, OwnInstitution, OwnPatients};
use crate::profile::DoctorProfile;
use crate::profile_change::{self, Change};
use crate::profile_in::ProfilePatch;
use crate::specialties::Catalogue;

/// Shows the doctor's work in figures.
#[utoipa::path(get, path = "/api/v1/doctors/me/dashboard", tag = "doctors", params(Zone),
    responses((status = 200, body = DoctorDashboard, description = "The figures of this moment"), Errors))]
pub async fn own_dashboard(
    caller: By<access::Doctor>,
    State(app): State<App>,
    Query(zone): Query<Zone>,
) -> Result<Json<DoctorDashboard>> {
    let doctor = own::entry(&mut app.db(), &caller).await?;
    own::dashboard(&app, doctor, &zone).await.map(Json)
}

/// Shows the doctor's own entry.
#[utoipa::path(get, path = "/api/v1/doctors/me/profile", tag = "doctors", responses(
    (status = 200, body = DoctorProfile, description = "The doctor", headers(("ETag" = String, description = "Its version"))),
    Errors,
))]
pub async fn own_profile(caller: By<access::Doctor>, State(app): State<App>) -> Result<Tagged<DoctorProfile>> {
    let doctor = own::entry(&mut app.db(), &caller).await?;
    let catalogue = Catalogue::read(&mut app.db()).await?;
    Ok(Tagged::ok(DoctorProfile::of(doctor, &catalogue)))
}

/// Changes the doctor's own entry.
#[utoipa::path(put, path = "/api/v1/doctors/me/profile", tag = "doctors", params(
    IfMatch), request_body = ProfilePatch, responses(
    (status = 200, body = DoctorProfile, description = "The doctor as now known",
        headers(("ETag" = String, description = "Its new version"))),
    Stale,
    Errors,
))]
pub async fn change_own_profile(
    caller: By<access::Doctor>,
    State(app): State<App>,
    seen: IfMatch,
    Json(patch): Json<ProfilePatch>,
) -> Result<Tagged<DoctorProfile>> {
    let doctor = own::entry(&mut app.db(), &caller).await?;
    let catalogue = Catalogue::read(&mut app.db()).await?;
    let change = Change::of(&app, &caller, &catalogue, patch).await?;
    let mut tx = app.db().begin().await?;
    let doctor = profile_change::apply(&app, &mut tx, &caller, doctor.id, &seen, change).await?;
    tx.commit().await?;
    Ok(Tagged::ok(DoctorProfile::of(doctor, &catalogue)))
}

/// Shows the institution the doctor works at.
#[utoipa::path(get, path = "/api/v1/doctors/me/institution", tag = "doctors",
    responses((status = 200, body = OwnInstitution, description = "The institution and the doctor's place there"), Errors))]
pub async fn own_institution(caller: By<access::Doctor>, State(app): State<App>) -> Result<Json<OwnInstitution>> {
    let doctor = own::entry(&mut app.db(), &caller).await?;
    own::institution(&mut app.db(), &doctor).await.map(Json)
}

/// Lists the patients assigned to the doctor now.
#[utoipa::path(get, path = "/api/v1/doctors/me/patients", tag = "doctors", params(PageQuery), responses(
    (status = 200, body = OwnPatients, description = "A page of patients in the order they were assigned",
        headers(("Link" = String, description = "The next page, when there is one"))),
    Errors,
))]
pub async fn own_patients(
    caller: By<access::Doctor>,
    State(app): State<App>,
    Query(page): Query<PageQuery>,
) -> Result<Enclosed<OwnPatients>> {
    let doctor = own::entry(&mut app.db(), &caller).await?;
    own::patients(&app, &caller, doctor.id, &page).await
}

/// Shows all that is charted about one of the doctor's patients, but the records of single visits.
#[utoipa::path(get, path = "/api/v1/doctors/me/patients/{patient_id}/medical-record", tag = "doctors",
    params(("patient_id" = String, Path, description = "Our id or your own reference")),
    responses((status = 200, body = FullRecord, description = "The medical record"), Errors))]
pub async fn own_patients_record(
    _: By<access::Doctor>,
    records: Person<Records>,
    State(app): State<App>,
) -> Result<Json<FullRecord>> {
    patients::medical_record(&app, &records).await.map(Json)
}
