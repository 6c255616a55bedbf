//! One open alert a patient and rule, however often the value is abnormal.
use chrono::TimeDelta;
use serde_json::json;
use testkit::both;

use crate::{alerts, alerts_of, another, overview, reading, send, send_after, text};

#[tokio::test(flavor = "multi_thread")]
async fn repeated_abnormal_readings_are_counted_in_one_alert() {
    both(|t| async move {
        let w = t.ward().await;
        let start = t.clock.now();
        let opened = send_after(&t, &w, start, 0, json!({"hr_bpm": 140})).await["alerts"][0].clone();
        for (seconds, rate) in [(10, 150), (20, 135), (30, 141)] {
            let recorded = send_after(&t, &w, start, seconds, json!({"hr_bpm": rate})).await;
            assert_eq!(recorded["alerts"], json!([]), "a repeat is no new alert");
        }
        let found = alerts(&w).await;
        assert_eq!(found.len(), 1);
        assert_eq!((&found[0]["id"], &found[0]["repeats"]), (&opened["id"], &json!(3)));
        assert_eq!(found[0]["timestamp"], json!(start));
        assert_eq!(found[0]["last_seen_at"], json!(start + TimeDelta::seconds(30)));
        assert_eq!(overview(&w).await["alerts_count"], 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_rule_and_each_patient_has_an_alert_of_its_own() {
    both(|t| async move {
        let (w, other) = {
            let w = t.ward().await;
            let other = another(&w, json!({})).await;
            (w, other)
        };
        send(&w.nurse, &w, json!({"hr_bpm": 140, "bp_diastolic": 115})).await;
        send(&w.nurse, &other, json!({"hr_bpm": 140})).await;
        assert_eq!(crate::alerted(&w).await, ["HYPERTENSION", "TACHYCARDIA"]);
        assert_eq!(crate::alerted(&other).await, ["TACHYCARDIA"]);
        assert_ne!(alerts_of(&w, "TACHYCARDIA").await[0]["id"], alerts_of(&other, "TACHYCARDIA").await[0]["id"]);
        assert_eq!(overview(&w).await["alerts_count"], 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_are_listed_by_status_and_in_pages() {
    both(|t| async move {
        let w = t.ward().await;
        let mut ids = Vec::new();
        for measured in
            [json!({"hr_bpm": 49}), json!({"bp_diastolic": 115}), json!({"temp_c": 38.6}), json!({"bp_diastolic": 116})]
        {
            t.clock.advance(TimeDelta::minutes(1));
            ids.push(send(&w.nurse, &w, measured).await["alerts"][0]["id"].clone());
            if ids.len() == 2 {
                w.nurse.patch(&format!("/alerts/{}/resolve", text(&ids[1])), json!({})).await.expect(200);
            }
        }
        let path = format!("/encounters/{}/alerts", w.encounter_id());
        let listed = |answer: &serde_json::Value| -> Vec<serde_json::Value> {
            answer["data"]["alerts"].as_array().expect("a list").iter().map(|a| a["id"].clone()).collect()
        };
        let newest_first: Vec<_> = ids.iter().rev().cloned().collect();
        assert_eq!(listed(&w.nurse.get(&path).await.expect(200)), newest_first);
        let open = w.nurse.get(&format!("{path}?status=open")).await.expect(200);
        assert_eq!(listed(&open), [ids[3].clone(), ids[2].clone(), ids[0].clone()]);
        let resolved = w.nurse.get(&format!("{path}?status=resolved")).await.expect(200);
        assert_eq!(listed(&resolved), [ids[1].clone()]);
        let page = w.nurse.get(&format!("{path}?limit=3")).await.expect(200);
        assert_eq!(listed(&page), newest_first[..3]);
        let rest = w.nurse.get(&format!("{path}?limit=3&cursor={}", text(&newest_first[2]))).await.expect(200);
        assert_eq!(listed(&rest), newest_first[3..]);
        for wrong in ["status=asleep", "limit=0", "limit=1001", "cursor=next"] {
            let member = wrong.split('=').next().expect("a member");
            w.nurse.get(&format!("{path}?{wrong}")).await.expect_about(422, member);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_reading_does_not_undo_what_is_newer() {
    both(|t| async move {
        let w = t.ward().await;
        let start = t.clock.now() - TimeDelta::hours(1);
        send_after(&t, &w, start, 600, json!({"hr_bpm": 140})).await;
        // Normal values from before the alert say nothing about now, however many there are.
        for seconds in [0, 300, 599] {
            send_after(&t, &w, start, seconds, json!({"hr_bpm": 80})).await;
        }
        assert_eq!(alerts(&w).await[0]["status"], "open");
        assert_eq!(overview(&w).await["latest_vitals"]["hr_bpm"], 140.0);
        // A late abnormal value, when the newest is normal, is history.
        let calm = another(&w, json!({})).await;
        send(&w.nurse, &calm, json!({"hr_bpm": 80})).await;
        let late = reading(&calm, json!({"hr_bpm": 150, "timestamp": start}));
        assert_eq!(w.nurse.post("/vitals", late).await.expect(201)["data"]["alerts"], json!([]));
        assert!(alerts(&calm).await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_monitor_whose_clock_is_ahead_does_not_silence_the_others() {
    both(|t| async move {
        let w = t.ward().await;
        let monitor = t.monitor(&w.hospital).await;
        let ahead = t.clock.now() + TimeDelta::minutes(4);
        send(&monitor, &w, json!({"hr_bpm": 80, "timestamp": ahead})).await;
        t.clock.advance(TimeDelta::seconds(10));
        let recorded = send(&w.nurse, &w, json!({"hr_bpm": 150})).await;
        assert_eq!(recorded["alerts"][0]["type"], "TACHYCARDIA");
    })
    .await;
}
