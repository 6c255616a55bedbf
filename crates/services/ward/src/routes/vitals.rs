//! Readings in, and a patient's readings out.
use std::convert::Infallible;
use std::time::Duration;

use access::{Category, Chart, Presumed, Read, Streams, data};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use futures::Stream;
use kernel::{App, Error, Errors, Json, Query, Result, Success, request};
use serde::Deserialize;
use signals::{Cursor, Reading};
use tokio::sync::broadcast::error::RecvError;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use vault::Vault;

use crate::ingest::{Ask, Ingest};
use crate::live::Live;
use crate::model::{History, Recent, Recorded};
use crate::vitals::{ReadingOut, VitalsIn};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(take_in))
        .routes(routes!(recent))
        .routes(routes!(history))
        .routes(routes!(watch))
}

/// Takes in one bedside reading: stored for good, judged by the rules, then answered.
///
/// The same reading twice (patient, timestamp, source) is one reading, answered with 200.
#[utoipa::path(post, path = "/vitals", tag = "ward", request_body = VitalsIn, responses(
    (status = 201, body = Success<Recorded>, description = "Stored and judged"),
    (status = 200, body = Success<Recorded>, description = "It was stored before"), Errors))]
async fn take_in(
    caller: Presumed,
    State(app): State<App>,
    Json(vitals): Json<VitalsIn>,
) -> Result<(StatusCode, Success<Recorded>)> {
    let ask = Ask {
        patient: patient(&app, &caller, &vitals.patient_id).await?,
        caller,
        encounter: vitals.encounter_id,
        at: vitals.measured_at(app.clock().now())?,
        measured: vitals.measured()?,
        request: request::current(),
    };
    let recorded = app.edge::<Ingest>().submit(ask).await?;
    let status = if recorded.duplicate { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Success::new(recorded)))
}

/// Our id is taken as it is; whether it is anybody's is decided with the permission. Other names are looked up.
async fn patient(app: &App, caller: &Presumed, name: &str) -> Result<kernel::PatientId> {
    if let Ok(id) = name.parse() {
        return Ok(id);
    }
    // Whether a name is anybody's is not told to those who are nobody any more.
    caller.clone().prove(app).await?;
    patients::find(&app.db(), name).await?.ok_or_else(|| Error::not_found("patient"))
}

#[derive(Debug, Deserialize, IntoParams, garde::Validate)]
#[garde(allow_unvalidated)]
struct RecentQuery {
    /// Readings at most: 1 to 1000, else 10.
    #[garde(inner(range(min = 1, max = 1000)))]
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<i64>,
}

/// The newest readings, newest first.
#[utoipa::path(get, path = "/patients/{patient_id}/vitals/recent", tag = "ward",
    params(("patient_id" = String, Path, description = "Our id or the caller's own reference"), RecentQuery),
    responses((status = 200, body = Success<Recent>, description = "The readings"), Errors))]
async fn recent(
    chart: Chart<Read, data::Vitals>,
    State(app): State<App>,
    Query(query): Query<RecentQuery>,
) -> Result<Success<Recent>> {
    let key = app.edge::<Vault>().key(&app.db(), chart.patient()).await?;
    let readings = signals::recent(&mut app.db(), &chart, &key, query.limit.unwrap_or(10)).await?;
    Ok(Success::new(Recent { vitals: readings.iter().map(ReadingOut::from).collect() }))
}

#[derive(Debug, Deserialize, IntoParams, garde::Validate)]
#[garde(allow_unvalidated)]
struct HistoryQuery {
    /// From this time on; from the beginning when left out.
    from: Option<DateTime<Utc>>,
    /// Before this time; until now when left out.
    to: Option<DateTime<Utc>>,
    /// Where the page before ended, as its `next_cursor` says.
    cursor: Option<String>,
    /// Readings at most: 1 to 1000, else 100.
    #[garde(inner(range(min = 1, max = 1000)))]
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<i64>,
}

/// Readings of a span of time, oldest first, in pages.
#[utoipa::path(get, path = "/patients/{patient_id}/vitals", tag = "ward",
    params(("patient_id" = String, Path, description = "Our id or the caller's own reference"), HistoryQuery),
    responses((status = 200, body = Success<History>, description = "A page"), Errors))]
async fn history(
    chart: Chart<Read, data::Vitals>,
    State(app): State<App>,
    Query(query): Query<HistoryQuery>,
) -> Result<Success<History>> {
    let (after, before) = query.span(app.clock().now())?;
    let limit = query.limit.unwrap_or(100);
    let key = app.edge::<Vault>().key(&app.db(), chart.patient()).await?;
    let mut readings = signals::between(&mut app.db(), &chart, &key, after, before, limit + 1).await?;
    let more = readings.len() as i64 > limit;
    readings.truncate(limit as usize);
    let next_cursor = readings.last().filter(|_| more).map(cursor_of);
    Ok(Success::new(History { readings: readings.iter().map(ReadingOut::from).collect(), next_cursor }))
}

impl HistoryQuery {
    fn span(&self, now: DateTime<Utc>) -> Result<(Cursor, DateTime<Utc>)> {
        let from = sane(self.from.unwrap_or_default(), "from")?;
        // A monitor's clock may be a little ahead; what it said last belongs to "until now".
        let to = sane(self.to.unwrap_or(now + chrono::TimeDelta::minutes(10)), "to")?;
        if to < from {
            return Err(Error::invalid("to", "is before from"));
        }
        let start = Cursor::before(from);
        Ok((self.cursor.as_deref().map_or(Ok(start), read_cursor)?, to))
    }
}

/// A time that both databases can hold.
fn sane(at: DateTime<Utc>, member: &str) -> Result<DateTime<Utc>> {
    use chrono::Datelike as _;
    if (1900..3000).contains(&at.year()) { Ok(at) } else { Err(Error::invalid(member, "is not a time of this age")) }
}

fn cursor_of(reading: &Reading) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}/{}", reading.at.timestamp_micros(), reading.source.simple()))
}

fn read_cursor(text: &str) -> Result<Cursor> {
    let read = || {
        let plain = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let (at, source) = plain.split_once('/')?;
        let at = sane(DateTime::from_timestamp_micros(at.parse().ok()?)?, "cursor").ok()?;
        Some(Cursor { at, source: source.parse::<Uuid>().ok()? })
    };
    read().ok_or_else(|| Error::invalid("cursor", "is not a cursor of this list"))
}

/// Follows a patient's readings live, as server-sent events named `vitals`.
#[utoipa::path(get, path = "/patients/{patient_id}/vitals/stream", tag = "ward",
    params(("patient_id" = String, Path, description = "Our id or the caller's own reference")),
    responses((status = 200, description = "The stream", content_type = "text/event-stream", body = String), Errors))]
async fn watch(
    chart: Chart<Read, data::Vitals>,
    State(app): State<App>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    let live = app.edge::<Live>().follow(chart.patient());
    let place = app.edge::<Streams>().place(&chart.caller)?;
    let open = app.edge::<Streams>().begin(chart.basis());
    let state = (app, chart.caller.clone(), chart.patient(), live, (open, place));
    let events = futures::stream::unfold(state, |(app, caller, patient, mut live, (mut open, place))| async move {
        loop {
            let told = tokio::select! {
                told = tokio::time::timeout(CHECK, live.recv()) => told,
                () = open.closed() => return None,
            };
            // Who loses the session or the relation to the patient loses the stream, checked before each event.
            if !caller.still_lives(&app).await {
                return None;
            }
            let still = access::still_open(&app, &caller, patient, &[Category::Vitals]).await.ok()?;
            let (_, span) = *still.first()?;
            // What it rests on may have been taken back while that was asked.
            if open.is_closed() {
                return None;
            }
            match told {
                // What is of another time than a consent is for is passed over.
                Ok(Ok(text)) if Live::taken_in(&text, &span) => {
                    return Some((
                        Ok(Event::default().event("vitals").data(text)),
                        (app, caller, patient, live, (open, place)),
                    ));
                }
                Ok(Err(RecvError::Closed)) => return None,
                // What was missed is in the history; the next reading is soon here.
                Ok(Ok(_) | Err(RecvError::Lagged(_))) | Err(_) => {}
            }
        }
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}

/// How long a silent stream may outlive the right to it.
const CHECK: Duration = Duration::from_secs(5);
