//! The patients whose bands send: each agreed to it, and each has a band.
use anyhow::{Context, Result};
use serde_json::json;
use std::sync::atomic::{AtomicI64, Ordering};

use super::batch::{DEVICE, POINTS};
use crate::api::Api;
use crate::server::{ADMIN_EMAIL, ADMIN_PASSWORD};
use crate::target::Target;
use crate::ward::Ward;

/// The first minute that is sent: in January 2001, so that there is room for many years.
pub const FIRST: i64 = 16_308_000;
const PASSWORD: &str = "Bench-Ward-2026-patient";

pub struct People {
    pub patients: Vec<String>,
    /// Of a nurse who treats them all.
    pub token: String,
    next: Vec<AtomicI64>,
}

impl People {
    pub async fn of(target: &Target) -> Result<People> {
        let address = target.server.listen;
        let mut admin = Api::login(address, ADMIN_EMAIL, ADMIN_PASSWORD).await?;
        let mut patients = Vec::new();
        for (number, patient) in target.ward.patients.iter().enumerate() {
            let id = patient.id.to_string();
            let email = format!("patient{number}@bench.example");
            let account = json!({"email": email, "password": PASSWORD, "user_type": "patient", "reference_id": id});
            admin.post("/users/create", &account).await?;
            let mut own = Api::login(address, &email, PASSWORD).await?;
            let consent = json!({"patient_id": id, "consent_given": true, "purpose": "bench"});
            own.post("/api/wearables/consent", &consent).await.context("consent")?;
            let band =
                json!({"patient_id": id, "device_id": DEVICE, "device_name": "band", "device_type": "fitness_tracker"});
            own.post("/api/v1/wearables/device/register", &band).await.context("a band")?;
            patients.push(id);
        }
        let token = Ward::nurse(address).await?.token()?.to_owned();
        Ok(People { next: next(patients.len()), patients, token })
    }

    /// As many who exist nowhere, for servers that ask for none.
    pub fn imaginary(many: usize) -> People {
        let patients: Vec<String> = (0..many).map(|n| format!("00000000-0000-4000-8000-{n:012}")).collect();
        People { next: next(many), patients, token: "t".repeat(400) }
    }

    /// The first minute of this patient's next batch.
    pub fn next(&self, patient: usize) -> i64 {
        self.reserve(patient, 1)
    }

    /// The first minute of this many batches of a patient, which nobody else sends.
    pub fn reserve(&self, patient: usize, batches: i64) -> i64 {
        self.next[patient].fetch_add(POINTS as i64 * batches, Ordering::Relaxed)
    }

    /// How many points of all patients were sent.
    pub fn sent(&self) -> i64 {
        self.next.iter().map(|next| next.load(Ordering::Relaxed) - FIRST).sum()
    }
}

fn next(many: usize) -> Vec<AtomicI64> {
    (0..many).map(|_| AtomicI64::new(FIRST)).collect()
}
