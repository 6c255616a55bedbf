//! Telling what happened: the event for those who follow, the entry on the audit chain for those who ask later.
use access::{Caller, Entry};
use chrono::{DateTime, Utc};
use events::Log;
use kernel::{App, PatientId};
use serde_json::json;
use store::Tx;
use uuid::Uuid;

use crate::queries::consents::Due;

const TOPIC: &str = "consents";

/// Tells a grantee that the time has come to erase the copies of what a consent opened.
pub fn to_erase(app: &App, tx: &mut Tx, consent: &Due, now: DateTime<Utc>) {
    let body = json!({
        "kind": "consent.erase_due",
        "patient_id": consent.patient_id,
        "id": consent.id,
        "grantee_id": consent.grantee_id,
        "erase_at": consent.erase_at,
    });
    app.edge::<Log>().emit(tx, TOPIC, consent.patient_id.0, body, now);
}

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
