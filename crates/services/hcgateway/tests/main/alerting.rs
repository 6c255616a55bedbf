//! What a phone sends is judged as the ward's readings are, once.
use chrono::{SecondsFormat, TimeDelta};
use serde_json::{Value, json};
use testkit::both;

use crate::Patient;

async fn alerts(patient: &Patient) -> usize {
    let path = format!("/api/emergency/patients/{}/alerts", patient.ward.patient_id());
    patient.ward.nurse.get(&path).await.expect(200).as_array().expect("a list").len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_racing_heart_alerts_once_however_often_it_is_sent() {
    both(|t| async move {
        let patient = Patient::new(&t).await;
        let phone = patient.phone(&t).await;
        let now = t.clock.now();
        let at = |ago: i64| (now - TimeDelta::seconds(ago)).to_rfc3339_opts(SecondsFormat::Micros, true);
        let beats = |bpm: i64| -> Vec<Value> {
            (0..12).map(|n| json!({"time": at(120 - n * 10), "beatsPerMinute": bpm})).collect()
        };
        let record = |id: &str, bpm: i64| {
            json!({"startTime": at(120), "endTime": at(0), "samples": beats(bpm),
                "metadata": {"id": id, "dataOrigin": "com.sec.android.app.shealth"}})
        };
        phone.sync("HeartRate", record("race", 162)).await.expect(200);
        assert_eq!(alerts(&patient).await, 1);
        for _ in 0..3 {
            phone.sync("HeartRate", record("race", 162)).await.expect(200);
            phone.sync("heartRate", json!([record("race", 162), record("copy", 162)])).await.expect(200);
        }
        assert_eq!(alerts(&patient).await, 1);
    })
    .await;
}
