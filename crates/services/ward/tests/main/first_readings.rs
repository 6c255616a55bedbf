//! The very first readings of a patient, when nothing is stored that could be locked.
use futures::future::join_all;
use serde_json::json;
use testkit::{Ward, both};

use crate::{alerts, another, large_ward, overview, reading, readings, text};

#[tokio::test(flavor = "multi_thread")]
async fn two_devices_that_speak_first_at_once_both_count() {
    both(|t| async move {
        let first = large_ward(&t, 40).await;
        let (heart, cuff) = (t.monitor(&first.hospital).await, t.monitor(&first.hospital).await);
        let mut wards = Vec::new();
        for _ in 0..24 {
            wards.push(another(&first, json!({})).await);
        }
        let at = t.clock.now();
        let said = |by: &testkit::Client, w: &Ward, measured| {
            let (by, body) = (by.clone(), reading(w, measured));
            tokio::spawn(async move { by.post("/vitals", body).await.status.as_u16() })
        };
        let sent = join_all(wards.iter().flat_map(|w| {
            [
                said(&heart, w, json!({"hr_bpm": 140, "timestamp": at})),
                said(&cuff, w, json!({"bp_diastolic": 115, "timestamp": at})),
            ]
        }));
        let statuses: Vec<u16> = sent.await.into_iter().map(|status| status.expect("no panic")).collect();
        assert!(statuses.iter().all(|status| *status == 201), "{statuses:?}");
        for w in &wards {
            assert_eq!(readings(w).await.len(), 2);
            let latest = overview(w).await["latest_vitals"].clone();
            assert_eq!(
                (&latest["hr_bpm"], &latest["bp_diastolic"]),
                (&json!(140.0), &json!(115.0)),
                "a value was lost"
            );
            let mut rules: Vec<String> = alerts(w).await.iter().map(|a| text(&a["type"]).to_owned()).collect();
            rules.sort();
            assert_eq!(rules, ["HYPERTENSION", "TACHYCARDIA"]);
        }
        // What the rules remember of each is whole: normal values for five minutes close both.
        t.clock.advance(chrono::TimeDelta::minutes(1));
        for minutes in [0, 5] {
            t.clock.advance(chrono::TimeDelta::minutes(minutes));
            for w in &wards {
                w.nurse.post("/vitals", reading(w, json!({"hr_bpm": 80, "bp_diastolic": 80}))).await.expect(201);
            }
        }
        for w in &wards {
            let open: Vec<_> = alerts(w).await.into_iter().filter(|a| a["status"] == "open").collect();
            assert!(open.is_empty(), "{open:?}");
        }
    })
    .await;
}
