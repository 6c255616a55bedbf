//! `/api/v1/patients/{id}/exports`: everything kept about a patient, made in the background and fetched as a ZIP.
use access::data::Registration;
use access::{Chart, Entry, Read};
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use jobs::{JobId, State as JobState};
use kernel::{App, Error, Errors, Json, Listed, PageQuery, Path, Query, Result};
use serde::Deserialize;

use crate::erasure::require_oneself;
use crate::export;
use crate::model::Export;

/// The patient is named to [`Chart`].
#[derive(Deserialize)]
pub struct OfPatient {
    export_id: JobId,
}

/// Asks for an export of everything kept about the patient: the patient alone, for it holds everything. It is made in the background; `Location` says where to look.
#[utoipa::path(post, path = "/api/v1/patients/{id}/exports", tag = "portability", params(
    ("id" = String, Path, description = "Our id or your own reference"),
), responses(
    (status = 202, body = Export, description = "It is being made", headers(("Location" = String, description = "Where to ask how far it is"))),
    Errors,
))]
pub async fn ask(
    chart: Chart<Read, Registration>,
    State(app): State<App>,
) -> Result<(StatusCode, HeaderMap, Json<Export>)> {
    require_oneself(&chart.caller, chart.patient())?;
    let mut tx = app.db().begin().await?;
    let export = export::ask(&app, &mut tx, &chart.caller, chart.patient()).await?;
    tx.commit().await?;
    let location = format!("/api/v1/patients/{}/exports/{}", export.patient_id, export.id);
    Ok((StatusCode::ACCEPTED, super::location(&location)?, Json(export)))
}

/// Lists the patient's exports, the last one first.
#[utoipa::path(get, path = "/api/v1/patients/{id}/exports", tag = "portability", params(
    ("id" = String, Path, description = "Our id or your own reference"),
    PageQuery,
), responses(
    (status = 200, body = Vec<Export>, description = "A page of exports", headers(("Link" = String, description = "The next page, when there is one"))),
    Errors,
))]
pub async fn list(
    chart: Chart<Read, Registration>,
    State(app): State<App>,
    Query(page): Query<PageQuery>,
) -> Result<Listed<Export>> {
    require_oneself(&chart.caller, chart.patient())?;
    export::list(&app, chart.patient(), &page).await
}

/// Tells how far an export is.
#[utoipa::path(get, path = "/api/v1/patients/{id}/exports/{export_id}", tag = "portability", params(
    ("id" = String, Path, description = "Our id or your own reference"),
    ("export_id" = JobId, Path, description = "The export"),
), responses((status = 200, body = Export, description = "The export"), Errors))]
pub async fn show(
    chart: Chart<Read, Registration>,
    State(app): State<App>,
    Path(path): Path<OfPatient>,
) -> Result<Json<Export>> {
    require_oneself(&chart.caller, chart.patient())?;
    export::show(&app, chart.patient(), path.export_id).await.map(Json)
}

/// Calls an export off, or removes its file before its time.
#[utoipa::path(delete, path = "/api/v1/patients/{id}/exports/{export_id}", tag = "portability", params(
    ("id" = String, Path, description = "Our id or your own reference"),
    ("export_id" = JobId, Path, description = "The export"),
), responses((status = 204, description = "It is gone"), Errors))]
pub async fn remove(
    chart: Chart<Read, Registration>,
    State(app): State<App>,
    Path(path): Path<OfPatient>,
) -> Result<StatusCode> {
    require_oneself(&chart.caller, chart.patient())?;
    let export = export::show(&app, chart.patient(), path.export_id).await?;
    let mut tx = app.db().begin().await?;
    export::remove(&app, &mut tx, &chart.caller, chart.patient(), export.id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Fetches the file of an export that is done: a ZIP with a README. 409 before it is done, 410 once it was removed.
#[utoipa::path(get, path = "/api/v1/patients/{id}/exports/{export_id}/file", tag = "portability", params(
    ("id" = String, Path, description = "Our id or your own reference"),
    ("export_id" = JobId, Path, description = "The export"),
), responses(
    (status = 200, body = Vec<u8>, content_type = "application/zip", description = "The file"),
    (status = 410, body = kernel::Problem, content_type = "application/problem+json", description = "It was kept for a week, or removed"),
    Errors,
))]
pub async fn file(
    chart: Chart<Read, Registration>,
    State(app): State<App>,
    Path(path): Path<OfPatient>,
) -> Result<(HeaderMap, Body)> {
    require_oneself(&chart.caller, chart.patient())?;
    let export = export::show(&app, chart.patient(), path.export_id).await?;
    if export.state != JobState::Done {
        return Err(Error::conflict(format!("the export is {}", export.state)));
    }
    let now = app.clock().now();
    let in_time = export.expires_at.is_some_and(|until| now < until);
    let found = if in_time { export::fetch(&app, chart.patient(), export.id.0).await? } else { None };
    let packed = found.ok_or_else(|| Error::gone("the file was kept for a week, or was removed"))?;
    // To fetch everything is a look of its own, on the chain before the first byte.
    let mut tx = app.db().begin().await?;
    access::record(&mut tx, Entry::of(&chart.caller, "export.fetch", export.id, now).about(chart.patient()));
    tx.commit().await?;
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"export.zip\""));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(packed.size));
    Ok((headers, Body::from_stream(packed.stream())))
}
