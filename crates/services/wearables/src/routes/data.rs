//! `/api/wearables/…`: wearable data as document 000 has it.
use access::data::Wearables;
use access::{Anyone, By, Caller, Chart, Read, Role};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use chrono::TimeDelta;
use garde::Validate as _;
use kernel::{App, Error, Errors, FieldError, Json, Listed, PageQuery, Path, PatientId, Query, Result};
use serde::Serialize;
use utoipa::ToSchema;

use crate::body::Packed;
use crate::bounds::DATA;
use crate::data::{self, DataFilter, WearableData, WearableDataIn, WearableDataKept, WearableDatum};
use crate::history::View;
use crate::intake::Intake;
use crate::model::{By as Sender, SourceKind};
use crate::queries::sources;
use crate::read::{self, OneOrMany};
use crate::shown::PointOut;
use crate::whose::Named;

/// One datum, or an array of them, all of one patient.
#[derive(ToSchema)]
#[schema(title = "WearableDataSync")]
#[serde(untagged)]
#[allow(dead_code)] // It describes what `sync` reads.
pub enum WearableDataSync {
    One(WearableDataIn),
    Many(Vec<WearableDataIn>),
}

/// An object for an object, an array for an array.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum WearableDataAnswer {
    One(WearableDataKept),
    Many(Vec<WearableDataKept>),
}

/// Keeps what a wearable sent, sealed with the patient's key: one datum, or an array of one patient's. All or nothing.
///
/// 403 without a live wearable consent of the patient; then nothing is kept.
#[utoipa::path(post, path = "/api/wearables/sync", tag = "wearables", request_body = WearableDataSync, responses(
    (status = 201, body = WearableDataAnswer, description = "What was kept: an object for an object, an array for an array"),
    Errors,
))]
pub async fn sync(caller: Caller, State(app): State<App>, body: Packed) -> Result<Response> {
    let said = body.read_at_most(("body", DATA), read::one_or_many::<WearableDataIn>).await?;
    let (said, is_one) = match said {
        OneOrMany::One(one) => (vec![one], true),
        OneOrMany::Many(many) => (many, false),
    };
    for (place, datum) in said.iter().enumerate() {
        let at = |member: String| if is_one { member } else { format!("[{place}].{member}") };
        datum.validate().map_err(|report| {
            let errors = report.iter().map(|(path, why)| (at(path.to_string()), why.to_string()));
            Error::invalid_members(errors.map(|(member, detail)| FieldError { member, detail }).collect())
        })?;
    }
    let Some(name) = said.first().map(|first| first.patient_id.clone()) else {
        return Ok((StatusCode::CREATED, axum::Json(WearableDataAnswer::Many(Vec::new()))).into_response());
    };
    if let Some(place) = said.iter().position(|datum| datum.patient_id != name) {
        return Err(Error::invalid(
            format!("[{place}].patient_id"),
            "is another patient: send one patient's data at once",
        ));
    }
    let patient = Named { patient_id: Some(&name), ..Named::default() }.find(&app, &caller).await?;
    let (delivery, mut kept) = data::delivery((said, is_one), Sender::Caller(caller), patient, app.clock().now())?;
    app.edge::<Intake>().deliver(delivery).await?;
    let answer = match (is_one, kept.pop()) {
        (true, Some(one)) => WearableDataAnswer::One(one),
        (_, last) => {
            kept.extend(last);
            WearableDataAnswer::Many(kept)
        }
    };
    Ok((StatusCode::CREATED, axum::Json(answer)).into_response())
}

/// Lists a patient's wearable data, those that came last first. What they say stays sealed.
#[utoipa::path(get, path = "/api/wearables/patients/{patient_id}", tag = "wearables", params(
    ("patient_id" = String, Path, description = "Our id or your own reference"),
    DataFilter,
    PageQuery,
), responses(
    (status = 200, body = Vec<WearableData>, description = "A page of data",
        headers(("Link" = String, description = "The next page, when there is one"))),
    Errors,
))]
pub async fn list(
    chart: Chart<Read, Wearables>,
    State(app): State<App>,
    Query(filter): Query<DataFilter>,
    Query(page): Query<PageQuery>,
) -> Result<Listed<WearableData>> {
    data::list(&app, &chart, &filter, &page).await
}

/// Shows one datum in the clear.
#[utoipa::path(get, path = "/api/wearables/patients/{patient_id}/decrypt/{data_id}", tag = "wearables", params(
    ("patient_id" = String, Path, description = "Our id or your own reference"),
    ("data_id" = String, Path, description = "Your own name of it, or our id"),
), responses(
    (status = 200, body = WearableDatum, description = "The datum"),
    Errors,
))]
pub async fn decrypt(
    chart: Chart<Read, Wearables>,
    State(app): State<App>,
    Path(path): Path<(String, String)>,
) -> Result<Json<WearableDatum>> {
    data::one(&app, &chart, &path.1).await?.map(Json).ok_or_else(|| Error::not_found("wearable data"))
}

/// The newest of each metric.
#[derive(Debug, Serialize, ToSchema)]
pub struct LatestVitals {
    pub patient_id: PatientId,
    pub metrics: Vec<PointOut>,
}

/// Shows the newest of each metric that a patient's wearables measured.
#[utoipa::path(get, path = "/api/wearables/patients/{patient_id}/latest", tag = "wearables", params(
    ("patient_id" = String, Path, description = "Our id or your own reference"),
), responses(
    (status = 200, body = LatestVitals, description = "By metric"),
    Errors,
))]
pub async fn latest(chart: Chart<Read, Wearables>, State(app): State<App>) -> Result<Json<LatestVitals>> {
    let metrics = View::open(&app, &chart).await?.latest().await?;
    Ok(Json(LatestVitals { patient_id: chart.patient(), metrics }))
}

/// What wearables of all patients together sent.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct WearableStatistics {
    /// Devices that are registered, and not removed.
    pub active_devices: i64,
    /// Apps that sent something.
    pub apps: i64,
    pub providers: i64,
    /// Of these, those that sent something in the last 24 hours.
    pub synced_last_24h: i64,
    /// Data and records that are kept.
    pub total_records: i64,
    /// Values that came, those included that were taken back since.
    pub total_points: i64,
}

/// Shows what wearables of all patients together sent. Not for patients.
#[utoipa::path(get, path = "/api/wearables/statistics", tag = "wearables", responses(
    (status = 200, body = WearableStatistics, description = "The figures"),
    Errors,
))]
pub async fn statistics(caller: By<Anyone>, State(app): State<App>) -> Result<Json<WearableStatistics>> {
    if caller.role == Role::Patient {
        return Err(Error::forbidden("not for the role patient"));
    }
    let since = app.clock().now() - TimeDelta::hours(24);
    let mut all = WearableStatistics::default();
    for of_kind in sources::figures(&mut app.db(), since).await? {
        match of_kind.kind {
            SourceKind::Device => all.active_devices = of_kind.active,
            SourceKind::App => all.apps = of_kind.active,
            SourceKind::Provider => all.providers = of_kind.active,
        }
        all.synced_last_24h += of_kind.synced;
        all.total_records += of_kind.records;
        all.total_points += of_kind.points;
    }
    Ok(Json(all))
}
