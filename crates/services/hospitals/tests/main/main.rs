//! What people do with hospitals, beds and admissions, through HTTP, on both engines.
mod admitting;
mod beds;
mod contact_points;
mod directory;
mod discharging;
mod finding_institutions;
mod institutions;
mod looking;
mod plans;

use serde_json::{Value, json};
use testkit::{Answer, Client};

pub fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// Where a hospital, or something of a hospital, is found.
pub fn at(hospital: &Value, rest: &str) -> String {
    format!("/api/hospitals/{}{rest}", text(&hospital["id"]))
}

/// Tries to admit a patient, with some members besides those needed.
pub async fn admit(client: &Client, hospital: &Value, patient: &Value, more: Value) -> Answer {
    let mut body = json!({"department": "medicine", "reason": "shortness of breath"});
    body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    client.post(&at(hospital, &format!("/patients/{}/admit", text(&patient["id"]))), body).await
}

/// Tries to discharge a patient.
pub async fn discharge(client: &Client, hospital: &Value, patient: &Value) -> Answer {
    client.post(&at(hospital, &format!("/patients/{}/discharge", text(&patient["id"]))), json!({})).await
}

/// Affiliates a doctor with a hospital.
pub async fn affiliate(admin: &Client, doctor: &Value, hospital: &Value) {
    let path = format!("/api/doctors/{}/hospitals/{}", text(&doctor["id"]), text(&hospital["id"]));
    admin.post(&path, json!({"department": "medicine"})).await.expect(201);
}

/// The beds of a hospital: available, occupied.
pub async fn beds(client: &Client, hospital: &Value) -> (i64, i64) {
    let now = client.get(&at(hospital, "")).await.expect(200);
    (now["available_beds"].as_i64().expect("a number"), now["occupied_beds"].as_i64().expect("a number"))
}
