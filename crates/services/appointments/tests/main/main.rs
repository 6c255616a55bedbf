//! What people do with appointments, through HTTP, on both engines.
mod booking;
mod changing;
mod edges;
mod limits;
mod listing;
mod rights;
mod sealed;

use chrono::TimeDelta;
use serde_json::{Value, json};
use testkit::{Client, TestApp, Ward};

pub const PATH: &str = "/api/appointments";

/// A time so many minutes from now, as clients write it.
pub fn later(t: &TestApp, minutes: i64) -> String {
    (t.clock.now() + TimeDelta::minutes(minutes)).to_rfc3339()
}

/// A visit of the ward's patient to the ward's doctor, so many minutes from now.
pub fn visit(t: &TestApp, w: &Ward, minutes: i64) -> Value {
    json!({"patient_id": w.patient["id"], "doctor_id": w.doctor_record["id"], "title": "Check of the heart",
        "location": "Room 12", "scheduled_at": later(t, minutes), "duration_minutes": 30})
}

/// The members of the second object take the place of those of the first.
pub fn with(mut object: Value, more: Value) -> Value {
    let Value::Object(members) = more else { panic!("{more} is no object") };
    object.as_object_mut().expect("an object").extend(members);
    object
}

pub fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// Where an appointment is found.
pub fn at(appointment: &Value) -> String {
    format!("{PATH}/{}", text(&appointment["id"]))
}

/// One member of every entry of a list.
pub fn each(list: &Value, member: &str) -> Vec<String> {
    list.as_array().expect("a list").iter().map(|entry| text(&entry[member]).to_owned()).collect()
}

/// A patient who registered with a hospital and signs in, and is admitted nowhere.
pub async fn patient(t: &TestApp, clerk: &Client, name: &str) -> (Value, Client) {
    let patient = t.patient(clerk, name).await;
    let client = t.account("patient", Some(&patient["id"])).await;
    (patient, client)
}
