//! Telling what happened: the event for those who follow, the entry on the audit chain for those who ask later.
use access::{Caller, Entry};
use chrono::{DateTime, Utc};
use events::Log;
use kernel::{App, PatientId};
use serde_json::json;
use store::Tx;
use uuid::Uuid;

const TOPIC: &str = "consents";

/// Emits that this became true, and puts the deed on the audit chain: ids and words, never why.
pub fn told(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    (kind, deed): (&'static str, &'static str),
    (patient, id): (PatientId, Uuid),
    now: DateTime<Utc>,
) {
    let body = json!({ "kind": kind, "patient_id": patient, "id": id, "by": caller.actor });
    app.edge::<Log>().emit(tx, TOPIC, patient.0, body, now);
    access::record(tx, Entry::of(caller, deed, id, now).about(patient));
}
