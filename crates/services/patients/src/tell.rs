//! Telling what happened: the event for those who follow, the entry on the audit chain for those who ask later.
use access::{Caller, Entry};
use chrono::{DateTime, Utc};
use events::Log;
use kernel::{App, PatientId};
use serde_json::json;
use store::Tx;
use uuid::Uuid;

/// The topic of this service's events.
const TOPIC: &str = "patients";

/// Emits that this became true of the patient; `id` names the new thing, or the patient.
pub fn event(app: &App, tx: &mut Tx, kind: &'static str, patient: PatientId, id: Uuid, now: DateTime<Utc>) {
    let body = json!({ "kind": kind, "patient_id": patient, "id": id });
    app.edge::<Log>().emit(tx, TOPIC, patient.0, body, now);
}

/// Puts the deed on the audit chain; `object` says what was done to, without any value.
pub fn audit(
    tx: &mut Tx,
    caller: &Caller,
    action: &'static str,
    patient: PatientId,
    object: impl ToString,
    now: DateTime<Utc>,
) {
    access::record(tx, Entry::of(caller, action, object, now).about(patient));
}
