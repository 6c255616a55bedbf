//! Beds to take, and the hospital in figures.
use access::{By, Clerk};
use axum::extract::State;
use kernel::{App, Body, Error, Errors, IfMatch, Json, Path, Query, Result, Stale, Tagged};

use super::HospitalPath;
use crate::asked::BedsIn;
use crate::queries::hospitals;
use crate::rights::{self, BedKeeper};
use crate::{Hospital, HospitalStatistics, beds, directory};

/// Says how many beds can be taken now.
#[utoipa::path(patch, path = "/api/hospitals/{hospital_name}/beds", tag = "hospitals", request_body = Option<BedsIn>,
    params(HospitalPath, BedsIn,
    IfMatch,
), responses(
    (status = 200, body = Hospital, description = "The hospital as it is now", headers(("ETag" = String, description = "Its new version"))),
    Stale,
    Errors,
))]
pub async fn set_beds(
    caller: By<BedKeeper>,
    State(app): State<App>,
    Path(path): Path<HospitalPath>,
    Query(query): Query<BedsIn>,
    seen: IfMatch,
    Body(body): Body<BedsIn>,
) -> Result<Tagged<Hospital>> {
    let available = body.available_beds.or(query.available_beds);
    let available = available.ok_or_else(|| Error::invalid("available_beds", "is required"))?;
    let hospital = hospitals::find(&mut app.db(), &path.hospital_name).await?;
    rights::staff_or_admin(&mut app.db(), &caller, &hospital).await?;
    let mut tx = app.db().begin().await?;
    let hospital = beds::set_available(&app, &mut tx, &caller, hospital.id, available, &seen).await?;
    tx.commit().await?;
    Ok(Tagged::ok(hospital))
}

/// Shows a hospital in figures, to its staff and administrators.
#[utoipa::path(get, path = "/api/hospitals/{hospital_name}/statistics", tag = "hospitals",
    params(HospitalPath),
    responses((status = 200, body = HospitalStatistics, description = "The figures"), Errors))]
pub async fn hospital_statistics(
    caller: By<Clerk>,
    State(app): State<App>,
    Path(path): Path<HospitalPath>,
) -> Result<Json<HospitalStatistics>> {
    let hospital = hospitals::find(&mut app.db(), &path.hospital_name).await?;
    rights::staff_or_admin(&mut app.db(), &caller, &hospital).await?;
    directory::statistics(&mut app.db(), hospital).await.map(Json)
}
