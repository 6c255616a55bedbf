//! `/api/wearables/patients/{patient_id}/skipped`: what a phone sent that nobody could read.
use access::data::Wearables;
use access::{Chart, Read};
use axum::extract::State;
use kernel::{App, Errors, Listed, PageQuery, Query, Result};

use crate::model::Skipped;
use crate::quarantine;

/// Lists what a patient's phone sent that is not kept, each with the reason, the newest first.
#[utoipa::path(get, path = "/api/wearables/patients/{patient_id}/skipped", tag = "wearables",
    params(("patient_id" = String, Path, description = "Our id or your own reference"), PageQuery),
    responses((status = 200, body = Vec<Skipped>, description = "A page of what is not kept"), Errors))]
pub async fn skipped(
    chart: Chart<Read, Wearables>,
    State(app): State<App>,
    Query(page): Query<PageQuery>,
) -> Result<Listed<Skipped>> {
    quarantine::list(&app, &chart, &page).await
}
