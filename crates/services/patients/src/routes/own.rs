//! `/api/v1/patient/profile`: the signed-in patient's own profile.
use access::By;
use axum::extract::State;
use kernel::{App, Errors, IfMatch, Json, Result, Stale, Tagged};

use crate::model::{OwnProfile, OwnProfilePatch};
use crate::own::{self, Oneself, OwnChange};

/// Shows your profile.
#[utoipa::path(get, path = "/api/v1/patient/profile", tag = "patients", responses(
    (status = 200, body = OwnProfile, description = "Your profile", headers(("ETag" = String, description = "Its version"))),
    Errors,
))]
pub async fn own_profile(caller: By<Oneself>, State(app): State<App>) -> Result<Tagged<OwnProfile>> {
    own::show(&app, &caller).await.map(Tagged::ok)
}

/// Changes your profile. Members left out stay as they are.
#[utoipa::path(put, path = "/api/v1/patient/profile", tag = "patients", params(
    IfMatch,
), request_body = OwnProfilePatch, responses(
    (status = 200, body = OwnProfile, description = "Your profile as it is now", headers(("ETag" = String, description = "Its new version"))),
    Stale,
    Errors,
))]
pub async fn change_own_profile(
    caller: By<Oneself>,
    State(app): State<App>,
    seen: IfMatch,
    Json(patch): Json<OwnProfilePatch>,
) -> Result<Tagged<OwnProfile>> {
    let change = OwnChange::permitted(&app, &caller, patch, seen).await?;
    let mut tx = app.db().begin().await?;
    own::change(&app, &mut tx, &caller, change).await?;
    tx.commit().await?;
    own::show(&app, &caller).await.map(Tagged::ok)
}
