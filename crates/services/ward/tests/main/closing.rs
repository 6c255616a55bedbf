//! Alerts close themselves, on evidence alone.
use chrono::TimeDelta;
use serde_json::{Value, json};
use testkit::both;

use crate::{alerts, alerts_of, overview, send_after};

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_closes_itself_after_five_minutes_of_normal_values() {
    both(|t| async move {
        let w = t.ward().await;
        let start = t.clock.now();
        send_after(&t, &w, start, 0, json!({"hr_bpm": 140})).await;
        // Normal from the first minute on; five minutes later is the sixth.
        for seconds in [60, 200, 359] {
            send_after(&t, &w, start, seconds, json!({"hr_bpm": 90})).await;
            assert_eq!(alerts(&w).await[0]["status"], "open", "after {seconds} s");
        }
        send_after(&t, &w, start, 360, json!({"hr_bpm": 90})).await;
        let closed = alerts(&w).await;
        assert_eq!(closed.len(), 1);
        assert_eq!((&closed[0]["status"], &closed[0]["resolved_by"]), (&json!("closed"), &Value::Null));
        assert_eq!(closed[0]["resolved_at"], json!(start + TimeDelta::seconds(360)));
        assert!(closed[0]["resolution_notes"].as_str().is_some_and(|why| why.contains("normal")), "{}", closed[0]);
        assert_eq!(overview(&w).await["alerts_count"], 0);
        // The next abnormal value is another alert.
        send_after(&t, &w, start, 400, json!({"hr_bpm": 140})).await;
        let again = alerts(&w).await;
        assert_eq!(again.len(), 2);
        assert_eq!((&again[0]["status"], &again[1]["status"]), (&json!("open"), &json!("closed")));
        assert_eq!(again[1]["id"], closed[0]["id"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_closes_nothing() {
    both(|t| async move {
        let w = t.ward().await;
        let start = t.clock.now();
        send_after(&t, &w, start, 0, json!({"hr_bpm": 140})).await;
        t.clock.advance(TimeDelta::minutes(20));
        assert_eq!(alerts(&w).await[0]["status"], "open");
        // The first normal value after the silence begins the wait; other vitals have no say.
        send_after(&t, &w, start, 1201, json!({"hr_bpm": 80})).await;
        send_after(&t, &w, start, 1320, json!({"spo2_pct": 98})).await;
        send_after(&t, &w, start, 1500, json!({"spo2_pct": 98})).await;
        assert_eq!(alerts(&w).await[0]["status"], "open");
        send_after(&t, &w, start, 1501, json!({"hr_bpm": 80})).await;
        assert_eq!(alerts(&w).await[0]["status"], "closed");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_hovers_at_the_limit_makes_one_alert() {
    both(|t| async move {
        let w = t.ward().await;
        let start = t.clock.now();
        for round in 0..12 {
            let rate = if round % 2 == 0 { 131 } else { 129 };
            send_after(&t, &w, start, round * 60, json!({"hr_bpm": rate})).await;
        }
        let found = alerts_of(&w, "TACHYCARDIA").await;
        assert_eq!(found.len(), 1);
        assert_eq!((&found[0]["status"], &found[0]["repeats"]), (&json!("open"), &json!(5)));
        // An abnormal value in between starts the five minutes anew.
        for (seconds, rate) in [(720, 100), (900, 140), (960, 100), (1240, 100)] {
            send_after(&t, &w, start, seconds, json!({"hr_bpm": rate})).await;
        }
        assert_eq!(alerts(&w).await[0]["status"], "open");
        send_after(&t, &w, start, 1260, json!({"hr_bpm": 100})).await;
        assert_eq!(alerts(&w).await[0]["status"], "closed");
    })
    .await;
}
