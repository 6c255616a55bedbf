//! Who looked at whom: to the patient, to a hospital about its own staff, to an administrator as a whole.
use access::data::Consents;
use access::{Admin, By, Chart, Read, Role, Who};
use axum::extract::State;
use axum::response::Response;
use kernel::{App, Errors, HospitalId, Json, Listed, PageQuery, Query, Result};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::looked;
use crate::model::{Look, SignedHead};

/// Answers for staff: a hospital's own account, or an administrator.
pub struct Keeper;
impl Who for Keeper {
    const ROLES: &'static [Role] = &[Role::Admin, Role::Hospital];
}

#[derive(Debug, Deserialize, IntoParams, garde::Validate)]
#[garde(allow_unvalidated)]
#[into_params(parameter_in = Query)]
pub struct OfStaff {
    /// Whose staff; the signed-in hospital when it is left out.
    hospital: Option<HospitalId>,
}

#[derive(Debug, Deserialize, IntoParams, garde::Validate)]
#[into_params(parameter_in = Query)]
pub struct After {
    /// Only entries after this number.
    #[garde(inner(range(min = 0)))]
    #[param(minimum = 0)]
    after: Option<i64>,
}

/// Shows who looked at the patient or changed something, when, why and from where, refused looks too. Readings that
/// monitors sent are left out: they are in the history.
#[utoipa::path(get, path = "/api/v1/patients/{id}/audit", tag = "consents", params(
    ("id" = String, Path, description = "Our id or your own reference"), PageQuery,
), responses(
    (status = 200, body = Vec<Look>, description = "A page of entries, the newest first",
        headers(("Link" = String, description = "The next page, when there is one"))),
    Errors,
))]
pub async fn of_patient(
    chart: Chart<Read, Consents>,
    State(app): State<App>,
    Query(page): Query<PageQuery>,
) -> Result<Listed<Look>> {
    looked::at_patient(&app, chart.patient(), &page).await
}

/// Shows what a hospital's own accounts looked at and did, to the hospital.
#[utoipa::path(get, path = "/api/v1/audit", tag = "consents", params(OfStaff, PageQuery), responses(
    (status = 200, body = Vec<Look>, description = "A page of entries, the newest first",
        headers(("Link" = String, description = "The next page, when there is one"))),
    Errors,
))]
pub async fn of_staff(
    caller: By<Keeper>,
    State(app): State<App>,
    Query(which): Query<OfStaff>,
    Query(page): Query<PageQuery>,
) -> Result<Listed<Look>> {
    looked::of_staff(&app, &caller, which.hospital, &page).await
}

/// Gives out the audit chain, one JSON object a line, to be kept on another machine.
#[utoipa::path(get, path = "/api/v1/audit/export", tag = "consents", params(After), responses(
    (status = 200, body = String, content_type = "application/x-ndjson", description = "The entries, oldest first"),
    Errors,
))]
pub async fn export(caller: By<Admin>, State(app): State<App>, Query(which): Query<After>) -> Result<Response> {
    looked::export(&app, &caller, which.after.unwrap_or_default()).await
}

/// Gives out the signed ends of the audit chain, one a day. Kept elsewhere, they show whether the chain was rewritten.
#[utoipa::path(get, path = "/api/v1/audit/heads", tag = "consents", responses(
    (status = 200, body = Vec<SignedHead>, description = "Every day's head, the first day first"),
    Errors,
))]
pub async fn heads(_: By<Admin>, State(app): State<App>) -> Result<Json<Vec<SignedHead>>> {
    looked::heads(&app).await.map(Json)
}
