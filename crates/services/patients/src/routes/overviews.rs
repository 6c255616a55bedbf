//! What puts a patient together: `/api/v1/patients/{id}/profile`, `/medical-record`, `/care-team`, `/dashboard`.
use access::data::{self, Contacts, Records, Registration};
use access::{Chart, Grant, Person, Read};
use axum::extract::State;
use kernel::{App, Errors, Json, Result, Tagged};

use crate::model::{CareTeam, Dashboard, FullRecord, Profile};
use crate::profile::Grants;
use crate::{care_team, dashboard, medical_record, profile};

/// Shows the registration, the health profile, and whom to call.
#[utoipa::path(get, path = "/api/v1/patients/{id}/profile", tag = "patients", params(
    ("id" = String, Path, description = "Our id or your own reference"),
), responses(
    (status = 200, body = Profile, description = "The profile", headers(("ETag" = String, description = "The patient's version"))),
    Errors,
))]
pub async fn show_profile(records: Person<Records>, State(app): State<App>) -> Result<Tagged<Profile>> {
    let (caller, patient) = (&records.caller, records[0].patient());
    let registration = Grant::<Read, Registration>::ask(&app, caller, patient).await?;
    let contacts = Grant::<Read, Contacts>::ask(&app, caller, patient).await?;
    let grants = Grants { registration: &registration, records: &records, contacts: &contacts };
    profile::profile(&app, caller, &grants).await.map(Tagged::ok)
}

/// Shows all that is charted about a patient. The records of single visits have a list of their own.
#[utoipa::path(get, path = "/api/v1/patients/{id}/medical-record", tag = "patients", params(
    ("id" = String, Path, description = "Our id or your own reference"),
), responses((status = 200, body = FullRecord, description = "The medical record"), Errors))]
pub async fn show_medical_record(records: Person<Records>, State(app): State<App>) -> Result<Json<FullRecord>> {
    medical_record::medical_record(&app, &records).await.map(Json)
}

/// Lists the doctors and institutions that look after a patient, and those that are asked to.
#[utoipa::path(get, path = "/api/v1/patients/{id}/care-team", tag = "patients", params(
    ("id" = String, Path, description = "Our id or your own reference"),
), responses((status = 200, body = CareTeam, description = "The care team"), Errors))]
pub async fn show_care_team(chart: Chart<Read, data::CareTeam>, State(app): State<App>) -> Result<Json<CareTeam>> {
    care_team::care_team(&app, &chart).await.map(Json)
}

/// Shows a patient at one glance, with a health score whose arithmetic is shown. The score is a figure of wellness, not a
/// diagnosis.
#[utoipa::path(get, path = "/api/v1/patients/{id}/dashboard", tag = "patients", params(
    ("id" = String, Path, description = "Our id or your own reference"),
), responses((status = 200, body = Dashboard, description = "The dashboard"), Errors))]
pub async fn show_dashboard(records: Person<Records>, State(app): State<App>) -> Result<Json<Dashboard>> {
    let patient = records[0].patient();
    let registration = Grant::<Read, Registration>::ask(&app, &records.caller, patient).await?;
    dashboard::dashboard(&app, &records.caller, &records, &registration).await.map(Json)
}
