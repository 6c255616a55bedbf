//! Short messages to phones: by a gateway over HTTP, or into the outbox of a development installation.
use std::time::Duration;

use kernel::{Error, Result};
use serde_json::json;

use crate::outbox::{Kind, Outbox};

/// A gateway that takes `{"to", "from", "text"}` with a bearer key and answers 2xx.
pub struct SmsGateway {
    pub url: String,
    pub key: Option<String>,
    pub from: Option<String>,
}

/// The edge that short messages go through. None holds anything of a patient's health.
pub struct Sms(By);

enum By {
    Gateway { client: reqwest::Client, gateway: SmsGateway },
    Outbox(Outbox),
    Nobody,
}

/// How long a gateway may take for one message.
const PATIENCE: Duration = Duration::from_secs(10);

impl Sms {
    pub fn by_gateway(gateway: SmsGateway) -> Result<Self> {
        // A redirect would carry the code to wherever it points.
        let builder = reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none());
        Ok(Self(By::Gateway { client: builder.build().map_err(Error::internal)?, gateway }))
    }

    pub fn into_outbox(outbox: Outbox) -> Self {
        Self(By::Outbox(outbox))
    }

    /// Sends nothing and says so.
    pub fn by_nobody() -> Self {
        Self(By::Nobody)
    }

    /// Sends a message; 503 when it cannot be sent.
    pub async fn send(&self, to: &str, text: &str) -> Result<()> {
        match &self.0 {
            By::Gateway { client, gateway } => hand_over(client, gateway, to, text).await,
            By::Outbox(outbox) => outbox.put(Kind::Sms, to, &format!("\n{text}")).await,
            By::Nobody => Err(Error::unavailable("this server sends no messages: its operator has to name a gateway")),
        }
    }
}

async fn hand_over(client: &reqwest::Client, gateway: &SmsGateway, to: &str, text: &str) -> Result<()> {
    let mut request = client.post(&gateway.url).json(&json!({"to": to, "from": gateway.from, "text": text}));
    if let Some(key) = &gateway.key {
        request = request.bearer_auth(key);
    }
    let status = request.send().await.map(|answer| answer.status());
    match status {
        Ok(status) if status.is_success() => Ok(()),
        // Neither the error nor the answer is told further: both may hold the number.
        outcome => {
            let status = outcome.map_or(0, |status| status.as_u16());
            tracing::warn!(status, "a short message was not sent");
            Err(Error::unavailable("the message could not be sent; try again later"))
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::http::{HeaderMap, StatusCode};
    use axum::routing::post;
    use tokio::net::TcpListener;

    use super::*;

    async fn gateway() -> String {
        let take = |headers: HeaderMap, axum::Json(body): axum::Json<serde_json::Value>| async move {
            let known = headers.get("authorization").is_some_and(|value| value == "Bearer key");
            match known && body == json!({"to": "+919876543210", "from": null, "text": "123456"}) {
                true => StatusCode::ACCEPTED,
                false => StatusCode::FORBIDDEN,
            }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/send", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/send", post(take))).await });
        url
    }

    #[tokio::test]
    async fn a_gateway_is_given_number_and_text() {
        let url = gateway().await;
        let by = |key: &str| Sms::by_gateway(SmsGateway { url: url.clone(), key: Some(key.to_owned()), from: None });
        by("key").unwrap().send("+919876543210", "123456").await.unwrap();
        let refused = by("another").unwrap().send("+919876543210", "123456").await.unwrap_err();
        assert_eq!(refused.status(), 503);
        assert!(!format!("{refused}").contains("9876543210"));
    }
}
