//! `/api/patients/{patient_id}/family-contacts`: the people to call.
use access::data::Contacts;
use access::{Chart, Person, Write};
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Errors, IfMatch, Json, Listed, PageQuery, Path, Query, Result, Stale, Tagged};
use serde::Deserialize;
use uuid::Uuid;

use crate::contacts;
use crate::merged::{Order, over, wide};
use crate::model::{FamilyContact, FamilyContactIn};

/// The patient is named to [`Chart`].
#[derive(Deserialize)]
pub struct OfPatient {
    contact_id: Uuid,
}

/// Lists a patient's contacts in the order they were named.
#[utoipa::path(get, path = "/api/patients/{patient_id}/family-contacts", tag = "patients", params(
    ("patient_id" = String, Path, description = "Our id or your own reference"),
    PageQuery,
), responses(
    (status = 200, body = Vec<FamilyContact>, description = "A page of contacts", headers(("Link" = String, description = "The next page, when there is one"))),
    Errors,
))]
pub async fn list(
    person: Person<Contacts>,
    State(app): State<App>,
    Query(page): Query<PageQuery>,
) -> Result<Listed<FamilyContact>> {
    let wide = wide(&page, person.len());
    let lists = person.iter().map(|grant| contacts::list(&app, grant, &wide));
    over(lists, &page, Order::OldestFirst, |contact| contact.id).await
}

/// Adds a contact. A new primary contact takes the place of the one before.
#[utoipa::path(post, path = "/api/patients/{patient_id}/family-contacts", tag = "patients", params(
    ("patient_id" = String, Path, description = "Our id or your own reference"),
), request_body = FamilyContactIn, responses(
    (status = 201, body = FamilyContact, description = "The new contact", headers(("ETag" = String, description = "Its version"))),
    Errors,
))]
pub async fn add(
    chart: Chart<Write, Contacts>,
    State(app): State<App>,
    Json(said): Json<FamilyContactIn>,
) -> Result<Tagged<FamilyContact>> {
    let mut tx = app.db().begin().await?;
    let contact = contacts::add(&app, &mut tx, &chart, said).await?;
    tx.commit().await?;
    Ok(Tagged::created(contact))
}

/// Says a contact anew, as when the number has changed.
#[utoipa::path(put, path = "/api/patients/{patient_id}/family-contacts/{contact_id}", tag = "patients", params(
    ("patient_id" = String, Path, description = "Our id or your own reference"),
    ("contact_id" = Uuid, Path, description = "The contact's id"),
    IfMatch,
), request_body = FamilyContactIn, responses(
    (status = 200, body = FamilyContact, description = "The contact as now known", headers(("ETag" = String, description = "Its new version"))),
    Stale,
    Errors,
))]
pub async fn change(
    chart: Chart<Write, Contacts>,
    State(app): State<App>,
    Path(path): Path<OfPatient>,
    seen: IfMatch,
    Json(said): Json<FamilyContactIn>,
) -> Result<Tagged<FamilyContact>> {
    let mut tx = app.db().begin().await?;
    let contact = contacts::change(&app, &mut tx, &chart, (path.contact_id, &seen), said).await?;
    tx.commit().await?;
    Ok(Tagged::ok(contact))
}

/// Removes a contact.
#[utoipa::path(delete, path = "/api/patients/{patient_id}/family-contacts/{contact_id}", tag = "patients", params(
    ("patient_id" = String, Path, description = "Our id or your own reference"),
    ("contact_id" = Uuid, Path, description = "The contact's id"),
    IfMatch,
), responses(
    (status = 204, description = "The contact is removed"),
    Stale,
    Errors,
))]
pub async fn remove(
    chart: Chart<Write, Contacts>,
    State(app): State<App>,
    Path(path): Path<OfPatient>,
    seen: IfMatch,
) -> Result<StatusCode> {
    let mut tx = app.db().begin().await?;
    contacts::remove(&app, &mut tx, &chart, (path.contact_id, &seen)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
