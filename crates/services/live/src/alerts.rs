//! Alerts from the event log, told to those in this process who follow the patient: once, in order, whichever process raised them.
use std::sync::Arc;
use std::time::Duration;

use access::{Grant, Read, data};
use events::{Event, Log};
use fanout::Hub;
use kernel::{App, PatientId, Result};
use tokio::sync::broadcast::Receiver;
use vault::AadhaarVault;
use ward::AlertEvent;

use crate::model::HealthAlert;

/// Events read from the log at a time.
const PAGE: i64 = 200;
/// How often other processes' events are looked for.
const POLL: Duration = Duration::from_millis(500);

/// Who follows whose alerts, in this process.
#[derive(Default)]
pub struct Told(Hub<PatientId, Arc<HealthAlert>>);

impl Told {
    pub fn follow(&self, patient: PatientId) -> Receiver<Arc<HealthAlert>> {
        self.0.follow(patient)
    }
}

/// Follows the log. Runs as long as the process.
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
        match tell_after(&app, seen).await {
            Ok(Some(last)) => seen = last,
            Ok(None) => {
                let _ = tokio::time::timeout(POLL, wake.changed()).await;
            }
            Err(error) => {
                tracing::warn!(%error, "alerts cannot be told; trying again");
                tokio::time::sleep(POLL).await;
            }
        }
    }
}

/// Tells a page of the log, and answers its last event; none when there is nothing new.
async fn tell_after(app: &App, seen: i64) -> Result<Option<i64>> {
    let events = app.edge::<Log>().after(&mut app.db(), AlertEvent::TOPIC, seen, PAGE).await?;
    let hub = &app.edge::<Told>().0;
    let followed = |event: &&Event| hub.is_followed(&PatientId(event.subject));
    let theirs: Vec<AlertEvent> = events.iter().filter(followed).filter_map(AlertEvent::of).collect();
    // All are read before the first is told, so that trying again tells none twice.
    for told in render(app, &theirs).await? {
        hub.tell(&told.0, || told.1);
    }
    Ok(events.last().map(|event| event.seq))
}

async fn render(app: &App, events: &[AlertEvent]) -> Result<Vec<(PatientId, Arc<HealthAlert>)>> {
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let things: Vec<_> = events.iter().map(|event| (event.patient_id, event.alert_id.to_string())).collect();
    let grants: Vec<Grant<Read, data::Alerts>> = Grant::to_deliver(app, &things).await?;
    let mut told = Vec::with_capacity(events.len());
    for (event, grant) in events.iter().zip(&grants) {
        match one(app, event, grant).await {
            Ok(alert) => told.extend(alert.map(|alert| (event.patient_id, Arc::new(alert)))),
            Err(error) if error.status().as_u16() == 503 => return Err(error),
            // An erased patient's alerts open no more, and must not hold up the others.
            Err(error) => tracing::warn!(%error, alert = %event.alert_id, "an alert cannot be told"),
        }
    }
    Ok(told)
}

async fn one(app: &App, event: &AlertEvent, grant: &Grant<Read, data::Alerts>) -> Result<Option<HealthAlert>> {
    let Some(alert) = ward::alert(app, grant, event.alert_id).await? else { return Ok(None) };
    let number = app.edge::<AadhaarVault>().of(&mut app.db(), event.patient_id).await?;
    Ok(Some(HealthAlert::new(&alert, number.as_ref().map(|number| number.uid.as_str()))))
}
