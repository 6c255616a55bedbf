//! `/api/v1/patients/{id}/family-history`: illnesses of a patient's relatives.
use access::data::Records;
use access::{Chart, Person, Write};
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Errors, Json, Listed, PageQuery, Query, Result};

use crate::family_history;
use crate::merged::{Order, over, wide};
use crate::model::{FamilyHistory, FamilyIllness};

/// Lists a patient's family history in the order it was told.
#[utoipa::path(get, path = "/api/v1/patients/{id}/family-history", tag = "patients", params(
    ("id" = String, Path, description = "Our id or your own reference"),
    PageQuery,
), responses(
    (status = 200, body = Vec<FamilyHistory>, description = "A page of the family history", headers(("Link" = String, description = "The next page, when there is one"))),
    Errors,
))]
pub async fn list(
    records: Person<Records>,
    State(app): State<App>,
    Query(page): Query<PageQuery>,
) -> Result<Listed<FamilyHistory>> {
    let wide = wide(&page, records.len());
    let lists = records.iter().map(|grant| family_history::list(&app, grant, &wide));
    over(lists, &page, Order::OldestFirst, |entry| entry.id).await
}

/// Writes down an illness of a relative.
#[utoipa::path(post, path = "/api/v1/patients/{id}/family-history", tag = "patients", params(
    ("id" = String, Path, description = "Our id or your own reference"),
), request_body = FamilyIllness, responses(
    (status = 201, body = FamilyHistory, description = "The new entry"),
    Errors,
))]
pub async fn add(
    chart: Chart<Write, Records>,
    State(app): State<App>,
    Json(said): Json<FamilyIllness>,
) -> Result<(StatusCode, Json<FamilyHistory>)> {
    let mut tx = app.db().begin().await?;
    let entry = family_history::add(&app, &mut tx, &chart.caller, &chart, said).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(entry)))
}
