//! With the clients that people use: socket.io-client, python-socketio, and ws. `scripts/clients` installs them.
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use serde_json::{Value, json};
use testkit::{Client, Engine, TestApp, both, clients, on};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{Duration, Instant, timeout_at};

use crate::{People, looks, people, text, whom};

/// The scripts, as they are in the project.
const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../clients");

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Node,
    Python,
    Plain,
}

/// A client's process, and what it heard.
struct Real {
    input: ChildStdin,
    output: UnboundedReceiver<String>,
    told: Vec<(String, Value)>,
    what: String,
    process: Child,
}

impl Drop for Real {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Much longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

impl Real {
    fn start(place: &Path, kind: Kind, base: &str, token: &str, how: &[&str]) -> Self {
        let script = match kind {
            Kind::Node => "live.mjs",
            Kind::Python => "live.py",
            Kind::Plain => "websocket.mjs",
        };
        let mut command = match kind {
            Kind::Python => Command::new(place.join("venv/bin/python")),
            Kind::Node | Kind::Plain => Command::new("node"),
        };
        let script = match kind {
            Kind::Python => Path::new(SCRIPTS).join(script),
            // Node looks for modules beside the script.
            Kind::Node | Kind::Plain => {
                let copy = place.join(format!("{}-{script}", std::process::id()));
                std::fs::copy(Path::new(SCRIPTS).join(script), &copy).expect("a copy of the script");
                copy
            }
        };
        command.arg(script).args([base, token]).args(how);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the client starts");
        let input = process.stdin.take().expect("an input");
        let lines = BufReader::new(process.stdout.take().expect("an output")).lines();
        let (heard, output) = unbounded_channel();
        // Ends with the process.
        std::thread::spawn(move || lines.map_while(Result::ok).all(|line| heard.send(line).is_ok()));
        Self { input, output, told: Vec::new(), what: format!("{kind:?} {how:?}"), process }
    }

    /// Starts a client, waits until it is connected, and lets it follow.
    async fn following(place: &Path, kind: Kind, t: &TestApp, by: &Client, how: &[&str], whom: &Value) -> Self {
        let mut client = Self::start(place, kind, &t.base, by.token.as_deref().expect("a token"), how);
        client.hears("connect").await;
        client.subscribe(kind, whom);
        client.hears("subscribed").await;
        client
    }

    fn subscribe(&mut self, kind: Kind, whom: &Value) {
        let line = match kind {
            Kind::Plain => json!({"subscribe": whom}),
            Kind::Node | Kind::Python => json!({"emit": "subscribe_patient", "data": whom}),
        };
        self.input.write_all(format!("{line}\n").as_bytes()).expect("the client listens");
    }

    async fn hears(&mut self, event: &str) -> Value {
        let heard = self.hears_within(event, PATIENCE).await;
        heard.unwrap_or_else(|| panic!("{}: no {event}; told {:?}", self.what, self.told))
    }

    async fn hears_within(&mut self, event: &str, time: Duration) -> Option<Value> {
        let end = Instant::now() + time;
        loop {
            if let Some(at) = self.told.iter().position(|(name, _)| name == event) {
                return Some(self.told.remove(at).1);
            }
            let line = timeout_at(end, self.output.recv()).await.ok()??;
            let said: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{}: {line}", self.what));
            self.told.push((said["event"].as_str().unwrap_or_default().to_owned(), said["data"].clone()));
        }
    }
}

const WAYS: &[(Kind, &[&str])] = &[
    (Kind::Node, &["websocket"]),
    (Kind::Node, &["polling"]),
    (Kind::Node, &["both", "header"]),
    (Kind::Python, &["websocket"]),
    (Kind::Python, &["polling"]),
    (Kind::Python, &["both", "header"]),
    (Kind::Plain, &[]),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_client_hears_an_alert_while_the_consent_lasts_and_nothing_afterwards() {
    let Some(place) = clients() else { return };
    both(|t| {
        let place = place.clone();
        async move {
            let p = people(&t).await;
            let given = p.agree(json!(["vitals", "alerts"])).await;
            let mut clients = Vec::new();
            for (kind, how) in WAYS {
                clients.push(Real::following(&place, *kind, &t, &p.nair, how, &whom(&p)).await);
            }
            let began = Instant::now();
            let reading = p.heart_rate(&t, 145).await;
            for client in &mut clients {
                let alert = client.hears("health_alert").await;
                assert_eq!((&alert["alert_type"], &alert["patient_id"]), (&json!("TACHYCARDIA"), &json!(p.patient())));
                assert_eq!(alert["metric_data"]["value"], 145.0);
                assert_eq!(client.hears("vitals").await["reading"]["id"], json!(reading), "{}", client.what);
            }
            eprintln!("{} clients heard of the alert within {:?} of the reading", clients.len(), began.elapsed());
            p.take_back(&given).await;
            for client in &mut clients {
                assert_eq!(client.hears("unsubscribed").await["patient_uid"], p.patient(), "{}", client.what);
            }
            t.clock.advance(chrono::TimeDelta::seconds(1));
            p.w.nurse.post("/vitals", json!({"patient_id": p.patient(), "spo2_pct": 80})).await.expect(201);
            for client in &mut clients {
                assert!(client.hears_within("vitals", Duration::from_millis(200)).await.is_none());
                assert!(client.told.iter().all(|(event, _)| event != "health_alert"), "{:?}", client.told);
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_is_refused_and_another_patient_is_an_error() {
    let Some(place) = clients() else { return };
    on(Engine::Sqlite, |t| {
        let place = place.clone();
        async move {
            let p = people(&t).await;
            for (kind, how) in WAYS {
                let mut client = Real::start(&place, *kind, &t.base, "nonsense", how);
                let refused = client.hears("connect_error").await;
                let right = match kind {
                    Kind::Plain => refused["status"] == 401,
                    _ => refused["message"] == "the token is not valid or has expired",
                };
                assert!(right, "{}: {refused}", client.what);
                let token = p.nair.token.as_deref().expect("a token");
                let mut client = Real::start(&place, *kind, &t.base, token, how);
                client.hears("connect").await;
                client.subscribe(*kind, &whom(&p));
                let told = client.hears("error").await;
                assert_eq!(told, json!({"message": "patient not found", "patient_uid": p.patient()}));
            }
            refused_looks(&p).await;
        }
    })
    .await;
}

async fn refused_looks(p: &People) {
    let looks = looks(p).await;
    let refused = looks.iter().filter(|look| look["name"] == "Dr. Nair" && look["allowed"] == false).count();
    assert_eq!(refused, WAYS.len(), "{looks:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_whose_session_ends_is_disconnected_and_told_why() {
    let Some(place) = clients() else { return };
    on(Engine::Sqlite, |t| {
        let place = place.clone();
        async move {
            let p = people(&t).await;
            for (kind, how) in WAYS {
                let leaving = t.nurse(&p.w.hospital).await;
                let mut client = Real::following(&place, *kind, &t, &leaving, how, &whom(&p)).await;
                leaving.post("/auth/logout", json!({})).await.expect(200);
                let reading = p.heart_rate(&t, 71).await;
                assert_eq!(client.hears("error").await["message"], "the session has ended: sign in again");
                client.hears("disconnect").await;
                assert!(client.told.iter().all(|(_, data)| !data.to_string().contains(&reading)), "{:?}", client.told);
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_is_served_by_its_patients_uid_whatever_doctor_it_names() {
    let Some(place) = clients() else { return };
    on(Engine::Sqlite, |t| {
        let place = place.clone();
        async move {
            let p = people(&t).await;
            let (_, other) = t.doctor("Dr. Other").await;
            // The token says who it is, not the message.
            let mut whom = whom(&p);
            whom["doctor_id"] = p.w.doctor_record["id"].clone();
            let mut client =
                Real::start(&place, Kind::Node, &t.base, other.token.as_deref().expect("a token"), &["websocket"]);
            client.hears("connect").await;
            client.subscribe(Kind::Node, &whom);
            assert_eq!(client.hears("error").await["message"], "patient not found");
            let mut client = Real::following(&place, Kind::Node, &t, &p.w.doctor, &["websocket"], &whom).await;
            p.heart_rate(&t, 145).await;
            let alert = client.hears("health_alert").await;
            assert_eq!(alert["notified_doctors"], json!([text(&p.w.doctor_record["id"])]));
        }
    })
    .await;
}
