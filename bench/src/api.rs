//! A plain JSON client for everything that is not measured: preparing the ward and checking afterwards.

use crate::wire::Wire;
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::net::SocketAddr;

pub struct Api {
    wire: Wire,
    token: Option<String>,
}

impl Api {
    pub async fn connect(address: SocketAddr) -> Result<Api> {
        Ok(Api { wire: Wire::connect(address).await?, token: None })
    }

    /// A connection that is logged in.
    pub async fn login(address: SocketAddr, email: &str, password: &str) -> Result<Api> {
        let mut api = Api::connect(address).await?;
        let answer = api.post("/auth/login", &json!({ "email": email, "password": password })).await?;
        let token = answer["access_token"].as_str().context("the login answered no access_token")?;
        api.token = Some(token.to_owned());
        Ok(api)
    }

    pub fn token(&self) -> Result<&str> {
        self.token.as_deref().context("not logged in")
    }

    pub async fn get(&mut self, path: &str) -> Result<Value> {
        self.call("GET", path, "").await
    }

    pub async fn post(&mut self, path: &str, body: &Value) -> Result<Value> {
        self.call("POST", path, &body.to_string()).await
    }

    async fn call(&mut self, method: &str, path: &str, body: &str) -> Result<Value> {
        let token = self.token.as_ref().map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: bench\r\n{token}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        let answer = self.wire.ask(request.as_bytes()).await.with_context(|| format!("{method} {path}"))?;
        if !(200..300).contains(&answer.status) {
            bail!("{method} {path} answered {}: {}", answer.status, String::from_utf8_lossy(answer.body));
        }
        serde_json::from_slice(answer.body)
            .with_context(|| format!("{method} {path} answered something else than JSON"))
    }
}

/// The id of something just made, whether or not the answer wraps it in `data`.
pub fn id_of(answer: &Value) -> Result<String> {
    let id = answer["id"].as_str().or(answer["data"]["id"].as_str());
    Ok(id.with_context(|| format!("no id in {answer}"))?.to_owned())
}
