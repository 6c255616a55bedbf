//! `/api/v1/patients/{id}/sensitive`: what of a chart is for few eyes.
use access::{Anyone, By};
use axum::extract::State;
use kernel::{App, Error, Errors, Json, Path, Result};
use serde::Deserialize;

use crate::lookup;
use crate::model::SensitiveIn;
use crate::sensitive::{self, Permit};

#[derive(Deserialize)]
pub struct OfPatient {
    id: String,
}

/// Says whether an entry of the chart is sensitive: the patient of every entry, whoever charts of those that they see. What
/// is sensitive is seen by the patient, by whoever wrote it, by a consent that names it, and by whoever breaks the glass.
#[utoipa::path(put, path = "/api/v1/patients/{id}/sensitive", tag = "patients", params(
    ("id" = String, Path, description = "Our id or your own reference"),
), request_body = SensitiveIn, responses(
    (status = 200, body = SensitiveIn, description = "As it is from now on"),
    Errors,
))]
pub async fn mark(
    caller: By<Anyone>,
    State(app): State<App>,
    Path(path): Path<OfPatient>,
    Json(said): Json<SensitiveIn>,
) -> Result<Json<SensitiveIn>> {
    let patient = lookup::find(&app.db(), &path.id).await?.ok_or_else(|| Error::not_found("patient"))?;
    let permit = Permit::ask(&app, &caller, patient).await?;
    let mut tx = app.db().begin().await?;
    sensitive::mark(&app, &mut tx, &caller, &permit, &said).await?;
    tx.commit().await?;
    Ok(Json(said))
}
