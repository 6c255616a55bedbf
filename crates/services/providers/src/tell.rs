//! Telling followers and the audit chain what became of a connection.
use access::{Caller, Entry};
use chrono::{DateTime, Utc};
use kernel::App;
use serde_json::json;
use store::Tx;

use crate::connections::Connection;

const TOPIC: &str = "providers";

/// Emits that this became true of a connection, and puts on the chain who did it.
pub fn told(
    app: &App,
    tx: &mut Tx,
    by: &Caller,
    (kind, deed): (&'static str, &'static str),
    of: &Connection,
    now: DateTime<Utc>,
) {
    let body = json!({"kind": kind, "patient_id": of.patient_id, "id": of.id, "provider": of.provider});
    app.edge::<events::Log>().emit(tx, TOPIC, of.patient_id.0, body, now);
    access::record(tx, Entry::of(by, deed, of.id, now).about(of.patient_id));
}
