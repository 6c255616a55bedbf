//! A patient's readings pushed live to whoever watches.
use serde_json::json;
use testkit::{Client, Ward, both};
use tokio::time::{Duration, timeout};

use crate::{another, send, text};

/// A live stream, read to its end or until something was said.
struct Watch(reqwest::Response, String);

async fn watch(by: &Client, w: &Ward) -> Watch {
    let path = format!("/patients/{}/vitals/stream", w.patient_id());
    let response = by.request(reqwest::Method::GET, &path).send().await.expect("an answer");
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

#[tokio::test(flavor = "multi_thread")]
async fn a_reading_and_its_alert_reach_whoever_watches_the_patient() {
    both(|t| async move {
        let w = t.ward().await;
        let other = another(&w, json!({})).await;
        let (mut nurse, mut doctor) = (watch(&w.nurse, &w).await, watch(&w.doctor, &w).await);
        let mut neighbour = watch(&w.nurse, &other).await;
        let recorded = send(&w.nurse, &w, json!({"hr_bpm": 140})).await;
        for stream in [&mut nurse, &mut doctor] {
            assert!(stream.says(text(&recorded["id"])).await);
            assert!(stream.says("event: vitals").await && stream.says("TACHYCARDIA").await);
        }
        let next = send(&w.nurse, &other, json!({"hr_bpm": 70})).await;
        assert!(neighbour.says(text(&next["id"])).await);
        assert!(!neighbour.1.contains(text(&recorded["id"])), "another patient's reading: {}", neighbour.1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_read_may_not_watch() {
    both(|t| async move {
        let w = t.ward().await;
        let path = format!("/patients/{}/vitals/stream", w.patient_id());
        let (_, other_doctor) = t.doctor("Dr. Other").await;
        other_doctor.get(&path).await.expect(404);
        t.client().get(&path).await.expect(401);
        t.admin().await.get(&path).await.expect(403);
        t.monitor(&w.hospital).await.get(&path).await.expect(403);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_discharge_ends_the_doctors_view_before_the_next_reading() {
    both(|t| async move {
        let w = t.ward().await;
        let lata = t.account("patient", Some(&w.patient["id"])).await;
        let (mut doctor, mut oneself) = (watch(&w.doctor, &w).await, watch(&lata, &w).await);
        crate::discharge(&w).await;
        let recorded = send(&lata, &w, json!({"hr_bpm": 71})).await;
        assert!(oneself.says(text(&recorded["id"])).await);
        assert!(!doctor.says(text(&recorded["id"])).await, "the discharged patient's reading was shown");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_logs_out_sees_no_further_reading() {
    both(|t| async move {
        let w = t.ward().await;
        let leaving = t.nurse(&w.hospital).await;
        let mut stream = watch(&leaving, &w).await;
        leaving.post("/auth/logout", json!({})).await.expect(200);
        let recorded = send(&w.nurse, &w, json!({"hr_bpm": 71})).await;
        assert!(!stream.says(text(&recorded["id"])).await);
    })
    .await;
}
