//! What Apple Health holds, as the phone's app sends it.
use serde_json::{Value, json};
use testkit::both;

use crate::{People, people};

const IMPORT: &str = "/api/v1/wearables/apple/import";

impl People {
    fn sample(&self, kind: &str, value: impl Into<Value>, unit: &str) -> Value {
        json!({
            "type": kind, "value": value.into(), "unit": unit, "startDate": self.ago(120), "endDate": self.ago(60),
            "sourceApp": "Apple Watch", "metadata": {"HKWasUserEntered": false},
        })
    }

    fn export(&self, metrics: &Value) -> Value {
        json!({
            "deviceId": "iPhone", "userId": self.patient(), "exportTimestamp": self.ago(0),
            "dataRange": {"startDate": self.ago(3600), "endDate": self.ago(0)}, "metrics": metrics,
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_stored_once_and_what_was_deleted_is_taken_back() {
    both(|t| async move {
        let p = people(&t).await;
        let mut metrics = json!([
            p.sample("HKQuantityTypeIdentifierStepCount", 812, "count"),
            p.sample("HKQuantityTypeIdentifierOxygenSaturation", 0.97, "%"),
            p.sample("HKCategoryTypeIdentifierSleepAnalysis", "HKCategoryValueSleepAnalysisAsleepDeep", ""),
            p.sample("HKWorkoutTypeIdentifier", 30.5, "min"),
            p.sample("HKQuantityTypeIdentifierAura", 1, "count"),
            p.sample("HKQuantityTypeIdentifierHeartRate", 72, "kg"),
        ]);
        for _ in 0..2 {
            let imported = p.lata.post(IMPORT, p.export(&metrics)).await.expect(201);
            assert_eq!((&imported["status"], &imported["synced_count"]), (&json!("partial"), &json!(4)));
            assert_eq!(imported["skipped"], json!({"HKQuantityTypeIdentifierAura": 1}));
            assert_eq!(
                (&imported["errors"][0]["index"], &imported["errors"][0]["member"]),
                (&json!(5), &json!("unit"))
            );
        }
        let found = p.lata.get("/api/v1/wearables/data/history").await.expect(200);
        let points = found["points"].as_array().expect("points");
        assert_eq!(points.len(), 3, "{points:?}");
        assert!(points.iter().all(|point| point["device_id"] == "Apple Watch"));
        let listed = p.lata.get(&format!("/api/wearables/patients/{}", p.patient())).await.expect(200);
        assert_eq!(listed.as_array().expect("a list").len(), 1);
        metrics[0]["deleted"] = json!(true);
        p.lata.post(IMPORT, p.export(&metrics)).await.expect(201);
        let found = p.lata.get("/api/v1/wearables/data/history?metric_type=steps").await.expect(200);
        assert_eq!(found["points"], json!([]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_imports_for_another_or_without_consent() {
    both(|t| async move {
        let p = people(&t).await;
        let export = p.export(&json!([p.sample("HKQuantityTypeIdentifierStepCount", 812, "count")]));
        p.stranger.post(IMPORT, export.clone()).await.expect(404);
        p.lata.post(IMPORT, json!({"deviceId": " ", "metrics": []})).await.expect_about(422, "deviceId");
        p.lata.post(IMPORT, json!({"deviceId": "iPhone"})).await.expect_about(422, "metrics");
        p.say_consent(false).await;
        p.lata.post(IMPORT, export).await.expect(403);
    })
    .await;
}
