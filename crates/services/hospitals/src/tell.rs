//! Telling followers what happened to an institution; what happened in one is told by `admissions`.
use chrono::{DateTime, Utc};
use kernel::{App, HospitalId};
use serde_json::json;
use store::Tx;

const TOPIC: &str = "institutions";

/// Emits that this became true of the institution.
pub fn event(app: &App, tx: &mut Tx, kind: &'static str, id: HospitalId, now: DateTime<Utc>) {
    let body = json!({ "kind": kind, "institution_id": id });
    app.edge::<events::Log>().emit(tx, TOPIC, id.0, body, now);
}
