//! `/api/v1/patients/{id}/erasure` for the patient, `/api/v1/erasures` for administrators.
use access::data::Registration;
use access::{Admin, By, Chart, Grant, Read, Role, Write};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use kernel::{App, Error, Errors, Json, Listed, PageQuery, Path, Query, Result};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::erasure;
use crate::model::{Erasure, ErasureId, ErasureIn, ErasureStatus};

/// Asks for the patient's erasure: the patient. Nothing happens before an administrator confirms it.
#[utoipa::path(post, path = "/api/v1/patients/{id}/erasure", tag = "portability", request_body = ErasureIn, params(
    ("id" = String, Path, description = "Our id or your own reference"),
), responses(
    (status = 202, body = Erasure, description = "An administrator is to confirm it", headers(("Location" = String, description = "Where to ask what became of it"))),
    Errors,
))]
pub async fn ask(
    chart: Chart<Write, Registration>,
    State(app): State<App>,
    Json(said): Json<ErasureIn>,
) -> Result<(StatusCode, HeaderMap, Json<Erasure>)> {
    erasure::require_oneself(&chart.caller, chart.patient())?;
    let mut tx = app.db().begin().await?;
    let asked = erasure::ask(&app, &mut tx, &chart.caller, chart.patient(), &said).await?;
    tx.commit().await?;
    let location = format!("/api/v1/patients/{}/erasure", asked.patient_id);
    Ok((StatusCode::ACCEPTED, super::location(&location)?, Json(asked)))
}

/// Shows the last request of the patient: to the patient and to administrators.
#[utoipa::path(get, path = "/api/v1/patients/{id}/erasure", tag = "portability", params(
    ("id" = String, Path, description = "Our id or your own reference"),
), responses((status = 200, body = Erasure, description = "The request"), Errors))]
pub async fn of_patient(chart: Chart<Read, Registration>, State(app): State<App>) -> Result<Json<Erasure>> {
    if chart.caller.role != Role::Admin {
        erasure::require_oneself(&chart.caller, chart.patient())?;
    }
    erasure::last_of(&app, chart.patient()).await.map(Json)
}

/// Withdraws the request, as long as it was not confirmed: the patient.
#[utoipa::path(delete, path = "/api/v1/patients/{id}/erasure", tag = "portability", params(
    ("id" = String, Path, description = "Our id or your own reference"),
), responses((status = 200, body = Erasure, description = "The request, withdrawn"), Errors))]
pub async fn withdraw(chart: Chart<Write, Registration>, State(app): State<App>) -> Result<Json<Erasure>> {
    erasure::require_oneself(&chart.caller, chart.patient())?;
    let mut tx = app.db().begin().await?;
    let withdrawn = erasure::withdraw(&app, &mut tx, &chart.caller, chart.patient()).await?;
    tx.commit().await?;
    Ok(Json(withdrawn))
}

/// Which erasures to list.
#[derive(Debug, Deserialize, IntoParams, garde::Validate)]
#[garde(allow_unvalidated)]
pub struct ErasureFilter {
    #[param(inline)]
    status: Option<ErasureStatus>,
}

/// Lists erasures, the last one first: an administrator.
#[utoipa::path(get, path = "/api/v1/erasures", tag = "portability", params(PageQuery, ErasureFilter), responses(
    (status = 200, body = Vec<Erasure>, description = "A page of erasures", headers(("Link" = String, description = "The next page, when there is one"))),
    Errors,
))]
pub async fn list(
    _caller: By<Admin>,
    State(app): State<App>,
    Query(page): Query<PageQuery>,
    Query(filter): Query<ErasureFilter>,
) -> Result<Listed<Erasure>> {
    erasure::list(&app, filter.status, &page).await
}

/// Shows one erasure: an administrator. It stays when the patient is gone.
#[utoipa::path(get, path = "/api/v1/erasures/{erasure_id}", tag = "portability", params(
    ("erasure_id" = ErasureId, Path, description = "The erasure"),
), responses((status = 200, body = Erasure, description = "The erasure"), Errors))]
pub async fn show(_caller: By<Admin>, State(app): State<App>, Path(id): Path<ErasureId>) -> Result<Json<Erasure>> {
    erasure::by_id(&app, id).await.map(Json)
}

/// Confirms an erasure: an administrator. It is done when this answers, and cannot be undone, by a backup neither.
#[utoipa::path(post, path = "/api/v1/erasures/{erasure_id}/confirm", tag = "portability", params(
    ("erasure_id" = ErasureId, Path, description = "The erasure"),
), responses((status = 200, body = Erasure, description = "The patient is erased"), Errors))]
pub async fn confirm(caller: By<Admin>, State(app): State<App>, Path(id): Path<ErasureId>) -> Result<Json<Erasure>> {
    let asked = erasure::by_id(&app, id).await?;
    if asked.status != ErasureStatus::Requested {
        return Err(Error::conflict(format!("the erasure is {} already", asked.status)));
    }
    let grant = Grant::<Write, Registration>::ask(&app, &caller, asked.patient_id).await?;
    let mut tx = app.db().begin().await?;
    let done = erasure::confirm(&app, &mut tx, &caller, &grant, id).await?;
    tx.commit().await?;
    Ok(Json(done))
}
