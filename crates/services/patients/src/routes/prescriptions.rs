//! `/api/v1/patients/{id}/prescriptions`, and `/medications`: what of them is taken now.
use access::data::Records;
use access::{Chart, Person, Write};
use axum::extract::State;
use kernel::{App, Errors, IfMatch, Json, Listed, PageQuery, Path, Query, Result, Stale, Tagged};
use serde::Deserialize;

use crate::merged::{Order, over, wide};
use crate::model::{CurrentMedication, Prescription, PrescriptionFilter, PrescriptionIn, PrescriptionPatch};
use crate::prescriptions;

/// The patient is named to [`Chart`] and [`Person`].
#[derive(Deserialize)]
pub struct OfPatient {
    prescription_id: String,
}

/// Lists a patient's prescriptions, the newest first.
#[utoipa::path(get, path = "/api/v1/patients/{id}/prescriptions", tag = "patients", params(
    ("id" = String, Path, description = "Our id or your own reference"),
    PageQuery,
    PrescriptionFilter,
), responses(
    (status = 200, body = Vec<Prescription>, description = "A page of prescriptions", headers(("Link" = String, description = "The next page, when there is one"))),
    Errors,
))]
pub async fn list(
    person: Person<Records>,
    State(app): State<App>,
    Query(page): Query<PageQuery>,
    Query(filter): Query<PrescriptionFilter>,
) -> Result<Listed<Prescription>> {
    let wide = wide(&page, person.len());
    let lists = person.iter().map(|grant| prescriptions::list(&app, grant, &wide, &filter));
    over(lists, &page, Order::NewestFirst, |prescription| prescription.id).await
}

/// Writes a prescription: a doctor who treats the patient.
#[utoipa::path(post, path = "/api/v1/patients/{id}/prescriptions", tag = "patients", params(
    ("id" = String, Path, description = "Our id or your own reference"),
), request_body = PrescriptionIn, responses(
    (status = 201, body = Prescription, description = "The new prescription", headers(("ETag" = String, description = "Its version"))),
    Errors,
))]
pub async fn add(
    chart: Chart<Write, Records>,
    State(app): State<App>,
    Json(said): Json<PrescriptionIn>,
) -> Result<Tagged<Prescription>> {
    let mut tx = app.db().begin().await?;
    let prescription = prescriptions::add(&app, &mut tx, &chart.caller, &chart, said).await?;
    tx.commit().await?;
    Ok(Tagged::created(prescription))
}

/// Shows one prescription.
#[utoipa::path(get, path = "/api/v1/patients/{id}/prescriptions/{prescription_id}", tag = "patients", params(
    ("id" = String, Path, description = "Our id of the patient or your own reference"),
    ("prescription_id" = String, Path, description = "Our id of the prescription or your own reference"),
), responses(
    (status = 200, body = Prescription, description = "The prescription", headers(("ETag" = String, description = "Its version"))),
    Errors,
))]
pub async fn show(
    person: Person<Records>,
    State(app): State<App>,
    Path(path): Path<OfPatient>,
) -> Result<Tagged<Prescription>> {
    prescriptions::show(&app, &person, &path.prescription_id).await.map(Tagged::ok)
}

/// Ends a prescription: a doctor who treats the patient. What ended stays ended.
#[utoipa::path(patch, path = "/api/v1/patients/{id}/prescriptions/{prescription_id}", tag = "patients", params(
    ("id" = String, Path, description = "Our id of the patient or your own reference"),
    ("prescription_id" = String, Path, description = "Our id of the prescription or your own reference"),
    IfMatch,
), request_body = PrescriptionPatch, responses(
    (status = 200, body = Prescription, description = "The ended prescription", headers(("ETag" = String, description = "Its new version"))),
    Stale,
    Errors,
))]
pub async fn end(
    chart: Chart<Write, Records>,
    State(app): State<App>,
    Path(path): Path<OfPatient>,
    seen: IfMatch,
    Json(said): Json<PrescriptionPatch>,
) -> Result<Tagged<Prescription>> {
    let mut tx = app.db().begin().await?;
    let how = (path.prescription_id.as_str(), &seen, said);
    let prescription = prescriptions::end(&app, &mut tx, &chart.caller, &chart, how).await?;
    tx.commit().await?;
    Ok(Tagged::ok(prescription))
}

/// Lists what a patient takes now, from prescriptions that have neither ended nor expired.
#[utoipa::path(get, path = "/api/v1/patients/{id}/medications", tag = "patients", params(
    ("id" = String, Path, description = "Our id or your own reference"),
), responses((status = 200, body = Vec<CurrentMedication>, description = "All of them"), Errors))]
pub async fn medications(person: Person<Records>, State(app): State<App>) -> Result<Json<Vec<CurrentMedication>>> {
    prescriptions::current(&app, &person).await.map(Json)
}
