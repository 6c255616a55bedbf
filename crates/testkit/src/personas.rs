//! People and places that tests begin with, made through the API.
use serde_json::{Value, json};

use crate::{Client, TestApp};

pub(crate) const PASSWORD: &str = "a-good-password";

/// A calm reading.
pub fn vitals(patient: &str) -> Value {
    json!({"patient_id": patient, "hr_bpm": 72, "spo2_pct": 98, "temp_c": 36.8, "bp_systolic": 120, "bp_diastolic": 78, "resp_rate": 15})
}

fn unique() -> String {
    kernel::ids::secret().simple().to_string()
}

impl TestApp {
    /// A hospital with this many beds.
    pub async fn hospital(&self, name: &str, beds: i64) -> Value {
        let body = json!({
            "hospital_name": name, "registration_number": unique(), "hospital_type": "hospital", "contact": "+91 20 1234 5678",
            "email": format!("{}@hospital.example", unique()), "address": {"city": "Pune"}, "total_beds": beds, "available_beds": beds,
            "emergency_services": true, "specializations": ["cardiology"], "accreditations": [],
        });
        self.admin().await.post("/api/hospitals", body).await.expect(201)
    }

    /// A nurse of this hospital, signed in.
    pub async fn nurse(&self, hospital: &Value) -> Client {
        self.account("nurse", Some(&hospital["id"])).await
    }

    /// A responder, signed in.
    pub async fn responder(&self, hospital: &Value) -> Client {
        self.account("responder", Some(&hospital["id"])).await
    }

    /// An account that stands for this patient, doctor or hospital, signed in.
    pub async fn account(&self, role: &str, reference: Option<&Value>) -> Client {
        let email = format!("{}@people.example", unique());
        let body = json!({"email": email, "password": PASSWORD, "user_type": role, "reference_id": reference});
        self.admin().await.post("/users/create", body).await.expect(201);
        self.client().login(&email, PASSWORD).await
    }

    /// A doctor and the doctor's signed-in account.
    pub async fn doctor(&self, name: &str) -> (Value, Client) {
        let email = format!("{}@doctors.example", unique());
        let body = json!({
            "name": name, "gender": "female", "contact": "+91 98220 12345", "email": email, "license_number": unique(),
            "specializations": ["cardiology"], "qualification": ["MD"], "experience": 9, "password": PASSWORD,
        });
        let doctor = self.admin().await.post("/api/doctors", body).await.expect(201);
        (doctor, self.client().login(&email, PASSWORD).await)
    }

    /// A patient, registered by this caller.
    pub async fn patient(&self, by: &Client, name: &str) -> Value {
        let body =
            json!({"name": name, "date_of_birth": "1970-04-12", "gender": "female", "contact": "+91 98221 54321"});
        by.post("/api/patients", body).await.expect(201)
    }

    /// A monitor of this hospital: a caller with a device key.
    pub async fn monitor(&self, hospital: &Value) -> Client {
        let body = json!({"label": "monitor", "hospital_id": hospital["id"]});
        let key = self.admin().await.post("/api/v1/device-keys", body).await.expect(201);
        self.client().with_token(key["key"].as_str().expect("a key"))
    }

    /// A ward: a hospital, its nurse, a doctor and one admitted patient.
    pub async fn ward(&self) -> Ward {
        let hospital = self.hospital(&format!("Hospital {}", unique()), 10).await;
        let nurse = self.nurse(&hospital).await;
        let (doctor_record, doctor) = self.doctor("Dr. Meera Iyer").await;
        let patient = self.patient(&nurse, "Lata Joshi").await;
        let body = json!({"patient_id": patient["id"], "doctor_id": doctor_record["id"], "room_number": "101"});
        let encounter = nurse.post("/encounters", body).await.expect(201)["data"].clone();
        Ward { hospital, nurse, doctor_record, doctor, patient, encounter }
    }
}

/// A ward with one admitted patient.
pub struct Ward {
    pub hospital: Value,
    pub nurse: Client,
    pub doctor_record: Value,
    pub doctor: Client,
    pub patient: Value,
    pub encounter: Value,
}

impl Ward {
    pub fn patient_id(&self) -> &str {
        self.patient["id"].as_str().expect("an id")
    }
    pub fn encounter_id(&self) -> &str {
        self.encounter["id"].as_str().expect("an id")
    }
    pub fn doctor_id(&self) -> &str {
        self.doctor_record["id"].as_str().expect("an id")
    }
}
