//! Asking a provider over HTTP: with an end to every wait, a bound to every answer, and patience where it helps.
use std::time::Duration;

use chrono::TimeDelta;
use kernel::{Error, Result};
use reqwest::redirect::Policy;
use reqwest::{RequestBuilder, Response, StatusCode, header};
use serde_json::Value;

use crate::trouble::Trouble;

/// The way out to the providers.
pub struct Client(reqwest::Client);

const CONNECT_WITHIN: Duration = Duration::from_secs(5);
const ANSWER_WITHIN: Duration = Duration::from_secs(15);
/// Bytes of an answer at most: a page of 10,000 points takes some three million.
const LARGEST: usize = 8 * 1024 * 1024;
/// How often a question is asked before it is put off.
const TRIES: u32 = 3;
/// The first wait between them. It doubles, and is spread by up to a half.
const PATIENCE: Duration = Duration::from_millis(200);
/// What a provider may ask to wait without the question being put off.
const SHORT: TimeDelta = TimeDelta::seconds(2);

impl Client {
    pub fn new() -> Result<Self> {
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT_WITHIN)
            .timeout(ANSWER_WITHIN)
            // Whoever answers with another address would be handed the token.
            .redirect(Policy::none())
            .build();
        client.map(Self).map_err(Error::internal)
    }

    pub fn http(&self) -> &reqwest::Client {
        &self.0
    }

    /// The JSON at an address, as the owner of a token sees it; null when the answer has no body.
    pub async fn get(&self, url: &str, token: &str) -> Result<Value, Trouble> {
        self.ask(|http| http.get(url).bearer_auth(token)).await
    }

    /// Asks, and asks again where that may help: only for what may be done twice.
    pub async fn ask(&self, question: impl Fn(&reqwest::Client) -> RequestBuilder) -> Result<Value, Trouble> {
        let mut tried = 0;
        loop {
            tried += 1;
            let trouble = match once(question(&self.0)).await {
                Ok(answer) => return Ok(answer),
                Err(trouble) => trouble,
            };
            match trouble {
                Trouble::Later { wait, .. } if tried < TRIES && wait.is_none_or(|wait| wait <= SHORT) => {
                    tokio::time::sleep(pause(tried, wait)).await;
                }
                trouble => return Err(trouble),
            }
        }
    }
}

/// Asks once. What a provider says beside its status is not passed on and not logged: it may say whose data it is.
pub async fn once(question: RequestBuilder) -> Result<Value, Trouble> {
    let answer = question.send().await.map_err(|error| Trouble::later(unreached(&error)))?;
    match answer.status() {
        status if status.is_success() => json(answer).await,
        StatusCode::UNAUTHORIZED => Err(Trouble::Unknown),
        StatusCode::TOO_MANY_REQUESTS => {
            Err(Trouble::Later { why: "the provider asks to wait", wait: wait_of(&answer) })
        }
        status if status.is_server_error() => {
            Err(Trouble::Later { why: "the provider is not available", wait: wait_of(&answer) })
        }
        StatusCode::CONFLICT => Err(Trouble::Refused { why: "it is there already" }),
        _ => Err(Trouble::Refused { why: "the provider does not give this" }),
    }
}

fn unreached(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() { "the provider answers too late" } else { "the provider cannot be reached" }
}

/// What `Retry-After` asks for, in seconds; a date is taken for a short wait, since the clocks may differ.
fn wait_of(answer: &Response) -> Option<TimeDelta> {
    let said = answer.headers().get(header::RETRY_AFTER).or_else(|| answer.headers().get("fitbit-rate-limit-reset"))?;
    let seconds = said.to_str().ok().and_then(|text| text.trim().parse::<i64>().ok());
    seconds.map(|seconds| TimeDelta::seconds(seconds.clamp(0, 24 * 3600)))
}

async fn json(mut answer: Response) -> Result<Value, Trouble> {
    let mut body = Vec::new();
    loop {
        match answer.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= LARGEST => body.extend_from_slice(&chunk),
            Ok(Some(_)) => return Err(Trouble::Refused { why: "the provider's answer is too large" }),
            Ok(None) => break,
            Err(error) => return Err(Trouble::later(unreached(&error))),
        }
    }
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Null);
    }
    serde_json::from_slice(&body).map_err(|_| Trouble::Refused { why: "the provider's answer is not in its form" })
}

fn pause(tried: u32, asked: Option<TimeDelta>) -> Duration {
    let wait = PATIENCE * 2u32.pow(tried - 1);
    let spread = (kernel::ids::secret().as_u128() % 500) as u32;
    let wait = wait + wait * spread / 1000;
    asked.and_then(|asked| asked.to_std().ok()).unwrap_or_default().max(wait)
}
