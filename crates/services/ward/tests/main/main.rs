//! What happens at the bedside, through HTTP, on both engines.
mod admitting;
mod alerts;
mod closing;
mod emergencies;
mod encounters;
mod first_readings;
mod history;
mod observations;
mod overview;
mod readings;
mod refused_callers;
mod refused_readings;
mod resolving;
mod rules;
mod shelves;
mod watching;

use chrono::{DateTime, TimeDelta, Utc};
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

/// A reading of the ward's patient.
pub fn reading(w: &Ward, measured: Value) -> Value {
    with(json!({"patient_id": w.patient_id()}), measured)
}

/// Sends a reading that must be new, and answers what was recorded.
pub async fn send(by: &Client, w: &Ward, measured: Value) -> Value {
    by.post("/vitals", reading(w, measured)).await.expect(201)["data"].clone()
}

/// Sends a reading taken this long after a moment, with the test's clock there too.
pub async fn send_after(t: &TestApp, w: &Ward, start: DateTime<Utc>, seconds: i64, measured: Value) -> Value {
    let at = start + TimeDelta::seconds(seconds);
    if at > t.clock.now() {
        t.clock.advance(at - t.clock.now());
    }
    send(&w.nurse, w, with(measured, json!({"timestamp": at}))).await
}

fn list(answer: &Value, member: &str) -> Vec<Value> {
    answer["data"][member].as_array().expect("a list").clone()
}

/// The encounter's alerts, newest first.
pub async fn alerts(w: &Ward) -> Vec<Value> {
    let path = format!("/encounters/{}/alerts", w.encounter_id());
    list(&w.nurse.get(&path).await.expect(200), "alerts")
}

/// The encounter's alerts of one rule, newest first.
pub async fn alerts_of(w: &Ward, rule: &str) -> Vec<Value> {
    alerts(w).await.into_iter().filter(|alert| alert["type"] == rule).collect()
}

/// The rules of the encounter's alerts, in alphabetical order.
pub async fn alerted(w: &Ward) -> Vec<String> {
    let mut rules: Vec<String> = alerts(w).await.iter().map(|alert| text(&alert["type"]).to_owned()).collect();
    rules.sort();
    rules
}

/// The patient's readings, oldest first.
pub async fn readings(w: &Ward) -> Vec<Value> {
    let path = format!("/patients/{}/vitals?limit=1000", w.patient_id());
    list(&w.nurse.get(&path).await.expect(200), "readings")
}

pub async fn overview(w: &Ward) -> Value {
    let path = format!("/encounters/{}/overview", w.encounter_id());
    w.nurse.get(&path).await.expect(200)["data"].clone()
}

pub async fn is_flagged(w: &Ward) -> bool {
    let patient = w.nurse.get(&format!("/api/patients/{}", w.patient_id())).await.expect(200);
    patient["emergency_flag"].as_bool().expect("a flag")
}

/// The patient's emergencies, ended ones too, newest first.
pub async fn emergencies(w: &Ward) -> Vec<Value> {
    let path = format!("/api/emergency/patients/{}/alerts?active_only=false", w.patient_id());
    w.nurse.get(&path).await.expect(200).as_array().expect("a list").clone()
}

/// Registers and admits another patient of the same ward, with some members besides those needed.
pub async fn another(w: &Ward, more: Value) -> Ward {
    let born =
        json!({"name": "Ravi Rao", "date_of_birth": "1970-04-12", "gender": "male", "contact": "+91 98221 54322"});
    let patient = w.nurse.post("/api/patients", with(born, more)).await.expect(201);
    let body = json!({"patient_id": patient["id"], "doctor_id": w.doctor_id()});
    let encounter = w.nurse.post("/encounters", body).await.expect(201)["data"].clone();
    let (hospital, doctor_record) = (w.hospital.clone(), w.doctor_record.clone());
    Ward { hospital, nurse: w.nurse.clone(), doctor_record, doctor: w.doctor.clone(), patient, encounter }
}

pub async fn discharge(w: &Ward) {
    let path = format!("/api/hospitals/{}/patients/{}/discharge", text(&w.hospital["id"]), w.patient_id());
    w.nurse.post(&path, json!({})).await.expect(200);
}

/// A ward of a larger hospital.
pub async fn large_ward(t: &TestApp, beds: i64) -> Ward {
    let hospital = t.hospital("Large Hospital", beds).await;
    let nurse = t.nurse(&hospital).await;
    let (doctor_record, doctor) = t.doctor("Dr. Meera Iyer").await;
    let patient = t.patient(&nurse, "Lata Joshi").await;
    let body = json!({"patient_id": patient["id"], "doctor_id": doctor_record["id"]});
    let encounter = nurse.post("/encounters", body).await.expect(201)["data"].clone();
    Ward { hospital, nurse, doctor_record, doctor, patient, encounter }
}
