//! What is open when a consent is taken back says nothing more.
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::TimeDelta;
use serde_json::{Value, json};
use testkit::{Client, both};
use tokio::time::{Duration, timeout};

use crate::{at, people, text};

/// A live stream, read to its end or until something was said.
struct Watch(reqwest::Response, String);

async fn watch(by: &Client, path: &str) -> Watch {
    let response = by.request(reqwest::Method::GET, path).send().await.expect("an answer");
    assert_eq!(response.status().as_u16(), 200);
    Watch(response, String::new())
}

impl Watch {
    /// Waits until the stream has said this; false when it ends before.
    async fn says(&mut self, words: &str) -> bool {
        let reading = async {
            while !self.1.contains(words) {
                match self.0.chunk().await {
                    Ok(Some(chunk)) => self.1.push_str(&String::from_utf8_lossy(&chunk)),
                    _ => return false,
                }
            }
            true
        };
        timeout(Duration::from_secs(20), reading).await.expect("the stream says something")
    }
}

fn call(patient: &str) -> Value {
    json!({"patient_id": patient, "alert_type": "fall_detection", "severity": "high",
        "description": "Fell in the bathroom", "triggered_by": "manual"})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_the_consent_that_opened_it() {
    both(|t| async move {
        let p = people(&t).await;
        let given = p.agree(json!(["vitals"])).await;
        let path = format!("/patients/{}/vitals/stream", p.patient());
        let (mut nair, mut nurse) = (watch(&p.nair, &path).await, watch(&p.w.nurse, &path).await);
        let reading = json!({"patient_id": p.patient(), "hr_bpm": 71});
        let first = p.w.nurse.post("/vitals", reading.clone()).await.expect(201)["data"]["id"].clone();
        assert!(nair.says(text(&first)).await);
        p.lata.put(&at(&given, "/revoke"), json!({})).await.expect(200);
        // It ends by itself, with nothing more to say: no reading comes meanwhile.
        assert!(!nair.says("a word that is never said").await);
        t.clock.advance(TimeDelta::minutes(1));
        let second = p.w.nurse.post("/vitals", reading).await.expect(201)["data"]["id"].clone();
        assert!(nurse.says(text(&second)).await);
        assert!(!nair.1.contains(text(&second)));
        p.nair.get(&path).await.expect(404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_when_its_consent_expires() {
    both(|t| async move {
        let p = people(&t).await;
        let ends = (t.clock.now() + TimeDelta::minutes(5)).to_rfc3339();
        let ask = crate::with(p.ask(json!(["vitals"])), json!({"expires_at": ends}));
        let asked = p.nair.post("/api/v1/consents/request", ask).await.expect(201);
        p.lata.put(&at(&asked, "/approve"), json!({})).await.expect(200);
        let mut nair = watch(&p.nair, &format!("/patients/{}/vitals/stream", p.patient())).await;
        t.clock.advance(TimeDelta::minutes(5));
        let reading = json!({"patient_id": p.patient(), "hr_bpm": 71});
        let sent = p.w.nurse.post("/vitals", reading).await.expect(201)["data"]["id"].clone();
        assert!(!nair.says(text(&sent)).await, "a reading was shown after the consent had run out");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn emergencies_are_told_while_the_consent_lasts_and_no_longer() {
    both(|t| async move {
        let p = people(&t).await;
        let given = p.agree(json!(["emergencies"])).await;
        let (mut nair, mut nurse) =
            (watch(&p.nair, "/api/emergency/stream").await, watch(&p.w.nurse, "/api/emergency/stream").await);
        let first = p.w.nurse.post("/api/emergency/alerts", call(p.patient())).await.expect(201);
        assert!(nair.says(text(&first["id"])).await && nurse.says(text(&first["id"])).await);
        p.lata.put(&at(&given, "/revoke"), json!({})).await.expect(200);
        let second = p.w.nurse.post("/api/emergency/alerts", call(p.patient())).await.expect(201);
        assert!(nurse.says(text(&second["id"])).await);
        // Neither live nor by coming back: what happened before is not told again, what came after not at all.
        let told = timeout(Duration::from_millis(500), nair.says(text(&second["id"]))).await;
        assert!(!matches!(told, Ok(true)), "an emergency was told after the consent was taken back");
        let back = p.nair.with_header("last-event-id", "0");
        let mut back = watch(&back, "/api/emergency/stream").await;
        let told = timeout(Duration::from_millis(500), back.says(text(&second["id"]))).await;
        assert!(!matches!(told, Ok(true)));
        assert!(
            !back.1.contains(text(&first["id"])),
            "what was missed was told to whom it is no longer for: {}",
            back.1
        );
        assert_eq!(p.nair.get("/api/emergency/alerts?active_only=false").await.expect(200), json!([]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_sent_after_the_answer_reaches_whom_the_consent_was_taken_from() {
    both(|t| async move {
        let p = people(&t).await;
        let given = p.agree(json!(["vitals"])).await;
        let mut nair = watch(&p.nair, &format!("/patients/{}/vitals/stream", p.patient())).await;
        let (answered, start) = (Arc::new(AtomicBool::new(false)), t.clock.now() - TimeDelta::hours(1));
        let senders = (0..4).map(|sender| {
            let (nurse, patient, answered) = (p.w.nurse.clone(), p.patient().to_owned(), answered.clone());
            tokio::spawn(async move {
                let mut sent = Vec::new();
                for n in 0..60 {
                    let late = answered.load(Ordering::SeqCst);
                    let at = start + TimeDelta::seconds(sender * 60 + n);
                    let reading = json!({"patient_id": patient, "hr_bpm": 71, "timestamp": at});
                    let id = nurse.post("/vitals", reading).await.expect(201)["data"]["id"].clone();
                    sent.push((late, text(&id).to_owned()));
                }
                sent
            })
        });
        let senders: Vec<_> = senders.collect();
        // In the midst of it.
        assert!(nair.says("event: vitals").await);
        p.lata.put(&at(&given, "/revoke"), json!({})).await.expect(200);
        answered.store(true, Ordering::SeqCst);
        let mut late = 0;
        let mut sent = Vec::new();
        for sender in senders {
            sent.append(&mut sender.await.expect("no panic"));
        }
        assert!(!nair.says("a word that is never said").await);
        for (was_late, id) in sent {
            late += i32::from(was_late);
            assert!(!was_late || !nair.1.contains(&id), "a reading was shown after the consent was taken back");
        }
        assert!(late > 0, "every reading was sent before the answer");
    })
    .await;
}
