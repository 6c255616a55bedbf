//! What people see of patients and their charts, through HTTP, on both engines.
mod changing;
mod charting;
mod contacts;
mod deactivating;
mod duplicates;
mod emergencies;
mod listing;
mod merged_index;
mod merging;
mod merging_refused;
mod naming;
mod overviews;
mod people;
mod prescribing;
mod registering;
mod searching;
mod seeing;
mod validating;

use serde_json::{Value, json};
use testkit::{Client, TestApp};

pub const PASSWORD: &str = "correct horse battery";

/// A registration with nothing but what is needed.
pub fn registration(name: &str) -> Value {
    json!({"name": name, "date_of_birth": "1980-05-17", "gender": "female", "contact": "+91 98765 43210"})
}

/// Registers a patient with some members besides those needed.
pub async fn register(client: &Client, name: &str, more: Value) -> Value {
    client.post("/api/patients", with(registration(name), more)).await.expect(201)
}

/// The members of the second object take the place of those of the first.
pub fn with(mut object: Value, more: Value) -> Value {
    let Value::Object(members) = more else { panic!("{more} is no object") };
    object.as_object_mut().expect("an object").extend(members);
    object
}

/// Where a patient, or something of a patient, is found.
pub fn at(patient: &Value, rest: &str) -> String {
    format!("/api/patients/{}{rest}", text(&patient["id"]))
}

/// Admits a patient, so that the hospital's staff treats them.
pub async fn admit(client: &Client, hospital: &Value, patient: &Value) {
    let (hospital, patient) = (text(&hospital["id"]), text(&patient["id"]));
    let path = format!("/api/hospitals/{hospital}/patients/{patient}/admit");
    client.post(&path, json!({"department": "medicine", "reason": "observation"})).await.expect(201);
}

pub async fn discharge(client: &Client, hospital: &Value, patient: &Value) {
    let (hospital, patient) = (text(&hospital["id"]), text(&patient["id"]));
    let path = format!("/api/hospitals/{hospital}/patients/{patient}/discharge");
    client.post(&path, json!({"discharge_summary": "well"})).await.expect(200);
}

/// A patient who signs in, and the client they use.
pub async fn patient_with_account(t: &TestApp, clerk: &Client, name: &str, email: &str) -> (Value, Client) {
    let patient = register(clerk, name, json!({"email": email, "password": PASSWORD})).await;
    (patient, t.client().login(email, PASSWORD).await)
}

pub fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// One member of every entry of a list.
pub fn each(list: &Value, member: &str) -> Vec<String> {
    list.as_array().expect("a list").iter().map(|entry| text(&entry[member]).to_owned()).collect()
}

/// The members that a refusal names.
pub fn named(problem: &Value) -> Vec<String> {
    problem["errors"].as_array().map(|_| each(&problem["errors"], "member")).unwrap_or_default()
}
