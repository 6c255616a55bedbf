//! `/api/v1/patients/{id}/delegates`: who may act for a patient; `/api/v1/delegations`: for whom the caller may.
use access::{Anyone, By};
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Errors, Json, Listed, PageQuery, Path, Query, Result};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::asked::DelegateIn;
use crate::delegates;
use crate::model::{Delegate, Delegation};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct OfPatient {
    /// Our id or your own reference.
    id: String,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct One {
    /// Our id or your own reference of the patient.
    id: String,
    /// The delegate, as the list names it.
    delegate_id: Uuid,
}

/// Lists who may act for a patient, or might once: to the patient, who acts for them, and administrators.
#[utoipa::path(get, path = "/api/v1/patients/{id}/delegates", tag = "consents", params(OfPatient, PageQuery), responses(
    (status = 200, body = Vec<Delegate>, description = "A page, the newest first",
        headers(("Link" = String, description = "The next page, when there is one"))),
    Errors,
))]
pub async fn of_patient(
    caller: By<Anyone>,
    State(app): State<App>,
    Path(path): Path<OfPatient>,
    Query(page): Query<PageQuery>,
) -> Result<Listed<Delegate>> {
    let patient = delegates::seen(&app, &caller, &path.id).await?;
    delegates::list(&app, patient, &page).await
}

/// Lets somebody act for a patient: the patient says so, or an administrator for one who cannot, such as a child.
#[utoipa::path(post, path = "/api/v1/patients/{id}/delegates", tag = "consents", params(OfPatient),
    request_body = DelegateIn, responses((status = 201, body = Delegate, description = "The delegate"), Errors))]
pub async fn add(
    caller: By<Anyone>,
    State(app): State<App>,
    Path(path): Path<OfPatient>,
    Json(said): Json<DelegateIn>,
) -> Result<(StatusCode, Json<Delegate>)> {
    let patient = delegates::giver(&app, &caller, &path.id).await?;
    let mut tx = app.db().begin().await?;
    let added = delegates::add(&app, &mut tx, &caller, patient, &said).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(added)))
}

/// Ends a delegate's right: the patient, an administrator, or the delegate.
#[utoipa::path(delete, path = "/api/v1/patients/{id}/delegates/{delegate_id}", tag = "consents", params(One),
    responses((status = 204, description = "The delegate acts for the patient no more"), Errors))]
pub async fn end(caller: By<Anyone>, State(app): State<App>, Path(path): Path<One>) -> Result<StatusCode> {
    let patient = delegates::ender(&app, &caller, &path.id, path.delegate_id).await?;
    let mut tx = app.db().begin().await?;
    delegates::end(&app, &mut tx, &caller, (patient, path.delegate_id)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the patients for whom the caller may act now.
#[utoipa::path(get, path = "/api/v1/delegations", tag = "consents", params(PageQuery), responses(
    (status = 200, body = Vec<Delegation>, description = "A page, the newest first",
        headers(("Link" = String, description = "The next page, when there is one"))),
    Errors,
))]
pub async fn own(
    caller: By<Anyone>,
    State(app): State<App>,
    Query(page): Query<PageQuery>,
) -> Result<Listed<Delegation>> {
    delegates::own(&app, &caller, &page).await
}
