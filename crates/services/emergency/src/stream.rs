//! The live stream: each event once, in order, to everyone it may be shown to, from where they left off.
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use access::{Action, Caller, Category, Grant, Relation, decide};
use axum::response::sse::Event as Sse;
use events::{Event, Log};
use fanout::{Hub, RecvError};
use futures::Stream;
use kernel::{App, EmergencyId, PatientId, Result};
use quick_cache::sync::Cache;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::broadcast::Receiver;
use tokio::time::{Instant, interval_at};
use uuid::Uuid;
use vault::Vault;

use crate::model::Status;
use crate::queries;
use crate::raise::TOPIC;

/// An event ready to be sent.
pub struct Notice {
    seq: i64,
    patient: PatientId,
    /// The patient's relations when it happened.
    audience: Vec<Relation>,
    text: String,
}

impl Notice {
    fn is_for(&self, caller: &Caller) -> bool {
        decide(caller, Action::Read, Category::Emergencies, self.patient, &self.audience).is_allowed()
    }

    fn event(&self) -> Sse {
        Sse::default().id(self.seq.to_string()).event("emergency_alert").data(&self.text)
    }
}

/// The stream's edge: who follows, and the events rendered lately.
pub struct Live {
    hub: Hub<(), Arc<Notice>>,
    rendered: Cache<i64, Arc<Notice>>,
}

impl Default for Live {
    fn default() -> Self {
        Self { hub: Hub::default(), rendered: Cache::new(1024) }
    }
}

/// Events read from the log at a time.
const PAGE: i64 = 200;
/// How often other processes' events are looked for.
const POLL: Duration = Duration::from_secs(1);
const HEARTBEAT: Duration = Duration::from_secs(30);

/// Follows the log and tells everyone connected here. Runs as long as the process.
pub async fn dispatch(app: App) {
    let log = app.edge::<Log>().clone();
    let mut wake = log.follow();
    let mut seen = loop {
        match log.head(&mut app.db()).await {
            Ok(head) => break head,
            Err(error) => tracing::warn!(%error, "the event log cannot be read yet"),
        }
        tokio::time::sleep(POLL).await;
    };
    loop {
        match after(&app, seen).await {
            Ok(notices) if notices.is_empty() => {
                let _ = tokio::time::timeout(POLL, wake.changed()).await;
            }
            Ok(notices) => {
                for notice in notices {
                    seen = notice.seq;
                    app.edge::<Live>().hub.tell(&(), || notice);
                }
            }
            Err(error) => {
                tracing::warn!(%error, "the event log cannot be read");
                tokio::time::sleep(POLL).await;
            }
        }
    }
}

/// The stream's state between two events.
struct Follower {
    app: App,
    caller: Caller,
    /// The newest event this follower was offered.
    seen: i64,
    live: Receiver<Arc<Notice>>,
    catching_up: bool,
    waiting: std::collections::VecDeque<Arc<Notice>>,
    heartbeat: tokio::time::Interval,
}

/// Events for this caller: those after `last_seen`, then live ones.
pub async fn follow(
    app: App,
    caller: Caller,
    last_seen: Option<i64>,
) -> Result<impl Stream<Item = Result<Sse, Infallible>> + Send> {
    // Following starts before the head is read, so that nothing falls between.
    let live = app.edge::<Live>().hub.follow(());
    let head = app.edge::<Log>().head(&mut app.db()).await?;
    let follower = Follower {
        seen: last_seen.unwrap_or(head),
        catching_up: last_seen.is_some_and(|last| last < head),
        waiting: std::collections::VecDeque::new(),
        heartbeat: interval_at(Instant::now() + HEARTBEAT, HEARTBEAT),
        app,
        caller,
        live,
    };
    let rest = futures::stream::unfold(follower, |mut follower| async {
        let event = follower.next().await?;
        Some((Ok(event), follower))
    });
    // A first comment makes proxies and clients see at once that the stream is open.
    Ok(futures::StreamExt::chain(futures::stream::iter([Ok(Sse::default().comment("open"))]), rest))
}

impl Follower {
    /// The next thing to send; `None` ends the stream.
    async fn next(&mut self) -> Option<Sse> {
        loop {
            if let Some(notice) = self.waiting.pop_front() {
                if notice.seq <= self.seen {
                    continue;
                }
                self.seen = notice.seq;
                if notice.is_for(&self.caller) {
                    return Some(notice.event());
                }
            } else if self.catching_up {
                self.catch_up().await?;
            } else if let Some(heartbeat) = self.wait().await? {
                return Some(heartbeat);
            }
        }
    }

    /// Reads what was missed from the log, a page at a time.
    async fn catch_up(&mut self) -> Option<()> {
        let missed = after(&self.app, self.seen).await.ok()?;
        self.catching_up = !missed.is_empty();
        self.waiting.extend(missed);
        Some(())
    }

    /// Waits for a live event or the next heartbeat. `None` when the session has ended.
    async fn wait(&mut self) -> Option<Option<Sse>> {
        tokio::select! {
            told = self.live.recv() => match told {
                Ok(notice) => {
                    self.waiting.push_back(notice);
                    Some(None)
                }
                Err(RecvError::Lagged(_)) => {
                    self.catching_up = true;
                    Some(None)
                }
                Err(RecvError::Closed) => None,
            },
            _ = self.heartbeat.tick() => {
                if !self.caller.still_lives(&self.app).await {
                    return None;
                }
                let now = json!({"timestamp": self.app.clock().now()});
                Some(Some(Sse::default().event("ping").data(now.to_string())))
            }
        }
    }
}

/// Events after `seq`, rendered.
async fn after(app: &App, seq: i64) -> Result<Vec<Arc<Notice>>> {
    let events = app.edge::<Log>().after(&mut app.db(), TOPIC, seq, PAGE).await?;
    let mut notices = Vec::with_capacity(events.len());
    for event in &events {
        notices.push(match render_once(app, event).await {
            // An erased patient's events can no longer be shown, and must not hold up the others'.
            Err(error) if error.status().as_u16() != 503 => {
                tracing::warn!(%error, seq = event.seq, "an event cannot be shown");
                Arc::new(Notice { seq: event.seq, patient: PatientId(Uuid::nil()), audience: Vec::new(), text: String::new() })
            }
            rendered => rendered?,
        });
    }
    Ok(notices)
}

async fn render_once(app: &App, event: &Event) -> Result<Arc<Notice>> {
    let rendered = &app.edge::<Live>().rendered;
    if let Some(known) = rendered.get(&event.seq) {
        return Ok(known);
    }
    let notice = Arc::new(render(app, event).await?);
    rendered.insert(event.seq, notice.clone());
    Ok(notice)
}

#[derive(Deserialize)]
struct Body {
    event: String,
    emergency_id: EmergencyId,
    responder_id: Option<Uuid>,
    audience: Vec<Relation>,
}

async fn render(app: &App, event: &Event) -> Result<Notice> {
    let body: Body = serde_json::from_value(event.body.clone()).map_err(kernel::Error::internal)?;
    let patient = PatientId(event.subject);
    let grant = Grant::to_deliver(app, patient, &body.emergency_id.to_string()).await?;
    let row = queries::by_name(&mut app.db(), &body.emergency_id.to_string()).await?;
    let row = row.ok_or_else(|| kernel::Error::not_found("alert"))?;
    let name = patients::card(&mut app.db(), patient).await?.map(|card| card.name);
    let key = app.edge::<Vault>().key(&app.db(), patient).await?;
    let e = row.open(&grant, &key, name)?;
    let text = match body.event == Status::Active.event() {
        true => json!({
            "id": e.id, "alert_id": e.alert_id, "patient_id": e.patient_id, "patient_name": e.patient_name,
            "alert_type": e.alert_type, "severity": e.severity, "description": e.description, "location": e.location,
            "trigger_data": e.trigger_data, "timestamp": event.at, "hospital_id": e.hospital_id,
        }),
        false => json!({
            "event": body.event, "id": e.id, "alert_id": e.alert_id, "patient_id": e.patient_id,
            "responder_id": body.responder_id, "timestamp": event.at,
        }),
    };
    Ok(Notice { seq: event.seq, patient, audience: body.audience, text: text.to_string() })
}
