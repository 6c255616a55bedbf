//! Staff end an alert by hand.
use chrono::TimeDelta;
use futures::future::join_all;
use serde_json::{Value, json};
use testkit::{Client, TestApp, Ward, both};

use crate::{alerts, another, is_flagged, overview, reading, send, text};

async fn resolve(by: &Client, alert: &Value, body: Value) -> testkit::Answer {
    by.patch(&format!("/alerts/{}/resolve", text(&alert["id"])), body).await
}

/// An open alert of the ward's patient.
async fn alarmed(t: &TestApp, w: &Ward) -> Value {
    t.clock.advance(TimeDelta::seconds(1));
    send(&w.nurse, w, json!({"hr_bpm": 140})).await["alerts"][0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_treating_nurse_and_doctor_resolve_once() {
    both(|t| async move {
        let first = t.ward().await;
        let second = another(&first, json!({})).await;
        for (by, w) in [(&first.nurse, &first), (&first.doctor, &second)] {
            let alert = alarmed(&t, w).await;
            let me = by.get("/auth/me").await.expect(200);
            let me = me["data"]["id"].as_str().or(me["id"].as_str()).expect("an id").to_owned();
            t.clock.advance(TimeDelta::minutes(1));
            let ended =
                resolve(by, &alert, json!({"notes": "walked to the bathroom"})).await.expect(200)["data"].clone();
            assert_eq!((&ended["id"], &ended["status"]), (&alert["id"], &json!("resolved")));
            assert_eq!((&ended["resolved_by"], &ended["resolved_at"]), (&json!(me), &json!(t.clock.now())));
            assert_eq!(ended["resolution_notes"], "walked to the bathroom");
            assert_eq!(alerts(w).await, std::slice::from_ref(&ended));
            assert_eq!(overview(w).await["alerts_count"], 0);
            resolve(by, &alert, json!({"notes": "again"})).await.expect_about(409, "status");
            resolve(&first.nurse, &alert, json!({})).await.expect_about(409, "status");
            assert_eq!(alerts(w).await, [ended]);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resolution_needs_no_words_and_no_body() {
    both(|t| async move {
        let w = t.ward().await;
        let alert = alarmed(&t, &w).await;
        resolve(&w.nurse, &alert, json!({"notes": "x".repeat(2001)})).await.expect_about(422, "notes");
        let path = format!("/alerts/{}/resolve", text(&alert["id"]));
        let request = w.nurse.request(reqwest::Method::PATCH, &path);
        assert_eq!(request.send().await.expect("an answer").status().as_u16(), 200);
        assert_eq!(alerts(&w).await[0]["resolution_notes"], Value::Null);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_resolves() {
    both(|t| async move {
        let w = t.ward().await;
        let alert = alarmed(&t, &w).await;
        let (_, other_doctor) = t.doctor("Dr. Other").await;
        let other_hospital = t.hospital("Lake Hospital", 4).await;
        let other_nurse = t.nurse(&other_hospital).await;
        let patient = t.account("patient", Some(&w.patient["id"])).await;
        let other = another(&w, json!({})).await;
        let other_patient = t.account("patient", Some(&other.patient["id"])).await;
        let (monitor, foreign) = (t.monitor(&w.hospital).await, t.monitor(&other_hospital).await);
        for (who, caller, status) in [
            ("nobody", t.client(), 401),
            ("another doctor", other_doctor, 404),
            ("another hospital's nurse", other_nurse, 404),
            ("the patient", patient.clone(), 403),
            ("another patient", other_patient, 404),
            ("the monitor", monitor, 403),
            ("another hospital's monitor", foreign, 404),
            ("the administrator", t.admin().await, 403),
        ] {
            let answer = resolve(&caller, &alert, json!({"notes": "quiet!"})).await;
            assert_eq!(answer.status.as_u16(), status, "{who}: {}", answer.text);
            assert!(
                !answer.text.contains("patient not found"),
                "{who} learns that the alert has a patient: {}",
                answer.text
            );
        }
        w.nurse.patch("/alerts/0191d3a0-0000-7000-8000-000000000000/resolve", json!({})).await.expect(404);
        w.nurse.patch("/alerts/nonsense/resolve", json!({})).await.expect(404);
        assert_eq!(alerts(&w).await[0]["status"], "open");
        // To look at the own alerts is the patient's right.
        let own = patient.get(&format!("/encounters/{}/alerts", w.encounter_id())).await.expect(200);
        assert_eq!(own["data"]["alerts"][0]["id"], alert["id"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_abnormal_reading_opens_a_new_alert() {
    both(|t| async move {
        let w = t.ward().await;
        let start = t.clock.now() + TimeDelta::seconds(1);
        let first = alarmed(&t, &w).await;
        resolve(&w.nurse, &first, json!({})).await.expect(200);
        // The reading that opened it, sent again, is not the next one.
        let same = reading(&w, json!({"hr_bpm": 140, "timestamp": start}));
        w.nurse.post("/vitals", same).await.expect(200);
        assert_eq!(alerts(&w).await.len(), 1);
        t.clock.advance(TimeDelta::seconds(30));
        let second = alarmed(&t, &w).await;
        assert_ne!(second["id"], first["id"]);
        let found = alerts(&w).await;
        assert_eq!(found.len(), 2);
        assert_eq!(
            (&found[0]["id"], &found[0]["status"], &found[0]["repeats"]),
            (&second["id"], &json!("open"), &json!(0))
        );
        assert_eq!((&found[1]["id"], &found[1]["status"]), (&first["id"], &json!("resolved")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_resolve_at_once_one_does() {
    both(|t| async move {
        let w = t.ward().await;
        for _ in 0..5 {
            let alert = alarmed(&t, &w).await;
            let sent = join_all([&w.nurse, &w.doctor, &w.nurse, &w.doctor].map(|by| resolve(by, &alert, json!({}))));
            let mut statuses: Vec<u16> = sent.await.iter().map(|answer| answer.status.as_u16()).collect();
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 409, 409, 409]);
        }
        assert!(!is_flagged(&w).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_and_its_emergency_may_be_ended_at_the_same_moment() {
    both(|t| async move {
        let w = t.ward().await;
        for _ in 0..20 {
            let alert = alarmed(&t, &w).await;
            let emergency = crate::emergencies(&w).await[0].clone();
            let path = format!("/api/emergency/alerts/{}/resolve", text(&emergency["id"]));
            let (by_hand, by_ward) =
                tokio::join!(async { w.doctor.patch(&path, json!({})).await.status.as_u16() }, async {
                    resolve(&w.nurse, &alert, json!({})).await.status.as_u16()
                });
            assert_eq!(by_ward, 200);
            assert!([200, 409].contains(&by_hand), "{by_hand}");
            assert_eq!(crate::emergencies(&w).await[0]["status"], "resolved");
            assert!(!is_flagged(&w).await);
        }
    })
    .await;
}
