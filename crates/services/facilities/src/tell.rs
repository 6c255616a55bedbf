//! Telling followers what happened to a patient's number and facilities.
use chrono::{DateTime, Utc};
use kernel::{App, PatientId};
use serde_json::json;
use store::Tx;
use uuid::Uuid;

const TOPIC: &str = "facilities";

/// Emits that this became true of the patient; `id` names the link, or the patient.
pub fn event(app: &App, tx: &mut Tx, kind: &'static str, patient: PatientId, id: Uuid, now: DateTime<Utc>) {
    let body = json!({ "kind": kind, "patient_id": patient, "id": id });
    app.edge::<events::Log>().emit(tx, TOPIC, patient.0, body, now);
}
