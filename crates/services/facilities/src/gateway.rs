//! A gateway to UIDAI over HTTP: it makes the codes, sends them to the phone that a number belongs to, and checks them.
//!
//! `POST {url}/otp` with `{aadhaar_number, transaction_id}` sends a code; `POST {url}/otp/verify` with `otp` besides answers
//! `{"verified": true}` or not. Numbers go in bodies and never in an address, and what a gateway answers is not logged.
use std::time::Duration;

use kernel::{Error, Result};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;
use vault::AadhaarNumber;
use zeroize::Zeroizing;

/// Where the gateway is and how to sign in to it.
pub struct Gateway {
    client: Client,
    url: String,
    key: Zeroizing<String>,
}

const CONNECT_WITHIN: Duration = Duration::from_secs(5);
const ANSWER_WITHIN: Duration = Duration::from_secs(15);

#[derive(Deserialize)]
struct Verified {
    #[serde(default)]
    verified: bool,
}

impl Gateway {
    pub fn new(url: &str, key: &str) -> Result<Self> {
        let client = Client::builder()
            .connect_timeout(CONNECT_WITHIN)
            .timeout(ANSWER_WITHIN)
            // Whoever answers with another address would be handed the number.
            .redirect(Policy::none())
            .build()
            .map_err(Error::internal)?;
        Ok(Self { client, url: url.trim_end_matches('/').to_owned(), key: Zeroizing::new(key.to_owned()) })
    }

    pub(crate) async fn send(&self, number: &AadhaarNumber, transaction: Uuid) -> Result<()> {
        let answer =
            self.post("otp", json!({"aadhaar_number": number.in_clear(), "transaction_id": transaction})).await?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND | StatusCode::UNPROCESSABLE_ENTITY => {
                Err(Error::invalid("aadhar_number", "is not known to UIDAI"))
            }
            status => Err(unanswered(status)),
        }
    }

    pub(crate) async fn is_right(&self, number: &AadhaarNumber, transaction: Uuid, code: &str) -> Result<bool> {
        let said = json!({"aadhaar_number": number.in_clear(), "transaction_id": transaction, "otp": code});
        let answer = self.post("otp/verify", said).await?;
        match answer.status() {
            status if status.is_success() => {
                let read = answer.json::<Verified>().await;
                read.map(|answer| answer.verified).map_err(|_| unanswered("not in its form"))
            }
            StatusCode::BAD_REQUEST
            | StatusCode::UNAUTHORIZED
            | StatusCode::NOT_FOUND
            | StatusCode::UNPROCESSABLE_ENTITY => Ok(false),
            status => Err(unanswered(status)),
        }
    }

    async fn post(&self, path: &str, said: Value) -> Result<Response> {
        let request = self.client.post(format!("{}/{path}", self.url)).bearer_auth(self.key.as_str()).json(&said);
        // The error itself says no more than this, and might say the address.
        request.send().await.map_err(|error| unanswered(if error.is_timeout() { "too late" } else { "no connection" }))
    }
}

fn unanswered(how: impl std::fmt::Display) -> Error {
    tracing::warn!(%how, "the Aadhaar gateway did not answer as it should");
    Error::unavailable("the Aadhaar service does not answer at this moment; try again later")
}
