//! Breaking the glass, seeing that it was broken, and reviewing it.
use access::data::Consents;
use access::{Admin, By, Chart, Clinician, Read};
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Error, Errors, Json, Listed, PageQuery, Path, Query, Result};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::asked::{BreakGlassIn, GlassFilter, ReviewIn};
use crate::break_glass as breaking;
use crate::model::BrokenGlass;
use crate::review as reviews;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct OfPatient {
    /// Our id or your own reference.
    id: String,
}

/// Opens a chart to the caller alone for an hour, without a relation to the patient: doctors, nurses, front desks. The
/// patient sees it at once, an administrator reviews it, and ten in a day are the most.
#[utoipa::path(post, path = "/api/v1/patients/{id}/break-glass", tag = "consents", params(OfPatient),
    request_body = BreakGlassIn, responses((status = 201, body = BrokenGlass, description = "The chart is open"), Errors))]
pub async fn break_glass(
    caller: By<Clinician>,
    State(app): State<App>,
    Path(path): Path<OfPatient>,
    Json(said): Json<BreakGlassIn>,
) -> Result<(StatusCode, Json<BrokenGlass>)> {
    let patient = patients::find(&app.db(), &path.id).await?.ok_or_else(|| Error::not_found("patient"))?;
    let mut tx = app.db().begin().await?;
    let broken = breaking::break_glass(&app, &mut tx, &caller, patient, &said).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(broken)))
}

/// Shows who opened the patient's chart without a relation, and why: to the patient and who acts for them.
#[utoipa::path(get, path = "/api/v1/patients/{id}/break-glass", tag = "consents", params(OfPatient, PageQuery), responses(
    (status = 200, body = Vec<BrokenGlass>, description = "A page, the newest first",
        headers(("Link" = String, description = "The next page, when there is one"))),
    Errors,
))]
pub async fn of_patient(
    chart: Chart<Read, Consents>,
    State(app): State<App>,
    Query(page): Query<PageQuery>,
) -> Result<Listed<BrokenGlass>> {
    reviews::of_patient(&app, chart.patient(), &page).await
}

/// Lists what was opened without a relation, the oldest first, for those who review it.
#[utoipa::path(get, path = "/api/v1/break-glass", tag = "consents", params(GlassFilter, PageQuery), responses(
    (status = 200, body = Vec<BrokenGlass>, description = "A page, the oldest first",
        headers(("Link" = String, description = "The next page, when there is one"))),
    Errors,
))]
pub async fn queue(
    caller: By<Admin>,
    State(app): State<App>,
    Query(filter): Query<GlassFilter>,
    Query(page): Query<PageQuery>,
) -> Result<Listed<BrokenGlass>> {
    reviews::queue(&app, &caller, &filter, &page).await
}

/// Says whether it was justified; if not, it opens nothing any more. Once, and never by who did it.
#[utoipa::path(post, path = "/api/v1/break-glass/{id}/review", tag = "consents", params(
    ("id" = Uuid, Path, description = "Which one"),
), request_body = ReviewIn, responses((status = 200, body = BrokenGlass, description = "Reviewed"), Errors))]
pub async fn review(
    caller: By<Admin>,
    State(app): State<App>,
    Path(id): Path<Uuid>,
    Json(said): Json<ReviewIn>,
) -> Result<Json<BrokenGlass>> {
    let mut tx = app.db().begin().await?;
    let reviewed = reviews::review(&app, &mut tx, &caller, id, said).await?;
    tx.commit().await?;
    Ok(Json(reviewed))
}
