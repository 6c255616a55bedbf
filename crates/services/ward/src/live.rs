//! Readings pushed to whoever watches a patient.
use std::sync::Arc;

use fanout::Hub;
use kernel::PatientId;
use serde_json::json;
use signals::Reading;

use crate::model::Raised;
use crate::vitals::ReadingOut;

/// Who watches whom, in this process.
#[derive(Clone, Default)]
pub struct Live(Hub<PatientId, Arc<str>>);

impl Live {
    /// Tells those who watch the patient of a reading and the alerts it raised.
    pub fn tell(&self, reading: &Reading, alerts: &[Raised]) {
        self.0.tell(&reading.patient, || {
            json!({"reading": ReadingOut::from(reading), "alerts": alerts}).to_string().into()
        });
    }

    pub fn follow(&self, patient: PatientId) -> tokio::sync::broadcast::Receiver<Arc<str>> {
        self.0.follow(patient)
    }
}
