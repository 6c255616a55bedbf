//! The ward that is measured: a hospital, a nurse, a doctor, a monitor's key and patients, all made through the API.

use crate::api::{Api, id_of};
use crate::request::{self, Monitor};
use crate::server::{ADMIN_EMAIL, ADMIN_PASSWORD};
use crate::wire::Wire;
use anyhow::{Context, Result, bail};
use serde_json::json;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};
use uuid::Uuid;

const NURSE_EMAIL: &str = "nurse@bench.example";
const NURSE_PASSWORD: &str = "Bench-Ward-2026-nurse";

pub struct Patient {
    pub id: Uuid,
    pub text: [u8; 36],
    pub encounter: String,
    last_reading: AtomicI64,
}

pub struct Ward {
    pub patients: Vec<Patient>,
    pub key: String,
    /// Three patients the load leaves alone. The first gets readings from the checks, the second is looked at once, and nothing
    /// happens to the third: comparing their audit entries tells what a reading and a read are called there.
    pub spare: [Patient; 3],
}

/// How long Nadi's answers are, for the floor to answer as much.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    pub vitals: usize,
    pub read: usize,
}

impl Patient {
    pub fn new(id: &str, encounter: String) -> Result<Patient> {
        let id: Uuid = id.parse().with_context(|| format!("{id} is not an id"))?;
        let mut text = [0; 36];
        id.hyphenated().encode_lower(&mut text);
        Ok(Patient { id, text, encounter, last_reading: AtomicI64::new(0) })
    }

    /// The millisecond of the next reading: now, and never one that was used before.
    pub fn next_reading(&self) -> i64 {
        let now = unix_micros() / 1000;
        let later = |last: i64| Some(now.max(last + 1));
        match self.last_reading.fetch_update(Ordering::Relaxed, Ordering::Relaxed, later) {
            Ok(last) | Err(last) => now.max(last + 1),
        }
    }
}

impl Ward {
    pub async fn open(address: SocketAddr, patients: usize) -> Result<Ward> {
        let mut admin = Api::login(address, ADMIN_EMAIL, ADMIN_PASSWORD).await?;
        let hospital = admin
            .post(
                "/api/hospitals",
                &json!({
                    "hospital_name": "Bench Hospital", "registration_number": "BENCH-1", "hospital_type": "hospital",
                    "contact": "+911123456789", "email": "desk@bench.example", "address": {}, "total_beds": 1000,
                    "available_beds": 1000, "emergency_services": true, "specializations": [], "accreditations": []
                }),
            )
            .await?;
        let hospital = id_of(&hospital)?;
        let nurse =
            json!({"email": NURSE_EMAIL, "password": NURSE_PASSWORD, "user_type": "nurse", "reference_id": hospital});
        admin.post("/users/create", &nurse).await?;
        let doctor = json!({
            "name": "Asha Rao", "gender": "female", "contact": "+919800000001", "email": "doctor@bench.example",
            "license_number": "BENCH-LIC-1", "specializations": ["cardiology"], "qualification": ["MD"], "experience": 5
        });
        let doctor = id_of(&admin.post("/api/doctors", &doctor).await?)?;
        let key =
            admin.post("/api/v1/device-keys", &json!({"label": "bench monitor", "hospital_id": hospital})).await?;
        let key = key["key"].as_str().or(key["data"]["key"].as_str()).context("no device key")?.to_owned();
        let mut nurse = Ward::nurse(address).await?;
        let mut made = Vec::with_capacity(patients + 3);
        for number in 0..patients + 3 {
            let patient = json!({
                "name": format!("Patient {number}"), "date_of_birth": "1970-01-01", "gender": "male",
                "contact": format!("+9112345{number:05}")
            });
            let patient = id_of(&admin.post("/api/patients", &patient).await?)?;
            let encounter = nurse.post("/encounters", &json!({"patient_id": patient, "doctor_id": doctor})).await?;
            made.push(Patient::new(&patient, id_of(&encounter)?)?);
        }
        let spare = made.split_off(patients);
        let spare = spare.try_into().map_err(|_| anyhow::anyhow!("three spare patients"))?;
        Ok(Ward { patients: made, key, spare })
    }

    pub async fn nurse(address: SocketAddr) -> Result<Api> {
        Api::login(address, NURSE_EMAIL, NURSE_PASSWORD).await
    }

    /// One reading for the first spare patient; true once the server has answered that it is kept.
    pub async fn post_one(&self, address: SocketAddr) -> Result<usize> {
        let patient = &self.spare[0];
        let mut wire = Wire::connect(address).await?;
        let answer = wire.ask(Monitor::new(&self.key).normal(patient, patient.next_reading())).await?;
        if answer.status != 201 {
            bail!("a reading was answered {}: {}", answer.status, String::from_utf8_lossy(answer.body));
        }
        Ok(answer.body.len())
    }

    /// One reading and one read, to see how long the answers are.
    pub async fn try_out(&self, address: SocketAddr) -> Result<Sizes> {
        let vitals = self.post_one(address).await?;
        let nurse = Ward::nurse(address).await?;
        let mut wire = Wire::connect(address).await?;
        let answer = wire.ask(&request::read(&self.spare[1], nurse.token()?)).await?;
        if answer.status != 200 {
            bail!("a read was answered {}: {}", answer.status, String::from_utf8_lossy(answer.body));
        }
        Ok(Sizes { vitals, read: answer.body.len() })
    }

    /// A ward that exists nowhere, for measuring the floor alone.
    pub fn imaginary(patients: usize) -> Result<Ward> {
        let patient = |number: usize| Patient::new(&Uuid::from_u128(number as u128).to_string(), String::new());
        let made = (0..patients).map(patient).collect::<Result<_>>()?;
        Ok(Ward { patients: made, key: "k".repeat(48), spare: [patient(0)?, patient(1)?, patient(2)?] })
    }
}

/// Unix time in microseconds.
#[expect(clippy::disallowed_methods, reason = "the bench measures the real time; no test moves its clock")]
pub fn unix_micros() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map(|since| since.as_micros() as i64).unwrap_or_default()
}
