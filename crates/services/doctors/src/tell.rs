//! Telling what happened to a doctor: the event for those who follow, the entry on the audit chain for those who ask later.
use access::{Caller, Entry};
use chrono::{DateTime, Utc};
use events::Log;
use kernel::{App, DoctorId};
use serde_json::json;
use store::Tx;

/// The topic of doctors' own events.
pub const TOPIC: &str = "doctors";

/// What happened, as the event says it and as the audit chain does.
#[derive(Clone, Copy)]
pub struct Told {
    event: &'static str,
    action: &'static str,
}

impl Told {
    pub const CREATED: Self = Self { event: "doctor.created", action: "doctor.create" };
    pub const UPDATED: Self = Self { event: "doctor.updated", action: "doctor.update" };
    pub const DEACTIVATED: Self = Self { event: "doctor.deactivated", action: "doctor.deactivate" };
    pub const SUSPENDED: Self = Self { event: "doctor.suspended", action: "doctor.suspend" };
    pub const RETIRED: Self = Self { event: "doctor.retired", action: "doctor.retire" };
    pub const REINSTATED: Self = Self { event: "doctor.reinstated", action: "doctor.reinstate" };
    pub const LICENSE_DECIDED: Self = Self { event: "doctor.license_decided", action: "doctor.verify_license" };
}

/// Tells it in the transaction that makes it true.
pub fn of(app: &App, tx: &mut Tx, caller: &Caller, told: Told, doctor: DoctorId, at: DateTime<Utc>) {
    let body = json!({ "kind": told.event, "doctor_id": doctor });
    app.edge::<Log>().emit(tx, TOPIC, doctor.0, body, at);
    access::record(tx, Entry::of(caller, told.action, doctor, at));
}
