//! `/api/wearables/consent`: whether what a patient's wearables send may be kept.
use access::data::{Consents, Wearables};
use access::{Anyone, By, Chart, Grant, Read, Write};
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Error, Errors, Json, Result};

use crate::asked::WearableConsentIn;
use crate::model::WearableConsent;
use crate::wearables;

/// Gives the consent to keep what a patient's wearables send, or takes it back: the patient, and who acts for them.
#[utoipa::path(post, path = "/api/wearables/consent", tag = "consents", request_body = WearableConsentIn, responses(
    (status = 201, body = WearableConsent, description = "Given"),
    (status = 200, body = WearableConsent, description = "It was given before, or is taken back"),
    Errors,
))]
pub async fn say(
    caller: By<Anyone>,
    State(app): State<App>,
    Json(said): Json<WearableConsentIn>,
) -> Result<(StatusCode, Json<WearableConsent>)> {
    let patient = patients::find(&app.db(), &said.patient_id).await?.ok_or_else(|| Error::not_found("patient"))?;
    let grant = Grant::<Write, Consents>::ask(&app, &caller, patient).await?;
    let mut tx = app.db().begin().await?;
    let (status, consent) = wearables::say(&app, &mut tx, &caller, &grant, said).await?;
    tx.commit().await?;
    Ok((status, Json(consent)))
}

/// Tells whether what a patient's wearables send may be kept.
#[utoipa::path(get, path = "/api/wearables/consent/{patient_id}", tag = "consents", params(
    ("patient_id" = String, Path, description = "Our id or your own reference"),
), responses((status = 200, body = WearableConsent, description = "What the patient last said"), Errors))]
pub async fn show(chart: Chart<Read, Wearables>, State(app): State<App>) -> Result<Json<WearableConsent>> {
    wearables::show(&app, chart.patient()).await.map(Json)
}
