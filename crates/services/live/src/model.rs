//! What clients say and what they are told.
use access::{Category, Span};
use chrono::{DateTime, Utc};
use kernel::PatientId;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use ward::{Alert, AlertStatus};

use crate::outlet::Breach;

/// What a client signs in with when it cannot send a header.
#[derive(Debug, Default, Deserialize)]
pub struct Auth {
    pub token: Option<String>,
    /// From `POST /api/emergency/stream/ticket`; it opens one connection once.
    pub ticket: Option<String>,
}

/// Whom a client wants to follow. What else it says, such as a doctor's id, is passed over: the token says who it is.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Whom {
    patient_aadhar_uid: Option<String>,
    patient_uid: Option<String>,
    patient_id: Option<String>,
}

/// Longer names are nobody's.
const NAME: usize = 100;

impl Whom {
    /// The name that the client uses, and is answered under.
    pub fn name(&self) -> Option<&str> {
        let named = [&self.patient_aadhar_uid, &self.patient_uid, &self.patient_id].into_iter().flatten().next()?;
        Some(named.trim()).filter(|name| !name.is_empty() && name.len() <= NAME && !name.contains('\0'))
    }
}

/// What a client asks for.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    #[serde(alias = "subscribe_patient")]
    Subscribe(Whom),
    #[serde(alias = "unsubscribe_patient")]
    Unsubscribe(Whom),
    /// What cannot be read, and why.
    #[serde(skip)]
    Unreadable(String),
    /// Nothing more can be read of this client.
    #[serde(skip)]
    Broken(Breach),
}

kernel::text_enum!(
    /// What of a patient is told live. Each is opened by a right of its own.
    Topic {
        Alerts = "alerts",
        Vitals = "vitals",
        Wearables = "wearables",
    }
);

impl Topic {
    pub const ALL: [Self; 3] = [Self::Alerts, Self::Vitals, Self::Wearables];

    pub fn category(self) -> Category {
        match self {
            Self::Alerts => Category::Alerts,
            Self::Vitals => Category::Vitals,
            Self::Wearables => Category::Wearables,
        }
    }
}

/// The name of the event that tells of an alert which opened or became worse.
pub const ALERT: &str = "health_alert";
/// The same of one that ended.
pub const ENDED: &str = "health_alert_ended";

/// An alert as it is told.
pub struct HealthAlert {
    pub event: &'static str,
    pub at: DateTime<Utc>,
    pub body: Map<String, Value>,
}

impl HealthAlert {
    /// `uid` stands for the patient's Aadhaar number, where there is one.
    pub fn new(alert: &Alert, uid: Option<&str>) -> Self {
        let is_active = alert.status == AlertStatus::Open;
        let grave = matches!(kernel::Text::word(&alert.severity), "high" | "critical");
        let body = json!({
            "alert_id": alert.id, "patient_id": alert.patient_id, "patient_aadhar_uid": uid,
            "encounter_id": alert.encounter_id, "alert_type": alert.r#type, "severity": alert.severity,
            "message": alert.message, "triggered_at": alert.timestamp, "last_seen_at": alert.last_seen_at,
            "resolved_at": alert.resolved_at, "metric_data": metric_data(&alert.explanation),
            "patient_status": if is_active && grave { "emergency" } else { "monitoring" },
            "notes": alert.resolution_notes.iter().collect::<Vec<_>>(), "is_active": is_active,
        });
        let Value::Object(body) = body else { unreachable!("an object was written") };
        let event = if is_active { ALERT } else { ENDED };
        Self { event, at: alert.last_seen_at, body }
    }
}

/// The value that alerts, and the limit it passed. A score has its total; what passed it is not one value.
fn metric_data(why: &Value) -> Value {
    let passed = &why["passed"];
    if passed.is_object() {
        return json!({"metric_type": passed["parameter"], "value": passed["value"],
            "threshold": passed["limit"], "unit": passed["unit"]});
    }
    if why["news2"].is_object() {
        return json!({"metric_type": "news2", "value": why["news2"]["total"], "threshold": null, "unit": ""});
    }
    let used = &why["values"][0];
    json!({"metric_type": used["parameter"], "value": used["value"], "threshold": null, "unit": used["unit"]})
}

/// What the hub told, for one client: under the client's own name of the patient, without what is of another time than the
/// client may see. None when nothing is left.
pub fn tick(text: &str, patient: PatientId, name: &str, span: &Span) -> Option<Value> {
    let mut body: Map<String, Value> = serde_json::from_str(text).ok()?;
    // Alerts have a right and an event of their own.
    body.remove("alerts");
    let is_open = |what: &Value| {
        let at = || what["timestamp"].as_str()?.parse::<DateTime<Utc>>().ok();
        span.is_always() || at().is_some_and(|at| span.includes(at))
    };
    if body.get("reading").is_some_and(|reading| !is_open(reading)) {
        return None;
    }
    if let Some(Value::Array(points)) = body.get_mut("points") {
        points.retain(is_open);
        if points.is_empty() {
            return None;
        }
    }
    body.insert("patient_uid".to_owned(), json!(name));
    body.insert("patient_id".to_owned(), json!(patient));
    Some(Value::Object(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_names_the_patient_in_one_of_three_ways() {
        let name = |said: Value| serde_json::from_value::<Whom>(said).unwrap().name().map(str::to_owned);
        assert_eq!(name(json!({"patient_aadhar_uid": "ab", "doctor_id": "DOC_1"})).as_deref(), Some("ab"));
        assert_eq!(name(json!({"patient_id": " P-1 "})).as_deref(), Some("P-1"));
        assert_eq!(name(json!({"patient_uid": "u"})).as_deref(), Some("u"));
        for nobody in [json!({}), json!({"patient_id": " "}), json!({"patient_id": "x".repeat(101)})] {
            assert_eq!(name(nobody), None);
        }
    }

    #[test]
    fn an_alert_says_which_value_passed_which_limit() {
        let passed = json!({"values": [{"parameter": "heart_rate", "value": 80.0, "unit": "BPM"}],
            "passed": {"parameter": "spo2", "value": 85.0, "limit": 90.0, "unit": "%"}});
        let told = json!({"metric_type": "spo2", "value": 85.0, "threshold": 90.0, "unit": "%"});
        assert_eq!(metric_data(&passed), told);
        let score = json!({"news2": {"total": 7}, "values": []});
        assert_eq!(metric_data(&score)["value"], 7);
        assert_eq!(metric_data(&Value::Null)["value"], Value::Null);
    }

    #[test]
    fn a_tick_names_the_patient_as_the_client_does_and_leaves_alerts_out() {
        let patient = PatientId::new();
        let text = json!({"reading": {"hr_bpm": 71, "timestamp": "2026-11-20T10:00:00Z"}, "alerts": [1]}).to_string();
        let body = tick(&text, patient, "P-1", &Span::ALWAYS).unwrap();
        assert_eq!((&body["patient_uid"], &body["reading"]["hr_bpm"]), (&json!("P-1"), &json!(71)));
        assert!(body.get("alerts").is_none());
    }

    #[test]
    fn a_tick_shows_nothing_of_another_time_than_the_client_may_see() {
        let span = Span { from: "2026-11-20T10:00:00Z".parse().ok(), to: None };
        let point = |hour: u8| json!({"value": hour, "timestamp": format!("2026-11-20T{hour:02}:00:00Z")});
        let told = |body: Value| tick(&body.to_string(), PatientId::new(), "P-1", &span);
        assert!(told(json!({"reading": point(9)})).is_none() && told(json!({"points": [point(9)]})).is_none());
        assert!(told(json!({"reading": {"value": 1}})).is_none());
        assert_eq!(told(json!({"points": [point(9), point(11)]})).unwrap()["points"], json!([point(11)]));
        assert_eq!(told(json!({"reading": point(10)})).unwrap()["reading"], point(10));
    }
}
