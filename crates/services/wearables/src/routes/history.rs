//! `/api/v1/wearables/data/…`: history, coverage, the newest of each metric, and which source counts first.
use access::{Anyone, By, Clinician};
use axum::extract::State;
use kernel::{App, Enclosed, Errors, Json, Listed, PageQuery, PatientId, Query, Result};
use serde::Serialize;
use utoipa::ToSchema;

use crate::asked::{BucketStep, HistoryQuery};
use crate::choices::{self, Chosen, Priorities};
use crate::history::View;
use crate::latest::{self, LatestOut};
use crate::routes::devices::WhoseQuery;
use crate::shown::{BucketOut, CoverageOut, PointOut};

/// What was measured: points, or buckets when they were asked for.
#[derive(Debug, Serialize, ToSchema)]
pub struct WearableHistory {
    pub patient_id: PatientId,
    /// In the order of time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<Vec<PointOut>>,
    /// By metric, and then in the order of time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buckets: Option<Vec<BucketOut>>,
    pub bucket: Option<BucketStep>,
    /// In which days and weeks begin and end; of points, null.
    pub zone: Option<&'static str>,
    /// Give it as `cursor` for the points that follow; none at the end.
    pub next_cursor: Option<String>,
}

/// Shows what a patient's wearables measured, in pages of points, or step by step with `bucket`.
///
/// Steps, distance and energy that two devices measured at once are counted once: by the one that comes first in the
/// patient's order.
#[utoipa::path(get, path = "/api/v1/wearables/data/history", tag = "wearables", params(HistoryQuery, PageQuery), responses(
    (status = 200, body = WearableHistory, description = "Points or buckets",
        headers(("Link" = String, description = "The next page of points, when there is one"))),
    Errors,
))]
pub async fn history(
    caller: By<Anyone>,
    State(app): State<App>,
    Query(query): Query<HistoryQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Enclosed<WearableHistory>> {
    let grant = query.named().grant(&app, &caller).await?;
    let view = View::open(&app, &grant).await?;
    let Some(step) = query.bucket else {
        let found = view.points(&query, &page).await?;
        let listed = Listed::of_page(found.points, found.next.clone());
        let next_cursor = found.next;
        return Ok(listed.inside(|points| WearableHistory {
            patient_id: grant.patient(),
            points: Some(points),
            buckets: None,
            bucket: None,
            zone: None,
            next_cursor,
        }));
    };
    let zone = view.zone(query.zone.as_deref()).await?;
    let buckets = view.buckets(&query, step, zone).await?;
    let whole = Listed::of_page(buckets, None);
    Ok(whole.inside(|buckets| WearableHistory {
        patient_id: grant.patient(),
        points: None,
        buckets: Some(buckets),
        bucket: Some(step),
        zone: Some(zone.name()),
        next_cursor: None,
    }))
}

/// Of which hours there is data.
#[derive(Debug, Serialize, ToSchema)]
pub struct WearableCoverage {
    pub patient_id: PatientId,
    pub metrics: Vec<CoverageOut>,
}

/// Shows of which hours there is data of each metric, and of which it is missing; of the last eight days when nobody says.
#[utoipa::path(get, path = "/api/v1/wearables/data/coverage", tag = "wearables", params(HistoryQuery), responses(
    (status = 200, body = WearableCoverage, description = "By metric"),
    Errors,
))]
pub async fn coverage(
    caller: By<Anyone>,
    State(app): State<App>,
    Query(query): Query<HistoryQuery>,
) -> Result<Json<WearableCoverage>> {
    let grant = query.named().grant(&app, &caller).await?;
    let metrics = View::open(&app, &grant).await?.coverage(&query).await?;
    Ok(Json(WearableCoverage { patient_id: grant.patient(), metrics }))
}

/// Shows the newest of each metric of all your patients whose wearables you may see.
#[utoipa::path(get, path = "/api/v1/wearables/latest", tag = "wearables", params(PageQuery), responses(
    (status = 200, body = Vec<LatestOut>, description = "A page of patients",
        headers(("Link" = String, description = "The next page, when there is one"))),
    Errors,
))]
pub async fn latest(
    caller: By<Clinician>,
    State(app): State<App>,
    Query(page): Query<PageQuery>,
) -> Result<Listed<LatestOut>> {
    latest::of_ones_patients(&app, &caller, &page).await
}

/// Shows which device counts before which.
#[utoipa::path(get, path = "/api/v1/wearables/priorities", tag = "wearables", params(WhoseQuery), responses(
    (status = 200, body = Chosen, description = "The order that was chosen, for each metric"),
    Errors,
))]
pub async fn priorities(
    caller: By<Anyone>,
    State(app): State<App>,
    Query(whose): Query<WhoseQuery>,
) -> Result<Json<Chosen>> {
    let grant = whose.named().grant::<access::Read, _>(&app, &caller).await?;
    choices::show(&app, &grant).await.map(Json)
}

/// Chooses which device counts before which, where two measured the same time. Takes the place of what was chosen before.
#[utoipa::path(put, path = "/api/v1/wearables/priorities", tag = "wearables", params(WhoseQuery), request_body = Priorities, responses(
    (status = 200, body = Chosen, description = "The order as it is now"),
    Errors,
))]
pub async fn choose(
    caller: By<Anyone>,
    State(app): State<App>,
    Query(whose): Query<WhoseQuery>,
    Json(said): Json<Priorities>,
) -> Result<Json<Chosen>> {
    let grant = whose.named().grant(&app, &caller).await?;
    let mut tx = app.db().begin().await?;
    choices::choose(&app, &mut tx, &caller, &grant, said).await?;
    tx.commit().await?;
    choices::show(&app, &grant).await.map(Json)
}
