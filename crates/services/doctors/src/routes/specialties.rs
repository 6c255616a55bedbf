//! `/api/v1/specialties`: the catalogue.
use access::{Admin, Anyone, By};
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Errors, Json, Result};

use crate::specialties::{self, Catalogue, Specialty, SpecialtyIn};

/// Lists the catalogue of specialties.
#[utoipa::path(get, path = "/api/v1/specialties", tag = "doctors",
    responses((status = 200, body = Vec<Specialty>, description = "All specialties, in the order of their words"), Errors))]
pub async fn list_specialties(_: By<Anyone>, State(app): State<App>) -> Result<Json<Vec<Specialty>>> {
    Ok(Json(Catalogue::read(&mut app.db()).await?.list()))
}

/// Adds a specialty to the catalogue: an administrator.
#[utoipa::path(post, path = "/api/v1/specialties", tag = "doctors", request_body = SpecialtyIn,
    responses((status = 201, body = Specialty, description = "The new specialty"), Errors))]
pub async fn create_specialty(
    caller: By<Admin>,
    State(app): State<App>,
    Json(input): Json<SpecialtyIn>,
) -> Result<(StatusCode, Json<Specialty>)> {
    let mut tx = app.db().begin().await?;
    let specialty = specialties::add(&app, &mut tx, &caller, input).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(specialty)))
}
