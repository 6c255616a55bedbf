//! What wearables measured, judged by the rules of the ward.
use serde_json::{Value, json};
use signals::Metric;
use testkit::{TestApp, both};

use crate::{People, SYNC, people};

impl People {
    async fn alerts(&self) -> Vec<Value> {
        let path = format!("/encounters/{}/alerts", self.w.encounter_id());
        let found = self.w.nurse.get(&path).await.expect(200);
        found["data"]["alerts"].as_array().expect("alerts").clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fast_heart_raises_an_alert_that_says_where_it_came_from() {
    both(|t| async move {
        let p = people(&t).await;
        p.band().await;
        let synced = p.sync(vec![p.heart(120, 72.0), p.heart(60, 145.0)]).await;
        assert_eq!(synced["alerts"][0]["type"], "TACHYCARDIA");
        let alerts = p.alerts().await;
        assert_eq!(alerts.len(), 1, "{alerts:?}");
        assert_eq!((&alerts[0]["status"], &alerts[0]["source"]), (&json!("open"), &json!("wearable")));
        assert_eq!(alerts[0]["explanation"]["source"]["name"], crate::BAND);
        let responder = t.responder(&p.w.hospital).await;
        let emergencies = responder.get("/api/emergency/alerts").await.expect(200);
        assert_eq!(emergencies[0]["triggered_by"], "wearable");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_that_is_sent_again_raises_no_alert_twice() {
    both(|t| async move {
        let p = people(&t).await;
        p.band().await;
        let month: Vec<Value> =
            (1..29 * 24).map(|hour| p.heart(hour * 3600, if hour % 5 == 0 { 150.0 } else { 70.0 })).collect();
        let mut first = month.clone();
        first.push(p.heart(60, 150.0));
        let alerts = p.sync(first.clone()).await["alerts"].clone();
        assert!(alerts.as_array().is_some_and(|all| !all.is_empty()));
        let before = p.alerts().await;
        assert_eq!(before.iter().filter(|alert| alert["status"] == "open").count(), 1);
        for again in [first, month] {
            assert_eq!(p.sync(again).await.get("alerts"), None);
        }
        assert_eq!(p.alerts().await, before);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_that_was_over_before_anybody_heard_of_it_calls_nobody() {
    both(|t| async move {
        let p = people(&t).await;
        p.band().await;
        let run = vec![
            p.heart(3600, 72.0),
            p.heart(3000, 150.0),
            p.heart(2400, 80.0),
            p.heart(1800, 75.0),
            p.heart(60, 72.0),
        ];
        p.sync(run).await;
        let alerts = p.alerts().await;
        assert_eq!(alerts.iter().map(|a| a["status"].clone()).collect::<Vec<_>>(), [json!("closed")]);
        let responder = t.responder(&p.w.hospital).await;
        assert_eq!(responder.get("/api/emergency/alerts?active_only=false").await.expect(200), json!([]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_devices_own_threshold_tightens_and_never_loosens() {
    both(|t| async move {
        let p = people(&t).await;
        p.device(json!({"settings": {"alert_threshold": 110}})).await;
        let synced = p.sync(vec![p.heart(120, 115.0)]).await;
        assert_eq!(synced["alerts"][0]["type"], "TACHYCARDIA");
        let other = t.ward().await;
        let asha = t.account("patient", Some(&other.patient["id"])).await;
        let id = &other.patient["id"];
        asha.post("/api/wearables/consent", json!({"patient_id": id, "purpose": "Mine"})).await.expect(201);
        let lax = json!({"device_id": "ring", "settings": {"alert_threshold": 200}});
        asha.post("/api/v1/wearables/device/register", lax).await.expect(201);
        let points = json!({"device_id": "ring", "data_points": [p.heart(60, 140.0)]});
        let synced = asha.post(crate::SYNC, points).await.expect(201);
        assert_eq!(synced["alerts"][0]["type"], "TACHYCARDIA");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_older_than_a_day_or_than_what_is_known_is_not_judged() {
    both(|t| async move {
        let p = people(&t).await;
        p.band().await;
        assert_eq!(p.sync(vec![p.heart(25 * 3600, 150.0)]).await.get("alerts"), None);
        p.sync(vec![p.heart(60, 72.0)]).await;
        assert_eq!(p.sync(vec![p.heart(600, 150.0)]).await.get("alerts"), None);
        assert!(p.alerts().await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bedside_and_the_band_share_one_open_alert() {
    both(|t| async move {
        let p = people(&t).await;
        p.band().await;
        let bedside = json!({"patient_id": p.patient(), "hr_bpm": 150, "timestamp": p.ago(300)});
        p.w.nurse.post("/vitals", bedside).await.expect(201);
        assert_eq!(p.sync(vec![p.heart(200, 151.0), p.heart(100, 152.0)]).await.get("alerts"), None);
        let alerts = p.alerts().await;
        assert_eq!(alerts.len(), 1);
        assert_eq!((&alerts[0]["repeats"], &alerts[0]["source"]), (&json!(2), &json!("bedside")));
    })
    .await;
}

/// What a program that knew no better stored: a heart's mean of a day that is not over.
async fn stored_before(t: &TestApp, p: &People, point: signals::Point) {
    let patient = p.patient().parse().expect("an id");
    let grant = access::Grant::for_operator(&t.app, patient).await.expect("a grant");
    let key = t.app.edge::<vault::Vault>().key(&t.app.db(), patient).await.expect("a key");
    let (source, outdoes) = (uuid::Uuid::from_u128(7), signals::Outdoes::Versions);
    let new = signals::NewPoints { grant: &grant, key: &key, source, outdoes, points: &[point] };
    let mut tx = t.app.db().begin().await.expect("a transaction");
    signals::store(&mut tx, &[new]).await.expect("stored");
    tx.commit().await.expect("committed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_to_end_tonight_silences_nothing() {
    both(|t| async move {
        let p = people(&t).await;
        p.band().await;
        let mean = |metric: &str, value: f64| {
            json!({"metric_type": metric, "value": value, "start_time": p.ago(3600), "end_time": p.ago(-23 * 3600)})
        };
        let refused = p.lata.post(SYNC, p.sync_of(vec![mean("heart_rate", 70.0)])).await;
        refused.expect_about(422, "data_points[0].end_time");
        let datum = json!({"patient_id": p.patient(), "data_type": "heart_rate", "data_source": "ring",
            "data_snapshot": {"value": 72}, "recorded_at": p.ago(0), "start_time": p.ago(3600), "end_time": p.ago(-3600)});
        p.lata.post("/api/wearables/sync", datum).await.expect_about(422, "end_time");
        assert_eq!(p.sync(vec![mean("steps", 700.0)]).await["status"], "success", "the sum of today");
        let (from, to) = (p.now.timestamp_micros() - 3_600_000_000, p.now.timestamp_micros() + 80_000_000_000);
        let quality = signals::Quality::NONE;
        let old = signals::Point { metric: Metric::HeartRate, from, to, value: Some(70.0), version: 0, quality };
        stored_before(&t, &p, old).await;
        let synced = p.sync(vec![p.heart(10, 170.0)]).await;
        assert_eq!(synced["alerts"][0]["type"], "TACHYCARDIA");
        let latest = p.lata.get(&format!("/api/wearables/patients/{}/latest", p.patient())).await.expect(200);
        assert_eq!(latest["metrics"][0]["value"], 170.0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_band_whose_clock_is_ahead_does_not_silence_another() {
    both(|t| async move {
        let p = people(&t).await;
        p.band().await;
        p.device(json!({"device_id": "ring"})).await;
        for minute in 0..3 {
            assert_eq!(p.sync(vec![p.heart(-240 - minute, 72.0)]).await.get("alerts"), None);
        }
        let mut of_ring = p.sync_of(vec![p.heart(10, 170.0)]);
        of_ring["device_id"] = json!("ring");
        let synced = p.lata.post(SYNC, of_ring).await.expect(201);
        assert_eq!(synced["alerts"][0]["type"], "TACHYCARDIA");
    })
    .await;
}
