//! `/api/v1/patient/health-summary`: the signed-in patient's newest figures.
use access::{By, Grant};
use axum::extract::State;
use kernel::{App, Errors, Json, Result};
use patients::{Oneself, oneself};

use crate::summary::{self, HealthSummary};

/// Shows the newest figure of each kind that was measured of you; null where there is none.
#[utoipa::path(get, path = "/api/v1/patient/health-summary", tag = "patients",
    responses((status = 200, body = HealthSummary, description = "Your newest figures"), Errors))]
pub async fn health_summary(caller: By<Oneself>, State(app): State<App>) -> Result<Json<HealthSummary>> {
    let grant = Grant::ask(&app, &caller, oneself(&caller)?).await?;
    summary::summary(&app, &grant).await.map(Json)
}
