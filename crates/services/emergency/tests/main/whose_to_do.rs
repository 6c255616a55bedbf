//! Whose it is to answer an emergency: what patients and responders may say, and for whom.
use serde_json::{Value, json};
use testkit::both;

use crate::{at, id_of, is_flagged, people, raise};

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_calls_off_what_people_raised_and_says_no_more() {
    both(|t| async move {
        let p = people(&t).await;
        for end in ["/resolve", "/false-alarm"] {
            let own = raise(&p.patient, &p.here.patient).await;
            for step in ["/acknowledge", "/respond"] {
                p.patient.patch(&at(&own, step), json!({})).await.expect(403);
            }
            assert_eq!(p.here.nurse.get(&at(&own, "")).await.expect(200)["status"], "active");
            p.patient.patch(&at(&own, end), json!({})).await.expect(200);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_does_not_end_what_a_monitor_raised() {
    both(|t| async move {
        let p = people(&t).await;
        let w = &p.here;
        let reading = json!({"patient_id": w.patient["id"], "hr_bpm": 140});
        t.monitor(&w.hospital).await.post("/vitals", reading).await.expect(201);
        let list = format!("/api/emergency/patients/{}/alerts", w.patient_id());
        let raised = w.nurse.get(&list).await.expect(200)[0].clone();
        assert!(raised["ward_alert_id"].is_string(), "{raised}");
        for step in ["/acknowledge", "/respond", "/resolve", "/false-alarm"] {
            p.patient.patch(&at(&raised, step), json!({})).await.expect(403);
        }
        let door = format!("/api/patients/{}/emergency", w.patient_id());
        p.patient.delete(&door).await.expect(403);
        assert_eq!(w.nurse.get(&at(&raised, "")).await.expect(200), raised);
        assert!(is_flagged(&w.nurse, &w.patient).await);
        w.nurse.delete(&door).await.expect(200);
        assert!(!is_flagged(&w.nurse, &w.patient).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_staff_says_that_somebody_else_responds() {
    both(|t| async move {
        let p = people(&t).await;
        let doctor = id_of(&p.here.doctor).await;
        let named = json!({"responder_id": doctor});
        let (responder, patient): (Value, Value) = (id_of(&p.responder).await, id_of(&p.patient).await);
        let emergency = raise(&p.here.nurse, &p.here.patient).await;
        let seen = p.responder.patch(&at(&emergency, "/acknowledge"), named.clone()).await.expect(200);
        assert_eq!(seen["acknowledged_by"], responder);
        let going = p.here.nurse.patch(&at(&emergency, "/respond"), named.clone()).await.expect(200);
        assert_eq!(going["responder_id"], doctor);
        let over = p.patient.patch(&at(&emergency, "/resolve"), named).await.expect(200);
        assert_eq!(over["resolved_by"], patient);
    })
    .await;
}
