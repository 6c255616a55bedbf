//! Two processes over one PostgreSQL: one truth, whichever of them is asked.
use futures::future::join_all;
use serde_json::{Value, json};
use testkit::{Client, Engine, on};

use crate::program::{Running, nadi, served};
use crate::{readings, text, until};

#[tokio::test(flavor = "multi_thread")]
async fn readings_that_come_in_through_both_at_once_all_count() {
    on(Engine::Postgres, |t| async move {
        let other = second(&t);
        let hospital = t.hospital("Large Hospital", 40).await;
        let nurse = t.nurse(&hospital).await;
        let (doctor, _) = t.doctor("Dr. Meera Iyer").await;
        let (heart, cuff) = (t.monitor(&hospital).await, t.monitor(&hospital).await);
        let cuff = Client::new(&other.base).with_token(cuff.token.as_deref().expect("a key"));
        let mut encounters: Vec<Value> = Vec::new();
        for n in 0..24 {
            let patient = t.patient(&nurse, &format!("Patient {n}")).await;
            let body = json!({"patient_id": patient["id"], "doctor_id": doctor["id"]});
            encounters.push(nurse.post("/encounters", body).await.expect(201)["data"].clone());
        }
        let at = t.clock.now();
        let said = |by: &Client, encounter: &Value, member: &str, value: i64| {
            let body = json!({"patient_id": encounter["patient"]["id"], member: value, "timestamp": at});
            let by = by.clone();
            tokio::spawn(async move { by.post("/vitals", body).await.expect(201) })
        };
        // The first readings of each patient, when there is no row yet that could be locked.
        let sent =
            encounters.iter().flat_map(|e| [said(&heart, e, "hr_bpm", 140), said(&cuff, e, "bp_diastolic", 115)]);
        for answer in join_all(sent.collect::<Vec<_>>()).await {
            answer.expect("every reading is taken");
        }
        for encounter in &encounters {
            assert_eq!(readings(&nurse, text(&encounter["patient"]["id"])).await.len(), 2);
            let path = format!("/encounters/{}", text(&encounter["id"]));
            let latest = nurse.get(&format!("{path}/overview")).await.expect(200)["data"]["latest_vitals"].clone();
            let both = (&latest["hr_bpm"], &latest["bp_diastolic"]);
            assert_eq!(both, (&json!(140.0), &json!(115.0)), "a value was lost");
            let alerts = nurse.get(&format!("{path}/alerts")).await.expect(200)["data"]["alerts"].clone();
            let mut rules: Vec<&str> =
                alerts.as_array().expect("a list").iter().map(|alert| text(&alert["type"])).collect();
            rules.sort_unstable();
            assert_eq!(rules, ["HYPERTENSION", "TACHYCARDIA"]);
        }
        let verdict = access::verify(&mut t.app.db(), |_| {}).await.expect("a verdict");
        assert!(matches!(verdict, access::Verdict::Whole { .. }), "{verdict:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_reading_through_both_is_one_and_its_alarm_is_heard_at_both() {
    on(Engine::Postgres, |t| async move {
        let other = second(&t);
        let w = t.ward().await;
        let there = |by: &Client| Client::new(&other.base).with_token(by.token.as_deref().expect("a token"));
        let mut streams = Vec::new();
        for listener in [w.doctor.clone(), there(&w.doctor)] {
            let request = listener.request(reqwest::Method::GET, "/api/emergency/stream");
            streams.push(request.send().await.expect("a stream"));
        }
        let body = crate::reading(&w, json!({"hr_bpm": 140, "timestamp": t.clock.now()}));
        let (here, beyond) = (w.nurse.clone(), there(&w.nurse));
        let (a, b) = tokio::join!(here.post("/vitals", body.clone()), beyond.post("/vitals", body));
        let mut statuses = [a.status.as_u16(), b.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 201], "{} {}", a.text, b.text);
        assert_eq!(a.json()["data"]["id"], b.json()["data"]["id"]);
        for mut stream in streams {
            let mut told = String::new();
            let telling = async {
                while !told.contains("High Heart Rate detected: 140 BPM") {
                    let chunk = stream.chunk().await.expect("a readable stream").expect("the stream goes on");
                    told.push_str(&String::from_utf8_lossy(&chunk));
                }
            };
            tokio::time::timeout(std::time::Duration::from_secs(20), telling).await.expect("both tell of it");
        }
        // A session that ends at one has ended at the other.
        here.post("/auth/logout", json!({})).await.expect(200);
        until("the session is over there too", || async { beyond.get("/auth/me").await.status.as_u16() == 401 }).await;
    })
    .await;
}

/// A second process over the same database and keys.
fn second(t: &testkit::TestApp) -> crate::program::Server {
    let data = t.settings.data.display().to_string();
    let mut command = nadi(&t.settings.data, &["serve", "--listen", "127.0.0.1:0", "--data", &data]);
    command.env("DATABASE_URL", t.settings.database_url.as_deref().expect("a PostgreSQL"));
    served(Running::start(command))
}
