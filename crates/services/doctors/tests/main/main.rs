//! What people do with doctors, their patients and their places at hospitals, through HTTP, on both engines.
mod assigning;
mod directory;
mod finding;
mod leaving;
mod licensing;
mod oneself;
mod places;
mod profiles;
mod registering;
mod suspending;

use serde_json::{Value, json};

pub fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// Where a doctor, or something of a doctor, is found.
pub fn at(doctor: &Value, rest: &str) -> String {
    format!("/api/doctors/{}{rest}", text(&doctor["id"]))
}

/// Where the assignment of a patient to a doctor is made and ended.
pub fn pair(doctor: &Value, patient: &Value) -> String {
    at(doctor, &format!("/patients/{}", text(&patient["id"])))
}

/// A registration with nothing but what is needed.
pub fn registration(name: &str, license: &str) -> Value {
    json!({
        "name": name, "gender": "male", "contact": "+91 98220 12345", "email": format!("{license}@doctors.example"),
        "license_number": license,
    })
}

/// The members of the second object take the place of those of the first.
pub fn with(mut object: Value, more: &Value) -> Value {
    let members = more.as_object().expect("an object").clone();
    object.as_object_mut().expect("an object").extend(members);
    object
}

/// Where a doctor's profile, or something of it, is found.
pub fn v1(doctor: &Value, rest: &str) -> String {
    format!("/api/v1/doctors/{}{rest}", text(&doctor["id"]))
}

/// A registration at an institution.
pub fn newcomer(institution: &Value, license: &str) -> Value {
    json!({
        "institution_id": institution["id"], "first_name": "Asha", "last_name": "Rao", "medical_license": license,
        "years_experience": 12, "consultation_fee": 500.5, "password": "a-good-password",
        "contact_email": {"email_address": format!("{license}@doctors.example"), "is_primary": true},
    })
}
