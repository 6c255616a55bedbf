//! `/api/v1/hospital/dashboard`: a hospital's day in figures.
use access::By;
use axum::extract::State;
use kernel::{App, Errors, Json, Query, Result};

use crate::dashboard::{self, DashboardQuery, HospitalDashboard, Manager};

/// Shows a hospital's figures: to its own account, and to administrators.
#[utoipa::path(get, path = "/api/v1/hospital/dashboard", tag = "facilities", params(DashboardQuery),
    responses((status = 200, body = HospitalDashboard, description = "The figures of this moment"), Errors))]
pub async fn hospital_dashboard(
    caller: By<Manager>,
    State(app): State<App>,
    Query(asked): Query<DashboardQuery>,
) -> Result<Json<HospitalDashboard>> {
    let hospital = dashboard::whose(&mut app.db(), &caller, asked.hospital_id).await?;
    dashboard::dashboard(&app, &caller, hospital).await.map(Json)
}
