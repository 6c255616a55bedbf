//! `/api/v1/patients`: patients as document 001 registers, lists, reads and changes them.
use access::data::Registration;
use access::{Anyone, By, Chart, Clerk, Read, Write};
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Errors, IfMatch, Json, Listed, PageQuery, Query, Result, Stale, Tagged};

use crate::change::{self, Change};
use crate::deactivate;
use crate::model::{PatientFilter, PatientView, Person, PersonIn, PersonPatch, RegisterQuery};
use crate::register::{self, Newcomer};
use crate::{listing, show};

/// Registers a patient with account, health profile and emergency contact, all or nothing.
#[utoipa::path(post, path = "/api/v1/patients", tag = "patients", params(RegisterQuery), request_body = PersonIn, responses(
    (status = 201, body = Person, description = "The new patient", headers(("ETag" = String, description = "Its version"))),
    (status = 200, body = Person, description = "With `dry_run`: the patient that would be"),
    Errors,
))]
pub async fn create(
    caller: By<Clerk>,
    State(app): State<App>,
    Query(how): Query<RegisterQuery>,
    Json(said): Json<PersonIn>,
) -> Result<Tagged<Person>> {
    let new = Newcomer::of_person(&app, said).await?;
    if how.dry_run == Some(true) {
        return Ok(Tagged::ok(register::try_person(&app, &caller, new).await?.into()));
    }
    let mut tx = app.db().begin().await?;
    let person = register::register_person(&app, &mut tx, &caller, new).await?.into();
    tx.commit().await?;
    Ok(Tagged::created(person))
}

/// Lists the patients that the caller may see, ordered by when they were registered.
#[utoipa::path(get, path = "/api/v1/patients", tag = "patients", params(PageQuery, PatientFilter), responses(
    (status = 200, body = Vec<Person>, description = "A page of patients", headers(("Link" = String, description = "The next page, when there is one"))),
    Errors,
))]
pub async fn list(
    caller: By<Anyone>,
    State(app): State<App>,
    Query(page): Query<PageQuery>,
    Query(filter): Query<PatientFilter>,
) -> Result<Listed<Person>> {
    let listed = listing::list(&app, &caller, &page, &filter).await?;
    Ok(listed.map(Person::from))
}

/// Reads one patient, by our id or by the reference given at registration.
#[utoipa::path(get, path = "/api/v1/patients/{id}", tag = "patients", params(
    ("id" = String, Path, description = "Our id or your own reference"),
    PatientView,
), responses(
    (status = 200, body = Person, description = "The patient", headers(("ETag" = String, description = "Its version"))),
    Errors,
))]
pub async fn get(
    chart: Chart<Read, Registration>,
    State(app): State<App>,
    Query(view): Query<PatientView>,
) -> Result<Tagged<Person>> {
    let records = show::ask(&app, &chart.caller, &chart, view.include).await?;
    let patient = show::show(&app, &chart.caller, &chart, records).await?;
    Ok(Tagged::ok(patient.into()))
}

/// Changes a patient. Members left out stay as they are.
#[utoipa::path(put, path = "/api/v1/patients/{id}", tag = "patients", params(
    ("id" = String, Path, description = "Our id or your own reference"),
    IfMatch,
), request_body = PersonPatch, responses(
    (status = 200, body = Person, description = "The changed patient", headers(("ETag" = String, description = "Its new version"))),
    Stale,
    Errors,
))]
pub async fn update(
    chart: Chart<Write, Registration>,
    State(app): State<App>,
    seen: IfMatch,
    Json(patch): Json<PersonPatch>,
) -> Result<Tagged<Person>> {
    let (patch, call) = patch.parted()?;
    let mut change = Change::permitted(&app, &chart.caller, chart.patient(), patch, seen).await?;
    if let Some(who) = call {
        change = change.with_call(&app, &chart.caller, chart.patient(), who).await?;
    }
    let mut tx = app.db().begin().await?;
    let patient = change::update(&app, &mut tx, &chart.caller, &chart, change).await?;
    tx.commit().await?;
    Ok(Tagged::ok(patient.into()))
}

/// Deactivates a patient: an administrator, or the patient. Nothing is erased: administrators still read the registration.
#[utoipa::path(delete, path = "/api/v1/patients/{id}", tag = "patients", params(
    ("id" = String, Path, description = "Our id or your own reference"),
    IfMatch,
), responses(
    (status = 204, description = "The patient is deactivated"),
    Stale,
    Errors,
))]
pub async fn deactivate(
    chart: Chart<Write, Registration>,
    State(app): State<App>,
    seen: IfMatch,
) -> Result<StatusCode> {
    let mut tx = app.db().begin().await?;
    deactivate::deactivate(&app, &mut tx, &chart.caller, &chart, &seen).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Activates a deactivated patient again: an administrator. Who registered the patient is related again; other relations,
/// accounts and device keys that ended stay ended.
#[utoipa::path(post, path = "/api/v1/patients/{id}/activate", tag = "patients", params(
    ("id" = String, Path, description = "Our id or your own reference"),
), responses(
    (status = 200, body = Person, description = "The active patient", headers(("ETag" = String, description = "Its new version"))),
    Errors,
))]
pub async fn activate(chart: Chart<Write, Registration>, State(app): State<App>) -> Result<Tagged<Person>> {
    let mut tx = app.db().begin().await?;
    let patient = deactivate::activate(&app, &mut tx, &chart.caller, &chart).await?;
    tx.commit().await?;
    Ok(Tagged::ok(patient.into()))
}
