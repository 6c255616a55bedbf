//! What wearables send, through HTTP, on both engines.
mod apple;
mod bounds;
mod data;
mod devices;
mod history;
mod judging;
mod recording;
mod syncing;
mod taking_back;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};
use testkit::{Client, TestApp, Ward};

/// A ward, its patient signed in and agreed, and a doctor from elsewhere who has nothing to do with the patient.
pub struct People {
    pub w: Ward,
    pub lata: Client,
    pub stranger: Client,
    pub now: DateTime<Utc>,
}

pub const BAND: &str = "xiaomi_mi_band_12345";

pub async fn people(t: &TestApp) -> People {
    let w = t.ward().await;
    let lata = t.account("patient", Some(&w.patient["id"])).await;
    let (_, stranger) = t.doctor("Dr. Nair").await;
    let people = People { w, lata, stranger, now: t.clock.now() };
    people.say_consent(true).await;
    people
}

pub fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

impl People {
    pub fn patient(&self) -> &str {
        self.w.patient_id()
    }

    pub async fn say_consent(&self, given: bool) {
        let said = json!({"patient_id": self.patient(), "consent_given": given, "purpose": "To follow my heart"});
        let answer = self.lata.post("/api/wearables/consent", said).await;
        assert!(answer.status.is_success(), "{answer:?}");
    }

    pub async fn band(&self) -> Value {
        self.device(json!({})).await
    }

    pub async fn device(&self, more: Value) -> Value {
        let mut device = json!({
            "device_id": BAND, "device_name": "Xiaomi Mi Band 7", "device_type": "fitness_tracker",
            "manufacturer": "Xiaomi", "model": "Mi Band 7", "firmware_version": "2.3.1", "sync_interval": 300,
            "capabilities": ["heart_rate", "steps"],
        });
        device.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        self.lata.post("/api/v1/wearables/device/register", device).await.expect(201)
    }

    /// An instant so many seconds ago.
    pub fn ago(&self, seconds: i64) -> String {
        (self.now - TimeDelta::seconds(seconds)).to_rfc3339_opts(SecondsFormat::Micros, true)
    }

    pub fn heart(&self, ago: i64, value: f64) -> Value {
        json!({"metric_type": "heart_rate", "value": value, "unit": "bpm", "timestamp": self.ago(ago)})
    }

    pub fn sync_of(&self, points: Vec<Value>) -> Value {
        json!({"patient_id": self.patient(), "device_id": BAND, "battery_level": 85, "data_points": Value::Array(points)})
    }

    pub async fn sync(&self, points: Vec<Value>) -> Value {
        self.lata.post(SYNC, self.sync_of(points)).await.expect(201)
    }
}

pub const SYNC: &str = "/api/v1/wearables/data/sync";
