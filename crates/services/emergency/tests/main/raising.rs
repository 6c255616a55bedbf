//! Raising an emergency: what is kept, and what is refused.
use serde_json::{Value, json};
use testkit::both;

use crate::{another, at, call, id_of, is_flagged, raise, text, with};

#[tokio::test(flavor = "multi_thread")]
async fn a_raised_emergency_is_kept_and_flags_the_patient() {
    both(|t| async move {
        let w = t.ward().await;
        assert!(!is_flagged(&w.nurse, &w.patient).await);
        let said = with(call(&w.patient), json!({
            "alert_id": "WATCH-17", "hospital_id": w.hospital["id"], "severity": "critical", "triggered_by": "wearable",
            "trigger_data": {"g_force": 3.2}, "location": {"lat": 18.52, "lon": 73.86},
        }));
        let raised = w.nurse.post("/api/emergency/alerts", said.clone()).await.expect(201);
        assert_eq!(with(raised.clone(), said), raised);
        assert_eq!((&raised["status"], &raised["patient_name"]), (&json!("active"), &json!("Lata Joshi")));
        assert_eq!(raised["created_at"], json!(t.clock.now()));
        for unset in ["acknowledged_at", "responder_id", "resolved_at", "resolution_notes", "ward_alert_id"] {
            assert_eq!(raised[unset], Value::Null, "{unset}");
        }
        assert!(is_flagged(&w.nurse, &w.patient).await);
        assert_eq!(w.nurse.get(&at(&raised, "")).await.expect(200), raised);
        assert_eq!(w.nurse.get("/api/emergency/alerts/WATCH-17").await.expect(200), raised);
        // The caller's reference is kept once; without one ours is used.
        let again = with(call(&w.patient), json!({"alert_id": "WATCH-17"}));
        w.nurse.post("/api/emergency/alerts", again).await.expect_about(409, "alert_id");
        let plain = raise(&w.nurse, &w.patient).await;
        assert_eq!(plain["alert_id"], plain["id"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_calls_for_themselves_and_a_responder_for_nobody() {
    both(|t| async move {
        let w = t.ward().await;
        let lata = t.account("patient", Some(&w.patient["id"])).await;
        let responder = t.responder(&w.hospital).await;
        responder.post("/api/emergency/alerts", call(&w.patient)).await.expect(403);
        assert_eq!(raise(&lata, &w.patient).await["status"], "active");
        // Another emergency would keep the chart open to the responder after this one is over.
        responder.post("/api/emergency/alerts", call(&w.patient)).await.expect(403);
        let door = format!("/api/patients/{}/emergency", w.patient_id());
        responder.post(&door, json!({"emergency_type": "other"})).await.expect(403);
        // One patient does not call for another.
        let other = another(&w, "Ravi Rao").await;
        lata.post("/api/emergency/alerts", call(&other)).await.expect(404);
        assert!(!is_flagged(&w.nurse, &other).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_makes_no_sense_is_refused_by_name() {
    both(|t| async move {
        let w = t.ward().await;
        for (member, value) in [
            ("alert_type", json!("boredom")),
            ("severity", json!("awful")),
            ("severity", Value::Null),
            ("description", json!("")),
            ("description", json!("  ")),
            ("description", json!("x".repeat(2001))),
            ("triggered_by", json!("")),
            ("triggered_by", json!(7)),
            ("patient_id", json!("")),
            ("alert_id", json!("")),
            ("alert_id", json!("x".repeat(101))),
            // What looks like our id could stand for another emergency.
            ("alert_id", json!("0191d3a0-0000-7000-8000-000000000000")),
            ("alert_id", json!("0191D3A0000070008000000000000000")),
            ("trigger_data", json!({"samples": "x".repeat(4096)})),
            ("location", json!("x".repeat(4096))),
            ("hospital_id", json!("City Hospital")),
        ] {
            let body = with(call(&w.patient), json!({member: value}));
            w.nurse.post("/api/emergency/alerts", body).await.expect_about(422, member);
        }
        for missing in ["patient_id", "alert_type", "severity", "description", "triggered_by"] {
            let mut body = call(&w.patient);
            body.as_object_mut().expect("an object").remove(missing);
            w.nurse.post("/api/emergency/alerts", body).await.expect(422);
        }
        let nobody = with(call(&w.patient), json!({"patient_id": "0191d3a0-0000-7000-8000-000000000000"}));
        w.nurse.post("/api/emergency/alerts", nobody).await.expect(404);
        w.nurse.post_text("/api/emergency/alerts", "application/json", "{").await.expect(400);
        w.nurse.post_text("/api/emergency/alerts", "text/plain", "help").await.expect(415);
        t.client().post("/api/emergency/alerts", call(&w.patient)).await.expect(401);
        assert!(!is_flagged(&w.nurse, &w.patient).await);
        let path = format!("/api/emergency/patients/{}/alerts?active_only=false", w.patient_id());
        assert_eq!(w.nurse.get(&path).await.expect(200), json!([]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_patients_door_and_ours_lead_to_one_store() {
    both(|t| async move {
        let w = t.ward().await;
        let door = format!("/api/patients/{}/emergency", w.patient_id());
        let said = json!({"emergency_type": "seizure", "emergency_notes": "in the corridor"});
        w.nurse.post(&door, said).await.expect(201);
        let path = format!("/api/emergency/patients/{}/alerts", w.patient_id());
        let listed = w.nurse.get(&path).await.expect(200);
        assert_eq!(
            (&listed[0]["alert_type"], &listed[0]["description"]),
            (&json!("seizure"), &json!("in the corridor"))
        );
        raise(&w.nurse, &w.patient).await;
        // Clearing the flag by hand ends every open one.
        w.nurse.delete(&door).await.expect(200);
        assert!(!is_flagged(&w.nurse, &w.patient).await);
        assert_eq!(w.nurse.get(&path).await.expect(200), json!([]));
        let all = w.nurse.get(&format!("{path}?active_only=false")).await.expect(200);
        let nurse = id_of(&w.nurse).await;
        for ended in all.as_array().expect("a list") {
            assert_eq!((text(&ended["status"]), &ended["resolved_by"]), ("resolved", &nurse));
        }
        assert_eq!(all.as_array().map(Vec::len), Some(2));
    })
    .await;
}
