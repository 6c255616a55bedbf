//! `/api/v1/patients/{id}/merge`, `/unmerge`, `/merges` and `/duplicates`: records that may be one person's.
use access::data::Registration;
use access::{Chart, Read, Write};
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Errors, Json, Listed, PageQuery, Query, Result};

use crate::duplicates;
use crate::merging::{self, Pair};
use crate::model::{DuplicateQuery, Duplicates, Merge, MergeIn, UnmergeIn};

/// Looks for other records of the same person: those alike in name and birth date, or with the same phone or e-mail
/// address, each with how alike it is and why. Only records that the caller may read are compared.
#[utoipa::path(get, path = "/api/v1/patients/{id}/duplicates", tag = "patients", params(
    ("id" = String, Path, description = "Our id or your own reference"),
    DuplicateQuery,
), responses(
    (status = 200, body = Duplicates, description = "The records that are most alike, the likest first"),
    Errors,
))]
pub async fn duplicates(
    chart: Chart<Read, Registration>,
    State(app): State<App>,
    Query(query): Query<DuplicateQuery>,
) -> Result<Json<Duplicates>> {
    duplicates::of_patient(&app, &chart.caller, &chart, &query).await.map(Json)
}

/// Merges another record into this one, which stands for both from then on. Both ids go on naming the patient, and
/// whoever is related to one sees what was charted under either. For administrators and front desks who may change both.
#[utoipa::path(post, path = "/api/v1/patients/{id}/merge", tag = "patients", params(
    ("id" = String, Path, description = "Our id or your own reference"),
), request_body = MergeIn, responses(
    (status = 201, body = Merge, description = "The merge, as the journal keeps it"),
    Errors,
))]
pub async fn merge(
    chart: Chart<Write, Registration>,
    State(app): State<App>,
    Json(said): Json<MergeIn>,
) -> Result<(StatusCode, Json<Merge>)> {
    let pair = Pair::permitted(&app, &chart.caller, &chart, &said.absorbed_id).await?;
    let mut tx = app.db().begin().await?;
    let merge = merging::merge(&app, &mut tx, &chart.caller, &pair, said).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(merge)))
}

/// Undoes a merge: each record is again what it was, with what was added to it meanwhile.
#[utoipa::path(post, path = "/api/v1/patients/{id}/unmerge", tag = "patients", params(
    ("id" = String, Path, description = "Our id or your own reference"),
), request_body = UnmergeIn, responses(
    (status = 200, body = Merge, description = "The merge, undone"),
    Errors,
))]
pub async fn unmerge(
    chart: Chart<Write, Registration>,
    State(app): State<App>,
    Json(said): Json<UnmergeIn>,
) -> Result<Json<Merge>> {
    let pair = Pair::permitted(&app, &chart.caller, &chart, &said.absorbed_id).await?;
    let mut tx = app.db().begin().await?;
    let merge = merging::unmerge(&app, &mut tx, &chart.caller, &pair).await?;
    tx.commit().await?;
    Ok(Json(merge))
}

/// Lists the merges that a record took part in and who made and undid them, the last first.
#[utoipa::path(get, path = "/api/v1/patients/{id}/merges", tag = "patients", params(
    ("id" = String, Path, description = "Our id or your own reference"),
    PageQuery,
), responses(
    (status = 200, body = Vec<Merge>, description = "A page of the journal", headers(("Link" = String, description = "The next page, when there is one"))),
    Errors,
))]
pub async fn journal(
    chart: Chart<Read, Registration>,
    State(app): State<App>,
    Query(page): Query<PageQuery>,
) -> Result<Listed<Merge>> {
    merging::journal(&app, &chart.caller, chart.patient(), &page).await
}
