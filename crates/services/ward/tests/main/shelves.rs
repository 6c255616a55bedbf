//! Readings of long ago lie on shelves, and nobody can tell.
use chrono::TimeDelta;
use serde_json::{Value, json};
use testkit::{TestApp, Ward, both};

use crate::{reading, send, text};

async fn history(w: &Ward, query: &str) -> Vec<Value> {
    let answer = w.nurse.get(&format!("/patients/{}/vitals?{query}", w.patient_id())).await.expect(200);
    answer["data"]["readings"].as_array().expect("a list").clone()
}

async fn shelve(t: &TestApp) {
    ward::shelve_all(&t.app).await.expect("shelved");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_is_the_same_before_and_after_it_was_put_on_shelves() {
    both(|t| async move {
        let w = t.ward().await;
        let monitor = t.monitor(&w.hospital).await;
        // Half of them are a week old, and some of those are of the hour in which that ends.
        let middle = t.clock.now() - signals::SHELVED_AFTER;
        for minute in (-90..=90).step_by(10) {
            let at = middle + TimeDelta::minutes(minute);
            send(&w.nurse, &w, json!({"hr_bpm": 60 + (minute + 90) % 40, "on_oxygen": true, "timestamp": at})).await;
            let more = json!({"spo2_pct": 97, "consciousness": "alert", "device_flags": ["motion"], "timestamp": at});
            send(&monitor, &w, more).await;
        }
        let before = history(&w, "limit=1000").await;
        assert_eq!(before.len(), 38);
        let overview = w.nurse.get(&format!("/encounters/{}/overview", w.encounter_id())).await.expect(200);
        for _ in 0..2 {
            shelve(&t).await;
            assert_eq!(history(&w, "limit=1000").await, before);
        }
        for limit in [1, 4, 37] {
            assert_eq!(history(&w, &format!("limit={limit}")).await, before[..limit]);
        }
        let from = text(&before[10]["timestamp"]).replace('+', "%2B");
        assert_eq!(before[10]["timestamp"], before[11]["timestamp"]);
        assert_eq!(history(&w, &format!("limit=1000&from={from}")).await, before[10..]);
        let shown = w.nurse.get(&format!("/encounters/{}/overview", w.encounter_id())).await.expect(200);
        assert_eq!(shown["data"]["recent_vitals"], overview["data"]["recent_vitals"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reading_that_comes_again_is_met_on_its_shelf() {
    both(|t| async move {
        let w = t.ward().await;
        let at = t.clock.now() - signals::SHELVED_AFTER - TimeDelta::hours(2);
        let first = send(&w.nurse, &w, json!({"hr_bpm": 61, "timestamp": at})).await;
        shelve(&t).await;
        let again = w.nurse.post("/vitals", reading(&w, json!({"hr_bpm": 61, "timestamp": at}))).await.expect(200);
        assert_eq!((&again["data"]["id"], &again["data"]["duplicate"]), (&first["id"], &json!(true)));
        w.nurse.post("/vitals", reading(&w, json!({"spo2_pct": 96, "timestamp": at}))).await.expect(201);
        send(&w.nurse, &w, json!({"hr_bpm": 99, "timestamp": at + TimeDelta::seconds(1)})).await;
        for _ in 0..2 {
            let found = history(&w, "").await;
            assert_eq!(found.len(), 2, "{found:?}");
            assert_eq!((&found[0]["hr_bpm"], &found[0]["spo2_pct"]), (&json!(61.0), &json!(96.0)));
            assert_eq!(found[1]["hr_bpm"], json!(99.0));
            shelve(&t).await;
        }
    })
    .await;
}
