//! High and critical alerts are emergencies, and end with their alert.
use chrono::TimeDelta;
use serde_json::json;
use testkit::both;

use crate::{alerts, emergencies, is_flagged, send, send_after, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_high_alert_flags_the_patient_and_a_medium_one_does_not() {
    both(|t| async move {
        let w = t.ward().await;
        send(&w.nurse, &w, json!({"temp_c": 39.0})).await;
        assert_eq!(alerts(&w).await[0]["severity"], "medium");
        assert!(!is_flagged(&w).await && emergencies(&w).await.is_empty());
        t.clock.advance(TimeDelta::seconds(1));
        let raised = send(&w.nurse, &w, json!({"hr_bpm": 140})).await["alerts"][0].clone();
        assert!(is_flagged(&w).await);
        let found = emergencies(&w).await;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0]["ward_alert_id"], raised["id"]);
        assert_eq!((&found[0]["alert_type"], &found[0]["severity"]), (&json!("abnormal_vitals"), &json!("high")));
        assert_eq!((&found[0]["status"], &found[0]["description"]), (&json!("active"), &raised["message"]));
        assert_eq!(found[0]["hospital_id"], w.hospital["id"]);
        assert_eq!(found[0]["trigger_data"]["rule"], "TACHYCARDIA");
        // A repeat is the same emergency.
        t.clock.advance(TimeDelta::seconds(1));
        send(&w.nurse, &w, json!({"hr_bpm": 150})).await;
        assert_eq!(emergencies(&w).await, found);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_critical_alert_is_a_critical_emergency() {
    both(|t| async move {
        let w = t.ward().await;
        send(&w.nurse, &w, json!({"temp_c": 38.6, "hr_bpm": 101, "resp_rate": 21})).await;
        let found = emergencies(&w).await;
        assert_eq!(found.len(), 1);
        assert_eq!(
            (&found[0]["severity"], &found[0]["trigger_data"]["rule"]),
            (&json!("critical"), &json!("SEPSIS_RISK"))
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_that_closes_itself_ends_its_emergency_and_the_flag() {
    both(|t| async move {
        let w = t.ward().await;
        let start = t.clock.now();
        send_after(&t, &w, start, 0, json!({"hr_bpm": 140, "bp_diastolic": 115})).await;
        assert_eq!(emergencies(&w).await.len(), 2);
        for seconds in [60, 360] {
            send_after(&t, &w, start, seconds, json!({"hr_bpm": 80})).await;
        }
        // One of the two is over; the flag stays for the other.
        let found = emergencies(&w).await;
        let status = |rule: &str| {
            let of_rule = found.iter().find(|e| e["trigger_data"]["rule"] == rule).expect("an emergency");
            text(&of_rule["status"]).to_owned()
        };
        assert_eq!((status("TACHYCARDIA").as_str(), status("HYPERTENSION").as_str()), ("resolved", "active"));
        assert!(is_flagged(&w).await);
        for seconds in [400, 700] {
            send_after(&t, &w, start, seconds, json!({"bp_diastolic": 80})).await;
        }
        assert!(emergencies(&w).await.iter().all(|e| e["status"] == "resolved"));
        assert!(emergencies(&w).await.iter().all(|e| e["resolution_notes"].is_string()));
        assert!(!is_flagged(&w).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_resolved_by_hand_ends_its_emergency_too() {
    both(|t| async move {
        let w = t.ward().await;
        let raised = send(&w.nurse, &w, json!({"hr_bpm": 140})).await["alerts"][0].clone();
        let path = format!("/alerts/{}/resolve", text(&raised["id"]));
        let ended = w.nurse.patch(&path, json!({"notes": "probe was loose"})).await.expect(200)["data"].clone();
        let found = emergencies(&w).await;
        assert_eq!(
            (&found[0]["status"], &found[0]["resolution_notes"]),
            (&json!("resolved"), &json!("probe was loose"))
        );
        assert_eq!(found[0]["resolved_by"], ended["resolved_by"]);
        assert!(!is_flagged(&w).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_ended_by_hand_leaves_the_alert_and_its_ending_alone() {
    both(|t| async move {
        let w = t.ward().await;
        let start = t.clock.now();
        send_after(&t, &w, start, 0, json!({"hr_bpm": 140})).await;
        let path = format!("/api/emergency/alerts/{}/false-alarm", text(&emergencies(&w).await[0]["id"]));
        w.doctor.patch(&path, json!({})).await.expect(200);
        assert!(!is_flagged(&w).await);
        assert_eq!(alerts(&w).await[0]["status"], "open");
        for seconds in [60, 360] {
            send_after(&t, &w, start, seconds, json!({"hr_bpm": 80})).await;
        }
        assert_eq!(alerts(&w).await[0]["status"], "closed");
        assert_eq!(emergencies(&w).await[0]["status"], "false_alarm");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_score_that_worsens_calls_again_and_ends_as_one() {
    both(|t| async move {
        let w = t.ward().await;
        let start = t.clock.now();
        let urgent = json!({"resp_rate": 21, "spo2_pct": 95, "hr_bpm": 95, "bp_systolic": 110, "temp_c": 36.8});
        send_after(&t, &w, start, 0, urgent.clone()).await;
        send_after(&t, &w, start, 60, crate::with(urgent, json!({"on_oxygen": true}))).await;
        let severities: Vec<_> = emergencies(&w).await.iter().map(|e| e["severity"].clone()).collect();
        assert_eq!(severities, [json!("critical"), json!("high")]);
        let alert = alerts(&w).await[0].clone();
        w.nurse.patch(&format!("/alerts/{}/resolve", text(&alert["id"])), json!({})).await.expect(200);
        assert!(emergencies(&w).await.iter().all(|e| e["status"] == "resolved"));
        assert!(!is_flagged(&w).await);
    })
    .await;
}
