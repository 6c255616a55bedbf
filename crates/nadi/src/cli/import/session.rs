//! Signed in to the server, and again when the token has run out.
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::sync::Mutex;

/// A client with a token that is renewed where a name and a password are known.
pub struct Session {
    pub http: Client,
    base: String,
    login: Option<(String, String)>,
    token: Mutex<String>,
}

impl Session {
    /// With a token that somebody else got. Refuses one that is not good.
    pub async fn with_token(base: &str, token: &str) -> Result<Self> {
        let session = Self::new(base, None, token.to_owned())?;
        let asked = session.http.get(format!("{base}/auth/me")).bearer_auth(token).send().await;
        let answer = asked.with_context(|| format!("{base} does not answer"))?;
        match answer.status() {
            StatusCode::UNAUTHORIZED => bail!("the token is not valid or has expired"),
            status if status.is_success() => Ok(session),
            status => bail!("{base} answers {status}"),
        }
    }

    /// With a name and a password.
    pub async fn sign_in(base: &str, name: &str, password: String) -> Result<Self> {
        let session = Self::new(base, Some((name.to_owned(), password)), String::new())?;
        let token = session.login().await?;
        *session.token.lock().await = token;
        Ok(session)
    }

    fn new(base: &str, login: Option<(String, String)>, token: String) -> Result<Self> {
        let http = Client::builder().timeout(Duration::from_secs(60)).build()?;
        Ok(Self { http, base: base.to_owned(), login, token: Mutex::new(token) })
    }

    async fn login(&self) -> Result<String> {
        let Some((name, password)) = &self.login else { bail!("the token has expired: sign in again") };
        let (url, body) = (format!("{}/auth/login", self.base), json!({"identifier": name, "password": password}));
        let asked = self.http.post(url).json(&body).send().await;
        let answer = asked.with_context(|| format!("{} does not answer", self.base))?;
        let status = answer.status();
        let body: Value = answer.json().await.unwrap_or_default();
        match body["access_token"].as_str() {
            Some(token) if status.is_success() => Ok(token.to_owned()),
            _ => bail!("signing in as {name} answers {status}: {}", body["detail"].as_str().unwrap_or_default()),
        }
    }

    /// The token of now.
    pub async fn token(&self) -> String {
        self.token.lock().await.clone()
    }

    /// A token in place of this one, which was refused. Of several who find it refused, one signs in.
    pub async fn renew(&self, refused: &str) -> Result<()> {
        let mut token = self.token.lock().await;
        if *token == refused {
            *token = self.login().await?;
        }
        Ok(())
    }
}
