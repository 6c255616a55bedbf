//! Events as they are sent: each rendered once for everyone it is for, and kept for a while.
use std::collections::HashMap;
use std::sync::Arc;

use access::{Action, Caller, Category, Decision, Grant, Read, Relation, Streams, data, decide};
use axum::response::sse::Event as Sse;
use chrono::{DateTime, Utc};
use events::Event;
use fanout::Hub;
use kernel::{App, EmergencyId, PatientId, Result};
use quick_cache::sync::Cache;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;
use vault::Vault;

use crate::model::Status;
use crate::queries;

/// An event ready to be sent.
pub struct Notice {
    pub seq: i64,
    patient: PatientId,
    at: DateTime<Utc>,
    /// The patient's relations when it happened.
    audience: Vec<Relation>,
    text: String,
}

impl Notice {
    /// Whether the caller was to be told when it happened.
    pub fn is_for(&self, caller: &Caller, now: DateTime<Utc>) -> bool {
        may_read(caller, (self.patient, self.at), &self.audience, now)
    }

    /// Whether somebody who was to be told may be told now. What the patient gave may be taken back at any moment: whoever
    /// was told because of it needs a right that holds still. An error says neither: to take it for a no would lose the
    /// notice without a word.
    pub async fn is_still_for(&self, app: &App, caller: &Caller) -> Result<bool> {
        let now = app.clock().now();
        if !self.audience.iter().any(Relation::is_given) || lasts(caller, (self.patient, self.at), &self.audience, now)
        {
            return Ok(true);
        }
        let streams = app.edge::<Streams>();
        loop {
            let taken_back = streams.taken_back();
            let relations = access::of_patient(&mut app.db(), self.patient).await?;
            let may = may_read(caller, (self.patient, self.at), &relations, now);
            // What was taken back while this was read was perhaps read before it was.
            if !may || taken_back == streams.taken_back() {
                return Ok(may);
            }
        }
    }

    pub fn event(&self) -> Sse {
        Sse::default().id(self.seq.to_string()).event("emergency_alert").data(&self.text)
    }

    /// What cannot be shown is for nobody, and must not hold up the others.
    fn unshown(seq: i64) -> Self {
        let (patient, at) = (PatientId(Uuid::nil()), DateTime::UNIX_EPOCH);
        Self { seq, patient, at, audience: Vec::new(), text: String::new() }
    }
}

/// The stream's edge: who follows, and the events rendered lately.
pub struct Live {
    pub hub: Hub<(), Arc<Notice>>,
    rendered: Cache<i64, Arc<Notice>>,
}

impl Default for Live {
    fn default() -> Self {
        Self { hub: Hub::default(), rendered: Cache::new(1024) }
    }
}

impl Live {
    /// Lets go of the notices about a patient.
    pub fn forget(&self, patient: PatientId) {
        self.rendered.retain(|_, notice| notice.patient != patient);
    }
}

/// Whose it is and when it happened.
pub type Happened = (PatientId, DateTime<Utc>);

/// Whether these relations let the caller see what happened to the patient.
pub fn may_read(caller: &Caller, (patient, at): Happened, relations: &[Relation], now: DateTime<Utc>) -> bool {
    match decide(caller, Action::Read, Category::Emergencies, patient, relations, now) {
        Decision::Allowed { reach, .. } => reach.span.includes(at),
        Decision::Refused(_) => false,
    }
}

/// Whether what nobody gave, and so nobody takes back, lets the caller see them.
fn lasts(caller: &Caller, happened: Happened, relations: &[Relation], now: DateTime<Utc>) -> bool {
    let lasting: Vec<Relation> = relations.iter().filter(|relation| !relation.is_given()).cloned().collect();
    may_read(caller, happened, &lasting, now)
}

/// Whether the caller was to be told of an event when it happened.
pub fn was_for(event: &Event, caller: &Caller, now: DateTime<Utc>) -> bool {
    said(event).is_ok_and(|body| may_read(caller, happened(event), &body.audience, now))
}

/// The same by what nobody takes back.
pub fn was_for_good(event: &Event, caller: &Caller, now: DateTime<Utc>) -> bool {
    said(event).is_ok_and(|body| lasts(caller, happened(event), &body.audience, now))
}

fn happened(event: &Event) -> Happened {
    (PatientId(event.subject), event.at)
}

#[derive(Deserialize)]
struct Said {
    event: String,
    emergency_id: EmergencyId,
    responder_id: Option<Uuid>,
    audience: Vec<Relation>,
}

fn said(event: &Event) -> Result<Said> {
    Said::deserialize(&event.body).map_err(kernel::Error::internal)
}

/// These events, in their order. Those not rendered yet share one entry's transaction on the audit chain.
pub async fn render_all(app: &App, events: &[Event]) -> Result<Vec<Arc<Notice>>> {
    let rendered = &app.edge::<Live>().rendered;
    let mut notices: HashMap<i64, Arc<Notice>> =
        events.iter().filter_map(|event| Some((event.seq, rendered.get(&event.seq)?))).collect();
    let missing: Vec<&Event> = events.iter().filter(|event| !notices.contains_key(&event.seq)).collect();
    let (grants, told) = (grants(app, &missing).await?, missing.iter().map(|event| said(event)));
    for ((event, said), grant) in missing.iter().zip(told).zip(&grants) {
        let notice = match render(app, event, said, grant).await {
            // An erased patient's events can no longer be shown.
            Err(error) if error.status().as_u16() != 503 => {
                tracing::warn!(%error, seq = event.seq, "an event cannot be shown");
                Arc::new(Notice::unshown(event.seq))
            }
            notice => {
                let notice = Arc::new(notice?);
                rendered.insert(event.seq, notice.clone());
                notice
            }
        };
        notices.insert(event.seq, notice);
    }
    Ok(events.iter().filter_map(|event| notices.remove(&event.seq)).collect())
}

async fn grants(app: &App, events: &[&Event]) -> Result<Vec<Grant<Read, data::Emergencies>>> {
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let what = |event: &&Event| {
        let id = said(event).map_or_else(|_| "an unreadable event".to_owned(), |body| body.emergency_id.to_string());
        (PatientId(event.subject), id)
    };
    let things: Vec<_> = events.iter().map(what).collect();
    Grant::to_deliver(app, &things).await
}

async fn render(
    app: &App,
    event: &Event,
    said: Result<Said>,
    grant: &Grant<Read, data::Emergencies>,
) -> Result<Notice> {
    let (body, patient) = (said?, PatientId(event.subject));
    let row = queries::by_id(&mut app.db(), body.emergency_id).await?;
    let row = row.ok_or_else(|| kernel::Error::not_found("alert"))?;
    let name = patients::card(&mut app.db(), patient).await?.map(|card| card.name);
    let key = app.edge::<Vault>().key(&app.db(), patient).await?;
    let e = row.open(grant, &key, name)?;
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
    Ok(Notice { seq: event.seq, patient, at: event.at, audience: body.audience, text: text.to_string() })
}
