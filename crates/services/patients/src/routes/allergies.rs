//! `/api/v1/patients/{id}/allergies`: the conditions of the kind `allergy`, by themselves.
use access::data::Records;
use access::{Chart, Person, Write};
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Error, Errors, Json, Listed, PageQuery, Query, Result};

use crate::conditions;
use crate::merged::{Order, over, wide};
use crate::model::{Condition, ConditionFilter, ConditionIn, ConditionKind};

/// Lists a patient's allergies in the order they were charted, resolved ones too.
#[utoipa::path(get, path = "/api/v1/patients/{id}/allergies", tag = "patients", params(
    ("id" = String, Path, description = "Our id or your own reference"),
    PageQuery,
), responses(
    (status = 200, body = Vec<Condition>, description = "A page of allergies", headers(("Link" = String, description = "The next page, when there is one"))),
    Errors,
))]
pub async fn list(
    records: Person<Records>,
    State(app): State<App>,
    Query(page): Query<PageQuery>,
) -> Result<Listed<Condition>> {
    let allergies = ConditionFilter { kind: Some(ConditionKind::Allergy), status: None };
    let wide = wide(&page, records.len());
    let lists = records.iter().map(|grant| conditions::list(&app, grant, &wide, &allergies));
    over(lists, &page, Order::OldestFirst, |allergy| allergy.id).await
}

/// Charts an allergy; its kind is `allergy`, and may be left out.
#[utoipa::path(post, path = "/api/v1/patients/{id}/allergies", tag = "patients", params(
    ("id" = String, Path, description = "Our id or your own reference"),
), request_body = ConditionIn, responses(
    (status = 201, body = Condition, description = "The charted allergy"),
    Errors,
))]
pub async fn add(
    chart: Chart<Write, Records>,
    State(app): State<App>,
    Json(said): Json<ConditionIn>,
) -> Result<(StatusCode, Json<Condition>)> {
    if said.kind.is_some_and(|kind| kind != ConditionKind::Allergy) {
        return Err(Error::invalid("kind", "is not allergy"));
    }
    let mut tx = app.db().begin().await?;
    let allergy = ConditionIn { kind: Some(ConditionKind::Allergy), ..said };
    let charted = conditions::add(&app, &mut tx, &chart, allergy).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(charted)))
}
