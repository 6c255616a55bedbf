//! What patients agree to, through HTTP, on both engines.
mod asking;
mod delegating;
mod expiring;
mod glass;
mod looking;
mod ranged;
mod sensitive;
mod settling;
mod streaming;
mod wearing;

use serde_json::{Value, json};
use testkit::{Client, TestApp, Ward};

pub const PASSWORD: &str = "a-good-password";

pub fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// The members of the second object take the place of those of the first.
pub fn with(mut object: Value, more: Value) -> Value {
    let Value::Object(members) = more else { panic!("{more} is no object") };
    object.as_object_mut().expect("an object").extend(members);
    object
}

/// A ward, its patient signed in, and a doctor from elsewhere who has nothing to do with the patient.
pub struct People {
    pub w: Ward,
    pub lata: Client,
    pub record: Value,
    pub nair: Client,
}

pub async fn people(t: &TestApp) -> People {
    let w = t.ward().await;
    let lata = t.account("patient", Some(&w.patient["id"])).await;
    let (record, nair) = t.doctor("Dr. Nair").await;
    People { w, lata, record, nair }
}

impl People {
    pub fn patient(&self) -> &str {
        self.w.patient_id()
    }

    /// What the stranger asks for, until somebody says otherwise.
    pub fn ask(&self, categories: impl Into<Value>) -> Value {
        let categories = categories.into();
        json!({"patient_id": self.patient(), "data_categories": categories, "purpose": "A second opinion"})
    }

    /// Asks and is told yes.
    pub async fn agree(&self, categories: Value) -> Value {
        let asked = self.nair.post("/api/v1/consents/request", self.ask(categories)).await.expect(201);
        self.lata.put(&at(&asked, "/approve"), json!({})).await.expect(200)
    }

    pub fn vitals(&self) -> String {
        format!("/patients/{}/vitals/recent", self.patient())
    }

    pub fn records(&self) -> String {
        format!("/api/patients/{}/records", self.patient())
    }
}

/// Where a consent, or a way to settle it, is found.
pub fn at(consent: &Value, step: &str) -> String {
    format!("/api/v1/consents/{}{step}", text(&consent["id"]))
}

/// An account with a known password, so that it can sign in again when its token has run out.
pub async fn account(t: &TestApp, email: &str, role: &str, reference: &Value) -> Client {
    let body = json!({"email": email, "password": PASSWORD, "user_type": role, "reference_id": reference});
    t.admin().await.post("/users/create", body).await.expect(201);
    t.client().login(email, PASSWORD).await
}
