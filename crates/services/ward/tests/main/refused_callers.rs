//! Callers who may not send a reading: refused, and nothing changes.
use chrono::TimeDelta;
use serde_json::{Value, json};
use testkit::{Client, Engine, TestApp, both};

use crate::{alerts, reading, readings, send, text};

/// A token with one character of one part changed.
fn forged(token: &str, part: usize) -> String {
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    let middle = parts[part].len() / 2;
    let other = if parts[part].as_bytes()[middle] == b'A' { "B" } else { "A" };
    parts[part].replace_range(middle..=middle, other);
    parts.join(".")
}

fn token(client: &Client) -> &str {
    client.token.as_deref().expect("a token")
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_token_of_this_server_that_still_lives_counts() {
    both(|t| async move {
        let w = t.ward().await;
        let elsewhere = TestApp::start(Engine::Sqlite).await.expect("another server");
        let foreign = elsewhere.ward().await.nurse;
        let left = t.nurse(&w.hospital).await;
        left.post("/vitals", reading(&w, json!({"hr_bpm": 70}))).await.expect(201);
        left.post("/auth/logout", json!({})).await.expect(200);
        let stored = readings(&w).await;
        let body = reading(&w, json!({"hr_bpm": 140}));
        let good = token(&w.nurse).to_owned();
        let mut refused = vec![
            ("no token", t.client()),
            ("an empty token", t.client().with_token("")),
            ("another server's token", t.client().with_token(token(&foreign))),
            ("a session that was logged out", left),
            ("no token at all", t.client().with_token("not a token")),
            ("a token as a device key", t.client().with_token(&format!("nadi_dk_{good}"))),
            ("a basic credential", t.client().with_header("authorization", "Basic YWRtaW46YWRtaW4=")),
        ];
        refused.extend((0..3).map(|part| ("a forged token", t.client().with_token(&forged(&good, part)))));
        for (what, caller) in refused {
            let answer = caller.post("/vitals", body.clone()).await;
            assert_eq!(answer.status.as_u16(), 401, "{what}: {}", answer.text);
            assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{what}");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{what}");
        }
        assert_eq!(readings(&w).await, stored);
        t.clock.advance(TimeDelta::minutes(31));
        w.nurse.post("/vitals", body).await.expect(401);
        w.nurse.get(&format!("/patients/{}/vitals", w.patient_id())).await.expect(401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_device_key_of_the_hospital_that_still_lives_counts() {
    both(|t| async move {
        let w = t.ward().await;
        let other_hospital = t.hospital("Lake Hospital", 4).await;
        let foreign = t.monitor(&other_hospital).await;
        let ask = json!({"label": "Monitor, bed 3", "hospital_id": w.hospital["id"]});
        let made = t.admin().await.post("/api/v1/device-keys", ask).await.expect(201);
        let key = text(&made["key"]);
        let monitor = t.client().with_token(key);
        send(&monitor, &w, json!({"hr_bpm": 70})).await;
        let stored = readings(&w).await;
        assert_eq!(stored[0]["source"], made["id"]);
        t.clock.advance(TimeDelta::seconds(1));
        let body = reading(&w, json!({"hr_bpm": 140}));
        foreign.post("/vitals", body.clone()).await.expect(404);
        let end = key.len() - 1;
        let other_end = if key.ends_with('A') { 'B' } else { 'A' };
        for wrong in
            [format!("{}{other_end}", &key[..end]), key[..end].to_owned(), format!("{key}A"), key[..20].to_owned()]
        {
            t.client().with_token(&wrong).post("/vitals", body.clone()).await.expect(401);
        }
        // A device writes readings and does nothing else.
        monitor.get(&format!("/api/patients/{}", w.patient_id())).await.expect(403);
        monitor.post("/api/emergency/stream/ticket", json!({})).await.expect(403);
        let revoke = format!("/api/v1/device-keys/{}?hospital_id={}", text(&made["id"]), text(&w.hospital["id"]));
        t.admin().await.delete(&revoke).await.expect(204);
        monitor.post("/vitals", body).await.expect(401);
        assert_eq!(readings(&w).await, stored);
        assert!(alerts(&w).await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_does_not_measure_is_refused() {
    both(|t| async move {
        let w = t.ward().await;
        let body = reading(&w, json!({"hr_bpm": 140}));
        t.admin().await.post("/vitals", body.clone()).await.expect(403);
        t.responder(&w.hospital).await.post("/vitals", body.clone()).await.expect(404);
        let (_, doctor) = t.doctor("Dr. Other").await;
        doctor.post("/vitals", body.clone()).await.expect(404);
        let nurse = t.nurse(&t.hospital("Lake Hospital", 4).await).await;
        nurse.post("/vitals", body.clone()).await.expect(404);
        assert_eq!(readings(&w).await, [Value::Null; 0]);
        // A responder at an emergency reads, and still does not measure.
        send(&w.nurse, &w, body).await;
        t.clock.advance(TimeDelta::seconds(1));
        let late = reading(&w, json!({"hr_bpm": 80}));
        t.responder(&w.hospital).await.post("/vitals", late).await.expect(403);
        assert_eq!(readings(&w).await.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_of_one_patient_speaks_for_that_patient_alone() {
    both(|t| async move {
        let w = t.ward().await;
        let other = crate::another(&w, json!({})).await;
        let lata = t.account("patient", Some(&w.patient["id"])).await;
        let ask = json!({"label": "Watch", "patient_id": w.patient["id"]});
        let made = lata.post("/api/v1/device-keys", ask).await.expect(201);
        let watch = t.client().with_token(text(&made["key"]));
        send(&watch, &w, json!({"hr_bpm": 70})).await;
        watch.post("/vitals", reading(&other, json!({"hr_bpm": 70}))).await.expect(404);
        assert_eq!((readings(&w).await.len(), readings(&other).await.len()), (1, 0));
    })
    .await;
}
