//! A number stands nowhere but in the vault: not on the disk, in a log, an error, an event or the audit chain.
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};

use serde_json::json;
use testkit::{TestApp, both};
use tracing_subscriber::fmt::MakeWriter;

use crate::{PASSWORD, audit, rajesh, with};

/// No other test of this program has it.
const NUMBER: &str = "765432109878";

/// All that this process logs, whichever test it is for.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("a log").extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Logs everything that can be logged from now on.
fn log() -> Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    let start = || {
        let log = Log::default();
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(log.clone())
            .try_init()
            .expect("nobody else logs in this program");
        log
    };
    LOG.get_or_init(start).clone()
}

/// The number as people, programs and keyboards write it.
fn spellings() -> Vec<String> {
    let groups = [&NUMBER[..4], &NUMBER[4..8], &NUMBER[8..]];
    let devanagari: String = NUMBER.bytes().filter_map(|byte| char::from_u32(0x966 + u32::from(byte - b'0'))).collect();
    vec![
        NUMBER.to_owned(),
        groups.join(" "),
        groups.join("-"),
        groups.join("%20"),
        groups.join("+"),
        devanagari,
        NUMBER.bytes().map(|byte| format!("{byte:02x}")).collect(),
        NUMBER.chars().rev().collect(),
    ]
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|part| part == text.as_bytes())
}

fn files(directory: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => files(&path, found),
            false => found.push((path.display().to_string(), std::fs::read(&path).unwrap_or_default())),
        }
    }
}

/// Does with the number whatever can be done with one, and answers every answer.
async fn use_it(t: &TestApp) -> Vec<String> {
    let mut answers = Vec::new();
    let register = "/api/v1/patient/register";
    answers.push(t.client().post(register, rajesh(NUMBER, "rajesh@example.com")).await.text);
    for again in spellings() {
        answers.push(t.client().post(register, rajesh(&again, "again@example.com")).await.text);
    }
    for odd in [json!({"aadhar_number": 765_432_109_878.5}), json!({"aadhar_number": [NUMBER]}), json!({"gender": 5})] {
        answers.push(t.client().post(register, with(rajesh(NUMBER, "odd@example.com"), odd)).await.text);
    }
    let broken = format!("{{\"aadhar_number\": \"{NUMBER}\", \"full_name\": }}");
    answers.push(t.client().post_text(register, "application/json", broken).await.text);
    for password in [PASSWORD, "not the password"] {
        let body = json!({"aadhar_number": NUMBER, "password": password});
        answers.push(t.client().post("/api/v1/auth/login", body).await.text);
        let body = json!({"identifier": NUMBER, "password": password});
        answers.push(t.client().post("/api/v1/auth/login", body).await.text);
    }
    let own = t.client().login("rajesh@example.com", PASSWORD).await;
    let prove = "/api/v1/auth/verify-aadhar";
    let keyed = own.with_header("idempotency-key", "prove-1");
    answers.push(keyed.post(prove, json!({"aadhar_number": NUMBER})).await.text);
    answers.push(own.post(prove, json!({"aadhar_number": NUMBER, "code": "000000"})).await.text);
    answers
        .push(own.put("/api/v1/patient/profile", json!({"aadhar_number": NUMBER, "full_name": "R. Kumar"})).await.text);
    for path in ["/api/v1/patient/profile", "/api/v1/patient/health-summary", "/auth/me", "/metrics"] {
        answers.push(own.get(path).await.text);
    }
    answers.push(t.admin().await.get("/users").await.text);
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_stands_nowhere_in_the_clear() {
    let log = log();
    both(|t| {
        let log = log.clone();
        async move {
            let answers = use_it(&t).await;
            let mut files_found = Vec::new();
            files(&t.settings.data, &mut files_found);
            let logged = log.0.lock().expect("a log").clone();
            assert!(holds(&logged, "a message was written into the outbox"), "the log is kept");
            let entries =
                audit(&t).await.iter().map(|e| serde_json::to_string(e).expect("an entry")).collect::<String>();
            let mut events = String::new();
            for topic in ["patients", "facilities"] {
                let found = t.app.edge::<events::Log>().after(&mut t.app.db(), topic, 0, 1000).await.expect("events");
                events.extend(found.iter().map(|event| event.body.to_string()));
            }
            assert!(events.contains("patient.created"));
            for spelling in spellings() {
                for answer in &answers {
                    assert!(!answer.contains(&spelling), "{answer}");
                }
                for (path, bytes) in &files_found {
                    assert!(!holds(bytes, &spelling), "{path} holds {spelling}");
                }
                assert!(!entries.contains(&spelling), "the audit chain holds {spelling}");
                assert!(!events.contains(&spelling), "an event holds {spelling}");
                assert!(!holds(&logged, &spelling), "the log holds {spelling}");
            }
        }
    })
    .await;
}
