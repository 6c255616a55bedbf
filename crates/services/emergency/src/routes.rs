//! The emergency service over HTTP.
use access::{Anyone, By, Caller, Chart, Grant, Read, Role, Write, data};
use axum::extract::{FromRequestParts as _, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, Sse};
use events::Log;
use futures::Stream;
use futures::future::BoxFuture;
use kernel::{App, Body, Error, Errors, Json, Listed, PageQuery, Path, Query, Result};
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use vault::Vault;

use crate::model::{Emergency, EmergencyIn, EmergencyStatistics, ListQuery, Status, StepIn};
use crate::raise::{Answer, NewEmergency};
use crate::{list, queries, raise, statistics, stream};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(live))
        .routes(routes!(ticket))
        .routes(routes!(create, all))
        .routes(routes!(one))
        .routes(routes!(of_patient))
        .routes(routes!(acknowledge))
        .routes(routes!(respond))
        .routes(routes!(resolve))
        .routes(routes!(false_alarm))
        .routes(routes!(figures))
}

#[derive(Debug, Deserialize, IntoParams, garde::Validate)]
#[garde(allow_unvalidated)]
struct StreamQuery {
    /// A ticket from `POST /api/emergency/stream/ticket`, in place of the Authorization header.
    ticket: Option<String>,
    /// As the `Last-Event-ID` header, for clients that cannot set it on their first connection.
    #[garde(inner(range(min = 0)))]
    #[param(minimum = 0)]
    last_event_id: Option<i64>,
}

/// Follows emergencies live, as server-sent events named `emergency_alert`, with a `ping` every 30 seconds.
///
/// Each event has an id; sent back as `Last-Event-ID` it replays what was missed.
#[utoipa::path(get, path = "/api/emergency/stream", tag = "emergency", params(StreamQuery, ("last-event-id" = Option<i64>, Header, description = "The last event seen")),
    responses((status = 200, description = "The stream", content_type = "text/event-stream", body = String), Errors))]
async fn live(
    State(app): State<App>,
    Query(query): Query<StreamQuery>,
    mut parts: axum::http::request::Parts,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    let caller = match &query.ticket {
        Some(ticket) => Caller::by_ticket(&app, ticket).await?,
        None => Caller::from_request_parts(&mut parts, &app).await?,
    };
    if matches!(caller.role, Role::Admin | Role::Device) {
        return Err(Error::forbidden(format!("not for the role {}", caller.role)));
    }
    let last_seen = last_event_id(&parts.headers)?.or(query.last_event_id);
    record_following(&app, &caller).await?;
    Ok(Sse::new(stream::follow(app, caller, last_seen).await?))
}

fn last_event_id(headers: &HeaderMap) -> Result<Option<i64>> {
    let Some(value) = headers.get("last-event-id") else { return Ok(None) };
    let seq = value.to_str().ok().and_then(|text| text.parse().ok()).filter(|seq| *seq >= 0);
    seq.map(Some).ok_or_else(|| Error::invalid("Last-Event-ID", "is not an event's id"))
}

/// Following is one look at whatever the caller's relations show while it lasts.
async fn record_following(app: &App, caller: &Caller) -> Result<()> {
    let mut tx = app.db().begin().await?;
    access::record(&mut tx, access::Entry::of(caller, "follow emergencies", "stream", app.clock().now()));
    Ok(tx.commit().await?)
}

#[derive(Debug, Serialize, ToSchema)]
struct Ticket {
    ticket: String,
    /// Seconds.
    expires_in: i64,
}

/// A ticket that opens the stream once within half a minute, for browsers, whose EventSource sends no header.
#[utoipa::path(post, path = "/api/emergency/stream/ticket", tag = "emergency",
    responses((status = 201, body = Ticket, description = "The ticket"), Errors))]
async fn ticket(caller: Caller, State(app): State<App>) -> Result<(StatusCode, Json<Ticket>)> {
    let (ticket, expires_in) = access::ticket(&app, &caller).await?;
    Ok((StatusCode::CREATED, Json(Ticket { ticket, expires_in })))
}

/// Raises an emergency: flags the patient and tells the stream.
#[utoipa::path(post, path = "/api/emergency/alerts", tag = "emergency", request_body = EmergencyIn,
    responses((status = 201, body = Emergency, description = "Raised"), Errors))]
async fn create(
    caller: Caller,
    State(app): State<App>,
    Json(new): Json<EmergencyIn>,
) -> Result<(StatusCode, Json<Emergency>)> {
    // What a responder may see of a patient rests on an open emergency, so responders do not open them.
    if caller.role == Role::Responder {
        return Err(Error::forbidden("responders answer emergencies and do not raise them"));
    }
    let patient = patients::find(&app.db(), &new.patient_id).await?.ok_or_else(|| Error::not_found("patient"))?;
    let grant = Grant::<Write, data::Emergencies>::ask(&app, &caller, patient).await?;
    let key = app.edge::<Vault>().key(&app.db(), patient).await?;
    let mut tx = app.db().begin().await?;
    patients::require_active(&mut tx, patient).await?;
    let relations = access::of_patient(&mut tx, grant.patient()).await?;
    let id = raise::raise(&mut tx, app.edge::<Log>(), &key, &relations, new.into(), app.clock().now()).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(read(&app, &caller, &id.to_string()).await?)))
}

impl From<EmergencyIn> for NewEmergency {
    fn from(new: EmergencyIn) -> Self {
        Self {
            reference: new.alert_id,
            hospital: new.hospital_id,
            alert: None,
            kind: new.alert_type,
            severity: new.severity,
            description: new.description,
            triggered_by: new.triggered_by,
            trigger_data: new.trigger_data,
            location: new.location,
        }
    }
}

/// Lists emergencies of the patients the caller may see, newest first; open ones unless `active_only=false`.
#[utoipa::path(get, path = "/api/emergency/alerts", tag = "emergency", params(ListQuery, PageQuery),
    responses((status = 200, body = Vec<Emergency>, description = "A page; `Link` names the next"), Errors))]
async fn all(
    caller: Caller,
    State(app): State<App>,
    Query(query): Query<ListQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Listed<Emergency>> {
    if matches!(caller.role, Role::Admin | Role::Device) {
        return Err(Error::forbidden(format!("not for the role {}", caller.role)));
    }
    list::visible(&app, &caller, &query, &page).await
}

/// One emergency.
#[utoipa::path(get, path = "/api/emergency/alerts/{alert_id}", tag = "emergency", params(("alert_id" = String, Path, description = "Our id, or the reference it was raised with")),
    responses((status = 200, body = Emergency, description = "The emergency"), Errors))]
async fn one(caller: Caller, State(app): State<App>, Path(alert_id): Path<String>) -> Result<Json<Emergency>> {
    Ok(Json(read(&app, &caller, &alert_id).await?))
}

async fn read(app: &App, caller: &Caller, name: &str) -> Result<Emergency> {
    let row = queries::by_name(&mut app.db(), name).await?.ok_or_else(|| Error::not_found("alert"))?;
    let grant: Grant<Read, data::Emergencies> =
        Grant::ask(app, caller, row.patient_id).await.map_err(|e| hidden(e, "alert"))?;
    require_shown(&grant, &row)?;
    list::opened(app, &grant, row).await
}

/// An emergency of another time than the grant is for is not there.
fn require_shown(grant: &Grant<Read, data::Emergencies>, row: &queries::Stored) -> Result<()> {
    match grant.span().includes(row.created_at) {
        true => Ok(()),
        false => Err(Error::not_found("alert")),
    }
}

/// To a stranger the thing itself does not exist, so the answer must not name the patient.
fn hidden(error: Error, what: &str) -> Error {
    if error.status() == StatusCode::NOT_FOUND { Error::not_found(what) } else { error }
}

/// A patient's emergencies, newest first.
#[utoipa::path(get, path = "/api/emergency/patients/{patient_id}/alerts", tag = "emergency",
    params(("patient_id" = String, Path, description = "Our id or the caller's own reference"), ListQuery, PageQuery),
    responses((status = 200, body = Vec<Emergency>, description = "A page; `Link` names the next"), Errors))]
async fn of_patient(
    chart: Chart<Read, data::Emergencies>,
    State(app): State<App>,
    Query(query): Query<ListQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Listed<Emergency>> {
    list::of_patient(&app, &chart, &query, &page).await
}

macro_rules! step_route {
    ($name:ident, $path:literal, $next:expr, $doc:literal) => {
        #[doc = $doc]
        #[utoipa::path(patch, path = $path, tag = "emergency", request_body = Option<StepIn>,
            params(("alert_id" = String, Path, description = "Our id, or the reference it was raised with"), StepIn),
            responses((status = 200, body = Emergency, description = "The emergency after the step"), Errors))]
        async fn $name(
            caller: Caller,
            State(app): State<App>,
            Path(alert_id): Path<String>,
            Query(query): Query<StepIn>,
            Body(body): Body<StepIn>,
        ) -> Result<Json<Emergency>> {
            step(&app, &caller, &alert_id, $next, body.or(query)).await.map(Json)
        }
    };
}
step_route!(acknowledge, "/api/emergency/alerts/{alert_id}/acknowledge", Status::Acknowledged, "Somebody has seen it.");
step_route!(respond, "/api/emergency/alerts/{alert_id}/respond", Status::Responding, "Somebody is on the way.");
step_route!(
    resolve,
    "/api/emergency/alerts/{alert_id}/resolve",
    Status::Resolved,
    "It is over; clears the patient's flag with the last one."
);
step_route!(
    false_alarm,
    "/api/emergency/alerts/{alert_id}/false-alarm",
    Status::FalseAlarm,
    "It was none; clears the patient's flag with the last one."
);

async fn step(app: &App, caller: &Caller, name: &str, next: Status, said: StepIn) -> Result<Emergency> {
    let row = queries::by_name(&mut app.db(), name).await?.ok_or_else(|| Error::not_found("alert"))?;
    let grant =
        Grant::<Write, data::Emergencies>::ask(app, caller, row.patient_id).await.map_err(|e| hidden(e, "alert"))?;
    refuse_patients_answer(caller, &row, next)?;
    let key = app.edge::<Vault>().key(&app.db(), row.patient_id).await?;
    let staff = matches!(caller.role, Role::Nurse | Role::Hospital | Role::Doctor);
    let responder = said.responder_id.filter(|_| staff).unwrap_or(caller.actor);
    let answer = Answer { responder: Some(responder), notes: said.resolution_notes.or(said.notes) };
    // Read with a grant of its own before the step: a responder's relation ends with the emergency.
    let reader = Grant::ask(app, caller, row.patient_id).await?;
    require_shown(&reader, &row)?;
    let mut tx = app.db().begin().await?;
    raise::step(&mut tx, app.edge::<Log>(), &grant, &key, (row.id, next), answer, app.clock().now()).await?;
    tx.commit().await?;
    let row = queries::by_id(&mut app.db(), row.id).await?.ok_or_else(|| Error::not_found("alert"))?;
    list::opened(app, &reader, row).await
}

/// A patient may call an emergency off that people raised. That somebody has seen it or is coming is not the patient's
/// to say, and what a monitor raised is not the patient's to end.
fn refuse_patients_answer(caller: &Caller, row: &queries::Stored, next: Status) -> Result<()> {
    match caller.role == Role::Patient && (row.alert_id.is_some() || next.is_open()) {
        true => Err(Error::forbidden("only for those who treat you or respond")),
        false => Ok(()),
    }
}

/// Counts over all emergencies.
#[utoipa::path(get, path = "/api/emergency/statistics", tag = "emergency",
    responses((status = 200, body = EmergencyStatistics, description = "The figures"), Errors))]
async fn figures(caller: By<Anyone>, State(app): State<App>) -> Result<Json<EmergencyStatistics>> {
    if caller.role == Role::Patient {
        return Err(Error::forbidden("not for the role patient"));
    }
    statistics::statistics(&mut app.db()).await.map(Json)
}

/// The patients' surface raises and clears emergencies through this door; there is one store of them.
pub fn door() -> patients::EmergencyDoor {
    patients::EmergencyDoor { raise: raise_flag, clear: clear_flag }
}

fn raise_flag<'a>(app: &'a App, tx: &'a mut store::Tx, flag: patients::EmergencyIn) -> BoxFuture<'a, Result<()>> {
    Box::pin(async move {
        let key = app.edge::<Vault>().keys(tx, &[flag.patient]).await?.remove(&flag.patient);
        let key = key.ok_or_else(|| Error::not_found("patient"))?;
        let relations = access::of_patient(tx, flag.patient).await?;
        let new = NewEmergency {
            reference: None,
            hospital: None,
            alert: None,
            kind: flag.kind,
            severity: crate::Severity::High,
            description: flag.notes.unwrap_or_else(|| "Emergency flag set".to_owned()),
            triggered_by: "manual".to_owned(),
            trigger_data: None,
            location: None,
        };
        raise::raise(tx, app.edge::<Log>(), &key, &relations, new, flag.at).await.map(drop)
    })
}

fn clear_flag<'a>(app: &'a App, tx: &'a mut store::Tx, flag: patients::EmergencyIn) -> BoxFuture<'a, Result<()>> {
    Box::pin(async move {
        let key = app.edge::<Vault>().keys(tx, &[flag.patient]).await?.remove(&flag.patient);
        let key = key.ok_or_else(|| Error::not_found("patient"))?;
        if flag.role == Role::Patient && queries::any_of_alert(tx, flag.patient).await? {
            return Err(Error::forbidden("a monitor raised this emergency: it is ended by those who treat you"));
        }
        let answer = Answer { responder: Some(flag.by), notes: flag.notes };
        raise::end_all(tx, app.edge::<Log>(), &key, answer, flag.at).await
    })
}
