//! What people do about emergencies, through HTTP, on both engines.
mod audience;
mod flags;
mod from_the_ward;
mod listing;
mod many_followers;
mod raising;
mod reconnecting;
mod replay;
mod statistics;
mod steps;
mod stream;
mod tickets;
mod unasked;
mod whose_to_do;

use serde_json::{Value, json};
use testkit::{Client, TestApp, Ward};

pub fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// The members of the second object take the place of those of the first.
pub fn with(mut object: Value, more: Value) -> Value {
    let Value::Object(members) = more else { panic!("{more} is no object") };
    object.as_object_mut().expect("an object").extend(members);
    object
}

/// An emergency of this patient, with nothing but what is needed.
pub fn call(patient: &Value) -> Value {
    json!({"patient_id": patient["id"], "alert_type": "fall_detection", "severity": "high",
        "description": "Fell in the bathroom", "triggered_by": "manual"})
}

/// Raises an emergency.
pub async fn raise(by: &Client, patient: &Value) -> Value {
    by.post("/api/emergency/alerts", call(patient)).await.expect(201)
}

/// Where an emergency, or a step in answering it, is found.
pub fn at(emergency: &Value, step: &str) -> String {
    format!("/api/emergency/alerts/{}{step}", text(&emergency["id"]))
}

pub async fn is_flagged(by: &Client, patient: &Value) -> bool {
    let card = by.get(&format!("/api/patients/{}", text(&patient["id"]))).await.expect(200);
    card["emergency_flag"].as_bool().expect("a flag")
}

/// The account's own id.
pub async fn id_of(client: &Client) -> Value {
    client.get("/auth/me").await.expect(200)["data"]["id"].clone()
}

/// Registers and admits another patient of this ward.
pub async fn another(w: &Ward, name: &str) -> Value {
    let body = json!({"name": name, "date_of_birth": "1970-04-12", "gender": "male", "contact": "+91 98221 54322"});
    let patient = w.nurse.post("/api/patients", body).await.expect(201);
    let encounter = json!({"patient_id": patient["id"], "doctor_id": w.doctor_id()});
    w.nurse.post("/encounters", encounter).await.expect(201);
    patient
}

/// Whoever is at the ward, and whoever is not: a second ward, a responder, the patients themselves.
pub struct People {
    pub here: Ward,
    pub there: Ward,
    pub responder: Client,
    pub patient: Client,
    pub other_patient: Client,
}

pub async fn people(t: &TestApp) -> People {
    let (here, there) = (t.ward().await, t.ward().await);
    let responder = t.responder(&here.hospital).await;
    let patient = t.account("patient", Some(&here.patient["id"])).await;
    let other_patient = t.account("patient", Some(&there.patient["id"])).await;
    People { here, there, responder, patient, other_patient }
}
