//! Sending a row until it is known what became of it.
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::Kind;
use super::cells::Refusal;
use super::session::Session;
use crate::http;

/// What became of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Created {
        id: String,
    },
    /// An earlier run did it.
    Already {
        id: String,
    },
    WouldCreate,
    Refused(Refusal),
}

/// Registers rows, each once.
pub struct Sender {
    session: Session,
    url: String,
    kind: Kind,
    dry_run: bool,
}

/// How long a row waits for a server that does not answer or takes no work.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long it waits for the end of the same request, sent by a run that was stopped.
const UNFINISHED: Duration = Duration::from_secs(10);
/// Times that the server may fail at one row.
const FAILURES: u32 = 4;
/// Refusals of earlier runs that are walked past; a file is not put right more often.
const RUNS: u32 = 1000;

/// What an answer asks for.
enum Next {
    Done(Outcome),
    SignIn,
    /// As many seconds as the server says.
    Wait(Option<u64>),
    Unfinished,
    Failed(String),
    /// An earlier run was refused, and nothing was done; the row may fit by now.
    TryAnew,
}

impl Sender {
    pub fn new(session: Session, url: String, kind: Kind, dry_run: bool) -> Self {
        let url = if dry_run { format!("{url}?dry_run=true") } else { url };
        Self { session, url, kind, dry_run }
    }

    /// Sends a row, again and again while the server cannot take it. An error is one of all rows: nobody is signed in, or no
    /// server is there.
    pub async fn send(&self, body: Result<Value, Refusal>) -> Result<Outcome> {
        let body = match body {
            Ok(body) => body,
            Err(refusal) => return Ok(Outcome::Refused(refusal)),
        };
        let (started, mut pause, mut failures, mut run) = (Instant::now(), Pause::default(), 0, 0);
        let mut after = Before::Nothing;
        loop {
            let token = self.session.token().await;
            let answer = match self.ask(&token, &body, run).await {
                Ok(answer) => answer,
                Err(error) if started.elapsed() > PATIENCE => {
                    return Err(error).with_context(|| format!("{} does not answer", self.url));
                }
                Err(_) => {
                    pause.wait(None).await;
                    continue;
                }
            };
            match self.next(answer, run).await? {
                Next::Done(outcome) => return Ok(after.explain(outcome)),
                Next::SignIn => self.session.renew(&token).await?,
                Next::Wait(_) if started.elapsed() > PATIENCE => bail!("the server takes no work"),
                Next::Wait(seconds) => pause.wait(seconds).await,
                Next::Unfinished if started.elapsed() > UNFINISHED && after == Before::CutOff => return Ok(cut_off()),
                Next::Unfinished if started.elapsed() > UNFINISHED && !is_unique(&body) => return Ok(cut_off()),
                // The server keeps no second one of these, whatever came of the first.
                Next::Unfinished if started.elapsed() > UNFINISHED => {
                    after = Before::CutOff;
                    run += 1;
                }
                Next::Unfinished => pause.wait(None).await,
                Next::Failed(why) if failures == FAILURES => return Ok(Outcome::Refused(Refusal::of("", why))),
                Next::Failed(_) => {
                    failures += 1;
                    pause.wait(None).await;
                }
                Next::TryAnew => run += 1,
            }
        }
    }

    async fn ask(&self, token: &str, body: &Value, run: u32) -> reqwest::Result<Response> {
        let mut request = self.session.http.post(&self.url).bearer_auth(token).json(body);
        // What is tried and not kept is tried anew each time.
        if !self.dry_run {
            request = request.header("idempotency-key", key(self.kind, body, run));
        }
        request.send().await
    }

    async fn next(&self, answer: Response, run: u32) -> Result<Next> {
        let status = answer.status();
        let replayed = answer.headers().contains_key("idempotency-replayed");
        let seconds = retry_after(answer.headers());
        let body: Value = answer.json().await.unwrap_or_default();
        let detail = body["detail"].as_str().unwrap_or_default().to_owned();
        Ok(match status {
            StatusCode::CREATED if replayed => Next::Done(Outcome::Already { id: id_of(&body) }),
            StatusCode::OK if self.dry_run => Next::Done(Outcome::WouldCreate),
            StatusCode::CREATED if self.dry_run => bail!("this server does not know ?dry_run: it has kept a row"),
            status if status.is_success() => Next::Done(Outcome::Created { id: id_of(&body) }),
            StatusCode::UNAUTHORIZED => Next::SignIn,
            StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
            | StatusCode::REQUEST_TIMEOUT => Next::Wait(seconds),
            status if status.is_server_error() => {
                let request = body["request_id"].as_str().unwrap_or_default();
                Next::Failed(format!("the server failed: {status}, request {request}"))
            }
            StatusCode::CONFLICT if detail.starts_with(http::UNFINISHED) => Next::Unfinished,
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED if detail.contains("route") => {
                bail!("{} is no route of this server", self.url)
            }
            _ if replayed && run < RUNS => Next::TryAnew,
            _ => Next::Done(Outcome::Refused(refusal(&body, status, detail))),
        })
    }
}

/// What came before the last try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    /// A try whose end nobody knows.
    CutOff,
}

impl Before {
    fn explain(self, outcome: Outcome) -> Outcome {
        match outcome {
            Outcome::Refused(refusal) if self == Self::CutOff => {
                let reason = format!("{}; perhaps because an earlier try, which was cut off, did it", refusal.reason);
                Outcome::Refused(Refusal { reason, ..refusal })
            }
            known => known,
        }
    }
}

/// Whether the row has a member that no two registrations share.
fn is_unique(body: &Value) -> bool {
    body["patient_id"].is_string() || body["medical_license"].is_string()
}

fn cut_off() -> Outcome {
    let why = "an earlier run of this row was cut off inside the server: look whether it is there, and change the row or \
               wait a day when it is not";
    Outcome::Refused(Refusal::of("", why))
}

/// The same row has the same key in every run. `run` counts the earlier runs in which it was refused.
fn key(kind: Kind, body: &Value, run: u32) -> String {
    let digest = vault::sha256(format!("{}\n{body}", kind.word()).as_bytes());
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("import-{hex}-{run}")
}

fn id_of(body: &Value) -> String {
    let places = ["/id", "/patient/id", "/doctor/id", "/data/id"];
    places.iter().find_map(|place| body.pointer(place)?.as_str()).unwrap_or_default().to_owned()
}

fn refusal(body: &Value, status: StatusCode, detail: String) -> Refusal {
    let members: Vec<&str> =
        body["errors"].as_array().into_iter().flatten().filter_map(|error| error["member"].as_str()).collect();
    let reason = if detail.is_empty() { format!("the server answers {status}") } else { detail };
    Refusal { member: members.join(", "), reason }
}

fn retry_after(headers: &HeaderMap) -> Option<u64> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok()
}

/// Waits a little longer each time.
#[derive(Default)]
struct Pause(u32);

impl Pause {
    async fn wait(&mut self, seconds: Option<u64>) {
        let doubled = Duration::from_millis(100 << self.0.min(6));
        self.0 += 1;
        sleep(seconds.map_or(doubled, |s| Duration::from_secs(s.min(60)).max(doubled))).await;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_row_has_one_key_whatever_the_order_of_its_columns() {
        let (one, two) = (json!({"a": 1, "b": 2}), json!({"b": 2, "a": 1}));
        assert_eq!(key(Kind::Patients, &one, 0), key(Kind::Patients, &two, 0));
        assert_ne!(key(Kind::Patients, &one, 0), key(Kind::Doctors, &one, 0));
        assert_ne!(key(Kind::Patients, &one, 0), key(Kind::Patients, &one, 1));
        assert!(key(Kind::Patients, &one, 999).len() < 255);
    }

    #[test]
    fn a_refusal_names_what_the_server_names() {
        let body = json!({"errors": [{"member": "date_of_birth"}, {"member": "last_name"}]});
        let refused = refusal(&body, StatusCode::UNPROCESSABLE_ENTITY, "is in the future".into());
        assert_eq!(refused, Refusal::of("date_of_birth, last_name", "is in the future"));
        assert_eq!(
            refusal(&json!(null), StatusCode::FORBIDDEN, String::new()).reason,
            "the server answers 403 Forbidden"
        );
    }
}
