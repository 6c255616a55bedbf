//! `/api/v1/consents`: asking, looking, approving, denying, revoking.
use access::data::Consents;
use access::{Anyone, By, Caller, Clinician, Grant, Write};
use axum::extract::State;
use kernel::{App, Body, Error, Errors, IfMatch, Json, Listed, PageQuery, Path, Query, Result, Stale, Tagged};

use crate::asked::{ApproveIn, ConsentFilter, ConsentRequest, ReasonIn};
use crate::model::{Consent, ConsentId, Stored};
use crate::{grantee, list as lists, request as requests, settle};

/// Lists consents, the newest first: to a patient their own; to a doctor or a hospital's staff those that they asked for;
/// to who acts for a patient, that patient's.
#[utoipa::path(get, path = "/api/v1/consents", tag = "consents", params(ConsentFilter, PageQuery), responses(
    (status = 200, body = Vec<Consent>, description = "A page of consents",
        headers(("Link" = String, description = "The next page, when there is one"),
            ("X-Total-Count" = i64, description = "How many there are, when `total=true` asked for it"))),
    Errors,
))]
pub async fn list(
    caller: By<Anyone>,
    State(app): State<App>,
    Query(filter): Query<ConsentFilter>,
    Query(page): Query<PageQuery>,
) -> Result<Listed<Consent>> {
    lists::list(&app, &caller, &filter, &page).await
}

/// Asks a patient for consent: a doctor for oneself, a hospital's staff for the hospital. Nothing is opened until the
/// patient approves.
#[utoipa::path(post, path = "/api/v1/consents/request", tag = "consents", request_body = ConsentRequest, responses(
    (status = 201, body = Consent, description = "The request", headers(("ETag" = String, description = "Its version"))),
    Errors,
))]
pub async fn request(
    caller: By<Clinician>,
    State(app): State<App>,
    Json(asked): Json<ConsentRequest>,
) -> Result<Tagged<Consent>> {
    let patient = hospitals::patient_to_admit(&app, &caller, &asked.patient_id).await?;
    let mut tx = app.db().begin().await?;
    let requested = requests::request(&app, &mut tx, &caller, patient, asked).await?;
    tx.commit().await?;
    Ok(Tagged::created(requested))
}

/// Reads one consent: the patient, who acts for them, and the grantee.
#[utoipa::path(get, path = "/api/v1/consents/{consent_id}", tag = "consents", params(
    ("consent_id" = ConsentId, Path, description = "The consent"),
), responses(
    (status = 200, body = Consent, description = "The consent", headers(("ETag" = String, description = "Its version"))),
    Errors,
))]
pub async fn show(caller: By<Anyone>, State(app): State<App>, Path(id): Path<ConsentId>) -> Result<Tagged<Consent>> {
    lists::show(&app, &caller, id).await.map(Tagged::ok)
}

/// Approves what was asked for, or less of it: the patient, and who acts for them.
#[utoipa::path(put, path = "/api/v1/consents/{consent_id}/approve", tag = "consents", params(
    ("consent_id" = ConsentId, Path, description = "The consent"),
    IfMatch,
), request_body = Option<ApproveIn>, responses(
    (status = 200, body = Consent, description = "The consent, in force", headers(("ETag" = String, description = "Its version"))),
    Stale,
    Errors,
))]
pub async fn approve(
    caller: By<Anyone>,
    State(app): State<App>,
    Path(id): Path<ConsentId>,
    seen: IfMatch,
    Body(less): Body<ApproveIn>,
) -> Result<Tagged<Consent>> {
    let (found, grant) = answering(&app, &caller, id).await?;
    let mut tx = app.db().begin().await?;
    let approved = settle::approve(&app, &mut tx, &caller, &grant, (&found, &seen), less).await?;
    tx.commit().await?;
    Ok(Tagged::ok(approved))
}

/// Denies what was asked for: the patient, and who acts for them.
#[utoipa::path(put, path = "/api/v1/consents/{consent_id}/deny", tag = "consents", params(
    ("consent_id" = ConsentId, Path, description = "The consent"),
    IfMatch,
), request_body = Option<ReasonIn>, responses(
    (status = 200, body = Consent, description = "The consent, denied", headers(("ETag" = String, description = "Its version"))),
    Stale,
    Errors,
))]
pub async fn deny(
    caller: By<Anyone>,
    State(app): State<App>,
    Path(id): Path<ConsentId>,
    seen: IfMatch,
    Body(said): Body<ReasonIn>,
) -> Result<Tagged<Consent>> {
    let (_, grant) = answering(&app, &caller, id).await?;
    let mut tx = app.db().begin().await?;
    let denied = settle::deny(&app, &mut tx, &caller, &grant, (id, &seen), said).await?;
    tx.commit().await?;
    Ok(Tagged::ok(denied))
}

/// Takes a consent back: the patient and who acts for them, or the grantee who needs it no more. What it opened is closed,
/// open streams too, before this answers.
#[utoipa::path(put, path = "/api/v1/consents/{consent_id}/revoke", tag = "consents", params(
    ("consent_id" = ConsentId, Path, description = "The consent"),
    IfMatch,
), request_body = Option<ReasonIn>, responses(
    (status = 200, body = Consent, description = "The consent, revoked", headers(("ETag" = String, description = "Its version"))),
    Stale,
    Errors,
))]
pub async fn revoke(
    caller: By<Anyone>,
    State(app): State<App>,
    Path(id): Path<ConsentId>,
    seen: IfMatch,
    Body(said): Body<ReasonIn>,
) -> Result<Tagged<Consent>> {
    let found = lists::by_id(&app, id).await?;
    let grant = match grantee::is(&caller, &found) {
        true => None,
        false => Some(lists::over(&app, &caller, &found).await?),
    };
    let by = grant.as_ref().map_or(settle::By::Grantee, settle::By::Patient);
    let mut tx = app.db().begin().await?;
    let revoked = settle::revoke(&app, &mut tx, &caller, by, (&found, &seen), said).await?;
    tx.commit().await?;
    Ok(Tagged::ok(revoked))
}

/// Permission to answer for the patient. Who asked does not answer, and nobody but a person does.
async fn answering(app: &App, caller: &Caller, id: ConsentId) -> Result<(Stored, Grant<Write, Consents>)> {
    caller.must_be_person()?;
    let found = lists::by_id(app, id).await?;
    if grantee::is(caller, &found) {
        return Err(Error::forbidden("the patient answers, and not who asks"));
    }
    let grant = lists::over(app, caller, &found).await?;
    Ok((found, grant))
}
