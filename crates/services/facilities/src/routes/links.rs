//! `/api/v1/patient/facilities`: the facilities that the signed-in patient linked.
use access::data::CareTeam;
use access::{By, Grant, Write};
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Errors, Json, Path, Result};
use patients::{Oneself, oneself};
use uuid::Uuid;

use crate::links::{self, Facility, LinkIn, Linking};

/// Lists the facilities you linked, the oldest link first.
#[utoipa::path(get, path = "/api/v1/patient/facilities", tag = "facilities",
    responses((status = 200, body = Vec<Facility>, description = "Your facilities"), Errors))]
pub async fn linked_facilities(caller: By<Oneself>, State(app): State<App>) -> Result<Json<Vec<Facility>>> {
    let own = oneself(&caller)?;
    let (team, care) = (Grant::ask(&app, &caller, own).await?, Grant::ask(&app, &caller, own).await?);
    links::list(&app, &team, &care).await.map(Json)
}

/// Links a facility: its staff sees who you are, whom to call and who treats you, until you unlink it. Doing it twice is
/// doing it once.
#[utoipa::path(post, path = "/api/v1/patient/link-facility", tag = "facilities", request_body = LinkIn, responses(
    (status = 201, body = Facility, description = "The facility, linked"),
    (status = 200, body = Facility, description = "It was linked already"),
    Errors,
))]
pub async fn link_facility(
    caller: By<Oneself>,
    State(app): State<App>,
    Json(said): Json<LinkIn>,
) -> Result<(StatusCode, Json<Facility>)> {
    let own = oneself(&caller)?;
    let grant = Grant::<Write, CareTeam>::ask(&app, &caller, own).await?;
    let (team, care) = (Grant::ask(&app, &caller, own).await?, Grant::ask(&app, &caller, own).await?);
    let facility = links::named(&mut app.db(), &said.facility_id).await?;
    let mut tx = app.db().begin().await?;
    let linking = links::link(&app, &mut tx, &caller, &grant, (&facility, said.facility_patient_id)).await?;
    tx.commit().await?;
    let status = if linking == Linking::New { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(links::show(&app, &team, &care, facility.id).await?)))
}

/// Unlinks a facility: its staff sees nothing by the link from the answer on. What it holds otherwise, as by an admission,
/// stays.
#[utoipa::path(delete, path = "/api/v1/patient/facilities/{id}", tag = "facilities",
    params(("id" = Uuid, Path, description = "The facility's id, or the link's")),
    responses((status = 204, description = "The facility is not linked any more"), Errors))]
pub async fn unlink_facility(caller: By<Oneself>, State(app): State<App>, Path(id): Path<Uuid>) -> Result<StatusCode> {
    let grant = Grant::ask(&app, &caller, oneself(&caller)?).await?;
    let mut tx = app.db().begin().await?;
    links::unlink(&app, &mut tx, &caller, &grant, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
