//! What is told live, to whom and until when: over plain WebSockets, and with the clients that people use.
mod bounds;
mod clients;
mod following;
mod polling;
mod signing_in;
mod socket;
mod stopping;

use serde_json::{Value, json};
use testkit::{Client, TestApp, Ward};

pub fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// A ward, its patient signed in, and a doctor from elsewhere who has nothing to do with the patient.
pub struct People {
    pub w: Ward,
    pub lata: Client,
    pub nair: Client,
}

pub async fn people(t: &TestApp) -> People {
    let w = t.ward().await;
    let lata = t.account("patient", Some(&w.patient["id"])).await;
    let (_, nair) = t.doctor("Dr. Nair").await;
    People { w, lata, nair }
}

impl People {
    pub fn patient(&self) -> &str {
        self.w.patient_id()
    }

    /// The doctor from elsewhere asks the patient for these categories, and is told yes.
    pub async fn agree(&self, categories: Value) -> Value {
        let ask = json!({"patient_id": self.patient(), "data_categories": categories, "purpose": "A second opinion"});
        let asked = self.nair.post("/api/v1/consents/request", ask).await.expect(201);
        let path = format!("/api/v1/consents/{}/approve", text(&asked["id"]));
        self.lata.put(&path, json!({})).await.expect(200)
    }

    /// The patient takes a consent back.
    pub async fn take_back(&self, consent: &Value) {
        let path = format!("/api/v1/consents/{}/revoke", text(&consent["id"]));
        self.lata.put(&path, json!({})).await.expect(200);
    }

    /// The nurse measures the heart rate; answers the reading's id.
    pub async fn heart_rate(&self, t: &TestApp, bpm: i64) -> String {
        t.clock.advance(chrono::TimeDelta::seconds(1));
        let body = json!({"patient_id": self.patient(), "hr_bpm": bpm});
        let sent = self.w.nurse.post("/vitals", body).await.expect(201);
        text(&sent["data"]["id"]).to_owned()
    }
}

/// Who may follow this patient.
pub fn whom(p: &People) -> Value {
    json!({"patient_id": p.patient()})
}

/// The entries of the audit chain about this patient, as the patient sees them.
pub async fn looks(p: &People) -> Vec<Value> {
    let path = format!("/api/v1/patients/{}/audit?limit=100", p.patient());
    p.lata.get(&path).await.expect(200).as_array().expect("a list").clone()
}
