//! The whole program from outside: over HTTP, on its command line, and with hands on its database.
mod aadhaar;
mod audit_chain;
mod audit_looks;
mod coverage;
mod documented;
mod front_desk;
mod idempotency;
mod killed;
mod master_key;
mod matrix;
mod migrations;
mod monitor;
mod outage;
mod outage_sqlite;
mod plans;
mod portability;
mod program;
mod sealed;
mod serving;
mod statements;
mod two_processes;

use serde_json::{Value, json};
use testkit::{Client, Ward};

pub fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// The members of the second object take the place of those of the first.
pub fn with(mut object: Value, more: Value) -> Value {
    let Value::Object(members) = more else { panic!("{more} is no object") };
    object.as_object_mut().expect("an object").extend(members);
    object
}

/// A file of the documents beside the repository, which not everybody has.
pub fn shared(name: &str) -> Option<std::path::PathBuf> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("{} is not here: this test was skipped", path.display());
    None
}

/// A reading of the ward's patient.
pub fn reading(w: &Ward, measured: Value) -> Value {
    with(json!({"patient_id": w.patient_id()}), measured)
}

/// Every reading of a patient, oldest first.
pub async fn readings(by: &Client, patient: &str) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = by.get(&format!("/patients/{patient}/vitals?limit=1000{cursor}")).await.expect(200);
        all.extend(page["data"]["readings"].as_array().expect("a list").clone());
        match page["data"]["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

/// Waits until something is so, and fails when it does not come to be so.
pub async fn until<F: Future<Output = bool>>(what: &str, mut so: impl FnMut() -> F) {
    for _ in 0..2_000 {
        if so().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(15)).await;
    }
    panic!("{what}: that did not happen in time");
}
