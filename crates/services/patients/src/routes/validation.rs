//! `/api/v1/patients/{id}/validation`: the ladder; `/api/v1/validations`: who waits for the caller.
use access::data::CareTeam;
use access::{Anyone, By, Chart, Clerk, Write};
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Body, Errors, IfMatch, Listed, PageQuery, Path, Query, Result, Stale, Tagged};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::model::{Awaited, Validation, ValidationIn, WithdrawalIn};
use crate::{awaiting, validation};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct OfPatient {
    /// Our id or your own reference.
    id: String,
}

/// Shows how far a patient's validation has come, what each step opens, and who took the steps: to those who are asked for
/// one, and to those who may read the registration.
#[utoipa::path(get, path = "/api/v1/patients/{id}/validation", tag = "patients", params(OfPatient), responses(
    (status = 200, body = Validation, description = "The ladder", headers(("ETag" = String, description = "The patient's version"))),
    Errors,
))]
pub async fn show(
    caller: By<Anyone>,
    State(app): State<App>,
    Path(path): Path<OfPatient>,
) -> Result<Tagged<Validation>> {
    let patient = validation::visible(&app, &caller, &path.id).await?;
    validation::show(&app, patient).await.map(Tagged::ok)
}

/// Takes the next step of a patient's validation: each by those of whom the ladder says so. `full_access` has to be said
/// as the `step`.
#[utoipa::path(post, path = "/api/v1/patients/{id}/validation", tag = "patients", params(
    OfPatient,
    IfMatch,
), request_body = Option<ValidationIn>, responses(
    (status = 200, body = Validation, description = "The ladder after the step", headers(("ETag" = String, description = "The patient's version"))),
    Stale,
    Errors,
))]
pub async fn take(
    caller: By<Anyone>,
    State(app): State<App>,
    Path(path): Path<OfPatient>,
    seen: IfMatch,
    Body(said): Body<ValidationIn>,
) -> Result<Tagged<Validation>> {
    let patient = validation::visible(&app, &caller, &path.id).await?;
    let mut tx = app.db().begin().await?;
    let taken = validation::take(&app, &mut tx, &caller, (patient, &seen), said).await?;
    tx.commit().await?;
    Ok(Tagged::ok(taken))
}

/// Takes validation back: the rights that it opened to institutions end, and it begins anew. For the patient, and whoever
/// may write the care team. Assignments are ended by themselves.
#[utoipa::path(delete, path = "/api/v1/patients/{id}/validation", tag = "patients", params(
    OfPatient,
    IfMatch,
), request_body = Option<WithdrawalIn>, responses(
    (status = 204, description = "The patient is pending"),
    Stale,
    Errors,
))]
pub async fn withdraw(
    chart: Chart<Write, CareTeam>,
    State(app): State<App>,
    seen: IfMatch,
    Body(said): Body<WithdrawalIn>,
) -> Result<StatusCode> {
    let mut tx = app.db().begin().await?;
    validation::withdraw(&app, &mut tx, &chart.caller, &chart, (&seen, said)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the patients who wait for the caller to take the next step.
#[utoipa::path(get, path = "/api/v1/validations", tag = "patients", params(PageQuery), responses(
    (status = 200, body = Vec<Awaited>, description = "A page of patients, ordered by when they were registered",
        headers(("Link" = String, description = "The next page, when there is one"),
            ("X-Total-Count" = i64, description = "How many there are, when `total=true` asked for it"))),
    Errors,
))]
pub async fn list(caller: By<Clerk>, State(app): State<App>, Query(page): Query<PageQuery>) -> Result<Listed<Awaited>> {
    awaiting::list(&app, &caller, &page).await
}
