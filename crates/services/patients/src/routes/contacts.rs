//! `/api/patients/{patient_id}/family-contacts`: the people to call.
use access::data::Contacts;
use access::{Chart, Read, Write};
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Errors, Json, Listed, PageQuery, Query, Result};

use crate::contacts;
use crate::model::{FamilyContact, FamilyContactIn};

/// Lists a patient's contacts in the order they were named.
#[utoipa::path(get, path = "/api/patients/{patient_id}/family-contacts", tag = "patients", params(
    ("patient_id" = String, Path, description = "Our id or your own reference"),
    PageQuery,
), responses(
    (status = 200, body = Vec<FamilyContact>, description = "A page of contacts", headers(("Link" = String, description = "The next page, when there is one"))),
    Errors,
))]
pub async fn list(
    chart: Chart<Read, Contacts>,
    State(app): State<App>,
    Query(page): Query<PageQuery>,
) -> Result<Listed<FamilyContact>> {
    contacts::list(&app, &chart, &page).await
}

/// Adds a contact. A new primary contact takes the place of the one before.
#[utoipa::path(post, path = "/api/patients/{patient_id}/family-contacts", tag = "patients", params(
    ("patient_id" = String, Path, description = "Our id or your own reference"),
), request_body = FamilyContactIn, responses(
    (status = 201, body = FamilyContact, description = "The new contact"),
    Errors,
))]
pub async fn add(
    chart: Chart<Write, Contacts>,
    State(app): State<App>,
    Json(said): Json<FamilyContactIn>,
) -> Result<(StatusCode, Json<FamilyContact>)> {
    let mut tx = app.db().begin().await?;
    let contact = contacts::add(&app, &mut tx, &chart, said).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(contact)))
}
