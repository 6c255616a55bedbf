//! A patient's health in its newest figures.
use serde_json::{Value, json};
use testkit::{both, vitals};

use crate::{NUMBERS, registered, with};

const PATH: &str = "/api/v1/patient/health-summary";
const NEVER: [&str; 6] = ["steps", "distance", "calories", "sleep", "weight", "glucose"];

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_figures_are_shown_and_the_others_are_null() {
    both(|t| async move {
        let ward = t.ward().await;
        let own = t.account("patient", Some(&ward.patient["id"])).await;
        let first = with(vitals(ward.patient_id()), json!({"hr_bpm": 72, "bp_systolic": 121}));
        ward.nurse.post("/vitals", first).await.expect(201);
        t.clock.advance(chrono::TimeDelta::minutes(5));
        ward.nurse.post("/vitals", json!({"patient_id": ward.patient_id(), "hr_bpm": 81})).await.expect(201);
        let shown = own.get(PATH).await.expect(200);
        assert_eq!((&shown["heart_rate"]["value"], &shown["heart_rate"]["unit"]), (&json!(81.0), &json!("bpm")));
        assert_eq!(
            (&shown["blood_pressure"]["systolic"], &shown["blood_pressure"]["diastolic"]),
            (&json!(121.0), &json!(78.0))
        );
        assert_eq!(shown["blood_oxygen"]["value"], 98.0);
        assert_ne!(shown["heart_rate"]["timestamp"], shown["blood_oxygen"]["timestamp"]);
        assert_eq!(shown["last_measured_at"], shown["heart_rate"]["timestamp"]);
        for metric in NEVER {
            assert_eq!(shown.get(metric), Some(&Value::Null), "{metric}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_whom_nothing_was_measured_everything_is_null() {
    both(|t| async move {
        let (made, own) = registered(&t, NUMBERS[0], "rajesh@example.com").await;
        let shown = own.get(PATH).await.expect(200);
        assert_eq!(shown["patient_uid"], made["patient_uid"]);
        for metric in
            ["heart_rate", "blood_pressure", "blood_oxygen", "temperature", "respiratory_rate", "last_measured_at"]
        {
            assert_eq!(shown.get(metric), Some(&Value::Null), "{metric}");
        }
        let ward = t.ward().await;
        for client in [&ward.nurse, &ward.doctor, &t.admin().await] {
            client.get(PATH).await.expect(403);
        }
    })
    .await;
}
