//! `/api/patients/{patient_id}/conditions`: illnesses, chronic conditions and allergies.
use access::data::Records;
use access::{Chart, Read, Write};
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Errors, Json, Listed, PageQuery, Query, Result};

use crate::conditions;
use crate::model::{Condition, ConditionFilter, ConditionIn};

/// Lists a patient's conditions in the order they were charted, allergies and chronic conditions among them.
#[utoipa::path(get, path = "/api/patients/{patient_id}/conditions", tag = "patients", params(
    ("patient_id" = String, Path, description = "Our id or your own reference"),
    PageQuery,
    ConditionFilter,
), responses(
    (status = 200, body = Vec<Condition>, description = "A page of conditions", headers(("Link" = String, description = "The next page, when there is one"))),
    Errors,
))]
pub async fn list(
    chart: Chart<Read, Records>,
    State(app): State<App>,
    Query(page): Query<PageQuery>,
    Query(filter): Query<ConditionFilter>,
) -> Result<Listed<Condition>> {
    conditions::list(&app, &chart, &page, &filter).await
}

/// Charts a condition.
#[utoipa::path(post, path = "/api/patients/{patient_id}/conditions", tag = "patients", params(
    ("patient_id" = String, Path, description = "Our id or your own reference"),
), request_body = ConditionIn, responses(
    (status = 201, body = Condition, description = "The charted condition"),
    Errors,
))]
pub async fn add(
    chart: Chart<Write, Records>,
    State(app): State<App>,
    Json(said): Json<ConditionIn>,
) -> Result<(StatusCode, Json<Condition>)> {
    let mut tx = app.db().begin().await?;
    let condition = conditions::add(&app, &mut tx, &chart, said).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(condition)))
}
