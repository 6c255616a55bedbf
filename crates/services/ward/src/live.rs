//! Readings pushed to whoever watches a patient.
use std::sync::Arc;

use access::Span;
use fanout::Hub;
use kernel::PatientId;
use serde_json::{Value, json};
use signals::Reading;
use tokio::sync::broadcast::Receiver;

use crate::model::Raised;
use crate::vitals::ReadingOut;

/// Who watches whom, in this process. What the patient's own devices send has followers of its own: it is opened by
/// another right than the bedside's readings.
#[derive(Clone, Default)]
pub struct Live {
    bedside: Hub<PatientId, Arc<str>>,
    wearables: Hub<PatientId, Arc<str>>,
}

impl Live {
    /// Tells those who watch the patient of a reading and the alerts it raised.
    pub fn tell(&self, reading: &Reading, alerts: &[Raised]) {
        self.bedside.tell(&reading.patient, || {
            json!({"reading": ReadingOut::from(reading), "alerts": alerts}).to_string().into()
        });
    }

    /// Whether what was told is of a reading that was taken in this span.
    pub fn taken_in(told: &str, span: &Span) -> bool {
        let at = || serde_json::from_str::<Value>(told).ok()?["reading"]["timestamp"].as_str()?.parse().ok();
        span.is_always() || at().is_some_and(|at| span.includes(at))
    }

    pub fn follow(&self, patient: PatientId) -> Receiver<Arc<str>> {
        self.bedside.follow(patient)
    }

    /// Tells those who follow the patient's wearables of what came, a JSON object; it is made only when somebody does.
    /// After the commit, and never what is older than what came before: a re-sent month is no news.
    pub fn tell_wearables(&self, patient: PatientId, points: impl FnOnce() -> Value) {
        self.wearables.tell(&patient, || points().to_string().into());
    }

    pub fn follow_wearables(&self, patient: PatientId) -> Receiver<Arc<str>> {
        self.wearables.follow(patient)
    }
}
