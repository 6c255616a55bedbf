//! `/api/patients/{patient_id}/records`: medical records.
use access::data::Records;
use access::{Chart, Person, Write};
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Errors, Json, Listed, PageQuery, Query, Result};

use crate::merged::{Order, over, wide};
use crate::model::{MedicalRecord, MedicalRecordIn};
use crate::{records, referenced};

/// Lists a patient's medical records, the one written last first, with the wearable data that they name.
#[utoipa::path(get, path = "/api/patients/{patient_id}/records", tag = "patients", params(
    ("patient_id" = String, Path, description = "Our id or your own reference"),
    PageQuery,
), responses(
    (status = 200, body = Vec<MedicalRecord>, description = "A page of records", headers(("Link" = String, description = "The next page, when there is one"))),
    Errors,
))]
pub async fn list(
    person: Person<Records>,
    State(app): State<App>,
    Query(page): Query<PageQuery>,
) -> Result<Listed<MedicalRecord>> {
    let wide = wide(&page, person.len());
    let lists = person.iter().map(|grant| records::list(&app, grant, &wide));
    let listed = over(lists, &page, Order::NewestFirst, |record| record.id).await?;
    referenced::with_wearables(&app, &person.caller, listed).await
}

/// Keeps a medical record.
#[utoipa::path(post, path = "/api/patients/{patient_id}/records", tag = "patients", params(
    ("patient_id" = String, Path, description = "Our id or your own reference"),
), request_body = MedicalRecordIn, responses(
    (status = 201, body = MedicalRecord, description = "The kept record"),
    Errors,
))]
pub async fn add(
    chart: Chart<Write, Records>,
    State(app): State<App>,
    Json(said): Json<MedicalRecordIn>,
) -> Result<(StatusCode, Json<MedicalRecord>)> {
    let mut tx = app.db().begin().await?;
    let record = records::add(&app, &mut tx, &chart.caller, &chart, said).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(record)))
}
