//! Reading the live stream as a client does.
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Answer, Client, both};
use tokio::time::{Duration, timeout};

use crate::{at, call, id_of, raise, with};

/// An open stream.
pub struct Stream {
    response: reqwest::Response,
    text: String,
}

/// An event of the stream, `ping`s left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub id: i64,
    pub name: String,
    pub data: Value,
}

const SOON: Duration = Duration::from_secs(20);

impl Stream {
    /// Opens the stream and waits until it is open: what is raised from now on is on it.
    pub async fn open(by: &Client, query: &str) -> Self {
        let request = by.request(Method::GET, &format!("/api/emergency/stream{query}"));
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status().as_u16(), 200);
        let kind = response.headers()["content-type"].to_str().expect("a text").to_owned();
        assert!(kind.starts_with("text/event-stream"), "{kind}");
        let mut stream = Self { response, text: String::new() };
        assert_eq!(stream.block().await, ": open");
        stream
    }

    /// Opens the stream after the last event that was seen.
    pub async fn resume(by: &Client, last: i64) -> Self {
        Self::open(&by.with_header("last-event-id", &last.to_string()), "").await
    }

    /// The next lines up to an empty one.
    async fn block(&mut self) -> String {
        let reading = async {
            loop {
                if let Some((block, rest)) = self.text.split_once("\n\n") {
                    let (block, rest) = (block.to_owned(), rest.to_owned());
                    self.text = rest;
                    return block;
                }
                let chunk = self.response.chunk().await.expect("a readable stream").expect("the stream goes on");
                self.text.push_str(std::str::from_utf8(&chunk).expect("text"));
            }
        };
        timeout(SOON, reading).await.expect("the stream says something")
    }

    /// Waits until the server ends the stream, and answers what it said until then.
    pub async fn ends(mut self) -> String {
        let reading = async {
            while let Some(chunk) = self.response.chunk().await.expect("a readable stream") {
                self.text.push_str(std::str::from_utf8(&chunk).expect("text"));
            }
        };
        timeout(SOON, reading).await.expect("the stream ends");
        self.text
    }

    /// The next event.
    pub async fn next(&mut self) -> Event {
        loop {
            let block = self.block().await;
            let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
            let name = field("event:").expect("a name").to_owned();
            let data: Value = serde_json::from_str(field("data:").expect("data")).expect("JSON");
            match field("id:") {
                Some(id) => return Event { id: id.parse().expect("a number"), name, data },
                None => assert_eq!(name, "ping", "an event without an id"),
            }
        }
    }

    /// The next events.
    pub async fn take(&mut self, count: usize) -> Vec<Event> {
        let mut events = Vec::with_capacity(count);
        for _ in 0..count {
            events.push(self.next().await);
        }
        events
    }
}

#[track_caller]
pub fn is_refused(answer: Answer, status: u16) {
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{}", answer.text);
    answer.expect(status);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_reaches_the_stream_as_documented() {
    both(|t| async move {
        let w = t.ward().await;
        let mut stream = Stream::open(&w.doctor, "").await;
        let body =
            json!({"hospital_id": w.hospital["id"], "location": {"room": "101"}, "trigger_data": {"g_force": 3.2}});
        let raised = w.nurse.post("/api/emergency/alerts", with(call(&w.patient), body)).await.expect(201);
        let event = stream.next().await;
        assert_eq!(event.name, "emergency_alert");
        let documented = json!({
            "alert_id": raised["alert_id"], "patient_id": w.patient["id"], "patient_name": "Lata Joshi",
            "alert_type": "fall_detection", "severity": "high", "description": "Fell in the bathroom",
            "location": {"room": "101"}, "trigger_data": {"g_force": 3.2}, "timestamp": raised["created_at"],
            "hospital_id": w.hospital["id"],
        });
        assert_eq!(with(event.data.clone(), documented), event.data);
        assert_eq!(event.data["id"], raised["id"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_step_reaches_the_stream_as_documented() {
    both(|t| async move {
        let w = t.ward().await;
        let doctor = id_of(&w.doctor).await;
        let mut stream = Stream::open(&w.nurse, "").await;
        let first = raise(&w.nurse, &w.patient).await;
        let second = raise(&w.nurse, &w.patient).await;
        for (emergency, step) in
            [(&first, "acknowledge"), (&first, "respond"), (&first, "resolve"), (&second, "false-alarm")]
        {
            t.clock.advance(chrono::TimeDelta::seconds(10));
            w.doctor.patch(&at(emergency, &format!("/{step}")), json!({})).await.expect(200);
        }
        let events = stream.take(6).await;
        assert!(events.iter().all(|event| event.name == "emergency_alert"));
        assert!(events.is_sorted_by_key(|event| event.id));
        let told: Vec<(Value, Value)> =
            events[2..].iter().map(|event| (event.data["event"].clone(), event.data["alert_id"].clone())).collect();
        let said = |name: &str, emergency: &Value| (json!(name), emergency["alert_id"].clone());
        let expected = [
            said("alert_acknowledged", &first),
            said("alert_responding", &first),
            said("alert_resolved", &first),
            said("alert_false_alarm", &second),
        ];
        assert_eq!(told, expected);
        assert!(events[2..].iter().all(|event| event.data["responder_id"] == doctor));
        assert_eq!(events[5].data["timestamp"], json!(t.clock.now()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stream_is_no_place_for_nobody_administrators_and_devices() {
    both(|t| async move {
        let w = t.ward().await;
        let stream = "/api/emergency/stream";
        is_refused(t.client().get(stream).await, 401);
        is_refused(t.client().with_token("nonsense").get(stream).await, 401);
        is_refused(t.admin().await.get(stream).await, 403);
        is_refused(t.monitor(&w.hospital).await.get(stream).await, 403);
        is_refused(w.nurse.with_header("last-event-id", "yesterday").get(stream).await, 422);
        is_refused(w.nurse.get(&format!("{stream}?last_event_id=x")).await, 422);
        let gone = t.nurse(&w.hospital).await;
        gone.post("/auth/logout", json!({})).await.expect(200);
        is_refused(gone.get(stream).await, 401);
    })
    .await;
}
