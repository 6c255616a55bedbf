//! Telling what happened: the event for those who follow, the entry on the audit chain for those who ask later.
use access::{Caller, Entry};
use chrono::{DateTime, Utc};
use events::Log;
use kernel::App;
use serde_json::json;
use store::Tx;

use crate::model::Stored;

const TOPIC: &str = "appointments";

/// Emits that this became true of the appointment: ids and words, never what it is about.
pub fn event(app: &App, tx: &mut Tx, kind: &'static str, what: &Stored, now: DateTime<Utc>) {
    let body = json!({
        "kind": kind,
        "appointment_id": what.id,
        "patient_id": what.patient_id,
        "doctor_id": what.doctor_id,
        "status": what.status,
    });
    app.edge::<Log>().emit(tx, TOPIC, what.patient_id.0, body, now);
}

/// Puts the deed on the audit chain.
pub fn audit(tx: &mut Tx, caller: &Caller, action: &'static str, what: &Stored, now: DateTime<Utc>) {
    access::record(tx, Entry::of(caller, action, what.id, now).about(what.patient_id));
}

/// The same with the names of the members that were changed.
pub fn audit_change(tx: &mut Tx, caller: &Caller, what: &Stored, members: &str, now: DateTime<Utc>) {
    let object = format!("{}: {members}", what.id);
    access::record(tx, Entry::of(caller, "appointment.change", object, now).about(what.patient_id));
}
