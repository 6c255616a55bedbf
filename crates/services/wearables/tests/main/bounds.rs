//! How much one request may hold.
use serde_json::{Value, json};
use testkit::both;

use crate::{BAND, SYNC, people};

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_too_long_is_refused_before_anything_is_made_of_it() {
    both(|t| async move {
        let p = people(&t).await;
        p.band().await;
        p.lata.post(SYNC, p.sync_of(vec![p.heart(60, 72.0); 10_001])).await.expect_about(413, "data_points");
        p.lata.post(SYNC, p.sync_of(vec![json!(0); 1_500_000])).await.expect(413);
        let apple = json!({"deviceId": "iPhone", "metrics": vec![0; 10_001]});
        p.lata.post("/api/v1/wearables/apple/import", apple).await.expect_about(413, "metrics");
        let datum = json!({"patient_id": p.patient(), "data_type": "heart_rate", "data_source": "x",
            "data_snapshot": {"value": 70}, "recorded_at": p.ago(60)});
        p.lata.post("/api/wearables/sync", Value::from(vec![datum.clone(); 1001])).await.expect(413);
        let mut deep = datum.clone();
        deep["data_snapshot"] = json!({"trace": vec![0; 1_000_001]});
        p.lata.post("/api/wearables/sync", deep).await.expect(413);
        let nothing = p.lata.get(&format!("/api/wearables/patients/{}/latest", p.patient())).await.expect(200);
        assert_eq!(nothing["metrics"], json!([]));
        p.lata.post("/api/wearables/sync", Value::from(vec![datum; 1000])).await.expect(201);
        let points = (0..10_000).map(|n| p.heart(100_000 + n, 60.0)).collect();
        assert_eq!(p.sync(points).await["synced_count"], 10_000);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_points_that_do_not_fit_the_first_are_named_and_all_are_counted() {
    both(|t| async move {
        let p = people(&t).await;
        p.band().await;
        let mut points = vec![json!(0); 5000];
        points.push(p.heart(60, 72.0));
        let synced = p.sync(points).await;
        assert_eq!((&synced["status"], &synced["synced_count"]), (&json!("partial"), &json!(1)));
        assert_eq!((synced["errors"].as_array().map(Vec::len), &synced["errors_count"]), (Some(100), &json!(5000)));
        let whole = p.sync(vec![p.heart(60, 72.0)]).await;
        assert!(whole.get("errors").is_none() && whole.get("errors_count").is_none(), "{whole}");
        let sample = json!({"type": "HKQuantityTypeIdentifierHeartRate", "value": "fast", "startDate": p.ago(60)});
        let apple = json!({"deviceId": "iPhone", "metrics": vec![sample; 500]});
        let imported = p.lata.post("/api/v1/wearables/apple/import", apple).await.expect(201);
        assert_eq!((imported["errors"].as_array().map(Vec::len), &imported["errors_count"]), (Some(100), &json!(500)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn data_from_too_many_apps_is_a_conflict_and_leaves_nothing_behind() {
    both(|t| async move {
        let p = people(&t).await;
        p.band().await;
        let sample = |n: i64| {
            json!({"type": "HKQuantityTypeIdentifierHeartRate", "value": 72, "unit": "count/min",
            "startDate": p.ago(60 + n), "sourceApp": format!("app {n}")})
        };
        let import = async |n| {
            let metrics: Vec<Value> = (0..n).map(sample).collect();
            let apple = json!({"deviceId": "iPhone", "metrics": metrics});
            p.lata.post("/api/v1/wearables/apple/import", apple).await
        };
        import(501).await.expect(409);
        let devices = p.lata.get("/api/v1/wearables/devices").await.expect(200);
        assert_eq!((devices.as_array().map(Vec::len), &devices[0]["device_id"]), (Some(1), &json!(BAND)));
        import(490).await.expect(201);
    })
    .await;
}
