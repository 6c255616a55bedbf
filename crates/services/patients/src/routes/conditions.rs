//! `/api/patients/{patient_id}/conditions`: illnesses, chronic conditions and allergies.
use access::data::Records;
use access::{Chart, Person, Write};
use axum::extract::State;
use kernel::{App, Errors, IfMatch, Json, Listed, PageQuery, Path, Query, Result, Stale, Tagged};
use serde::Deserialize;
use uuid::Uuid;

use crate::conditions;
use crate::merged::{Order, over, wide};
use crate::model::{Condition, ConditionFilter, ConditionIn, ConditionPatch};

/// The patient is named to [`Chart`].
#[derive(Deserialize)]
pub struct OfPatient {
    condition_id: Uuid,
}

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
    records: Person<Records>,
    State(app): State<App>,
    Query(page): Query<PageQuery>,
    Query(filter): Query<ConditionFilter>,
) -> Result<Listed<Condition>> {
    let wide = wide(&page, records.len());
    let lists = records.iter().map(|grant| conditions::list(&app, grant, &wide, &filter));
    over(lists, &page, Order::OldestFirst, |condition| condition.id).await
}

/// Charts a condition.
#[utoipa::path(post, path = "/api/patients/{patient_id}/conditions", tag = "patients", params(
    ("patient_id" = String, Path, description = "Our id or your own reference"),
), request_body = ConditionIn, responses(
    (status = 201, body = Condition, description = "The charted condition", headers(("ETag" = String, description = "Its version"))),
    Errors,
))]
pub async fn add(
    chart: Chart<Write, Records>,
    State(app): State<App>,
    Json(said): Json<ConditionIn>,
) -> Result<Tagged<Condition>> {
    let mut tx = app.db().begin().await?;
    let condition = conditions::add(&app, &mut tx, &chart, said).await?;
    tx.commit().await?;
    Ok(Tagged::created(condition))
}

/// Says how a condition stands now: managed, resolved, more severe. What it is stays; the chart keeps resolved ones.
#[utoipa::path(patch, path = "/api/patients/{patient_id}/conditions/{condition_id}", tag = "patients", params(
    ("patient_id" = String, Path, description = "Our id or your own reference"),
    ("condition_id" = Uuid, Path, description = "The condition's id"),
    IfMatch,
), request_body = ConditionPatch, responses(
    (status = 200, body = Condition, description = "The condition as it stands now", headers(("ETag" = String, description = "Its new version"))),
    Stale,
    Errors,
))]
pub async fn change(
    chart: Chart<Write, Records>,
    State(app): State<App>,
    Path(path): Path<OfPatient>,
    seen: IfMatch,
    Json(said): Json<ConditionPatch>,
) -> Result<Tagged<Condition>> {
    let mut tx = app.db().begin().await?;
    let condition = conditions::change(&app, &mut tx, &chart, (path.condition_id, &seen), said).await?;
    tx.commit().await?;
    Ok(Tagged::ok(condition))
}
