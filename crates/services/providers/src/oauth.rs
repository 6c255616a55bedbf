//! OAuth with a provider: where the patient goes to allow it, and tokens made, renewed and given back.
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::{Error, Result};
use reqwest::{RequestBuilder, StatusCode, header};
use serde::Deserialize;
use serde_json::Value;

use crate::client::Client;
use crate::provider::{Application, Provider};
use crate::trouble::Trouble;

/// What is asked for, and no more: to read what is measured.
const FITBIT_SCOPES: &str = "activity heartrate sleep weight oxygen_saturation nutrition profile";
const GOOGLE_SCOPES: &str = "https://www.googleapis.com/auth/googlehealth.activity_and_fitness.readonly \
     https://www.googleapis.com/auth/googlehealth.health_metrics_and_measurements.readonly \
     https://www.googleapis.com/auth/googlehealth.sleep.readonly";

/// Tokens as a provider answers them.
#[derive(Deserialize)]
pub struct Granted {
    pub access_token: String,
    /// Absent where the one before stays good.
    pub refresh_token: Option<String>,
    /// Seconds.
    #[serde(default = "an_hour")]
    pub expires_in: i64,
    /// Who allowed it, where the provider says so.
    pub user_id: Option<String>,
}

fn an_hour() -> i64 {
    3600
}

/// Where the patient's browser goes to allow the fetching.
pub fn authorization_url(provider: Provider, known: &Application, state: &str, verifier: &str) -> Result<String> {
    let challenge = URL_SAFE_NO_PAD.encode(vault::sha256(verifier.as_bytes()));
    let mut query = vec![
        ("response_type", "code"),
        ("client_id", &known.client_id),
        ("redirect_uri", &known.redirect_url),
        ("state", state),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    match provider {
        Provider::Fitbit => query.push(("scope", FITBIT_SCOPES)),
        // Without these Google gives no token that outlives the hour.
        Provider::GoogleHealth => {
            query.extend([("scope", GOOGLE_SCOPES), ("access_type", "offline"), ("prompt", "consent")]);
        }
    }
    let query = serde_urlencoded::to_string(query).map_err(Error::internal)?;
    let mark = if known.authorize_url.contains('?') { '&' } else { '?' };
    Ok(format!("{}{mark}{query}", known.authorize_url))
}

/// Tokens for the code that the patient brought back.
pub async fn exchange(
    client: &Client,
    provider: Provider,
    known: &Application,
    (code, verifier): (&str, &str),
) -> Result<Granted, Trouble> {
    let said = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("code_verifier", verifier),
        ("redirect_uri", &known.redirect_url),
    ];
    tokens(to(client, provider, known, &known.token_url, &said)?).await
}

/// New tokens. A provider may take the refresh token once only, so it is asked once.
pub async fn renew(
    client: &Client,
    provider: Provider,
    known: &Application,
    refresh_token: &str,
) -> Result<Granted, Trouble> {
    let said = [("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
    tokens(to(client, provider, known, &known.token_url, &said)?).await
}

/// Gives a token back: it opens nothing any more, nor does what was made with it.
pub async fn revoke(client: &Client, provider: Provider, known: &Application, token: &str) -> Result<(), Trouble> {
    let question = to(client, provider, known, &known.revoke_url, &[("token", token)])?;
    match question.send().await.map(|answer| answer.status()) {
        Ok(status) if !status.is_server_error() && status != StatusCode::TOO_MANY_REQUESTS => Ok(()),
        _ => Err(Trouble::later("the provider does not answer")),
    }
}

/// A form sent by this application, which says who it is as the provider wants it said.
fn to(
    client: &Client,
    provider: Provider,
    known: &Application,
    url: &str,
    said: &[(&str, &str)],
) -> Result<RequestBuilder, Trouble> {
    let (id, secret) = (known.client_id.as_str(), known.client_secret.as_str());
    let mut said = said.to_vec();
    let question = client.http().post(url);
    let question = match provider {
        Provider::Fitbit => {
            said.push(("client_id", id));
            question.basic_auth(id, Some(secret))
        }
        Provider::GoogleHealth => {
            said.extend([("client_id", id), ("client_secret", secret)]);
            question
        }
    };
    let body = serde_urlencoded::to_string(said).map_err(Error::internal)?;
    Ok(question.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(body))
}

/// Longer than any answer with tokens.
const LARGEST: usize = 64 * 1024;

async fn tokens(question: RequestBuilder) -> Result<Granted, Trouble> {
    let mut answer = question.send().await.map_err(|_| Trouble::later("the provider cannot be reached"))?;
    let status = answer.status();
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        return Err(Trouble::later("the provider gives no tokens at this moment"));
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|_| Trouble::later("the provider's answer broke off"))? {
        body.extend_from_slice(&chunk);
        if body.len() > LARGEST {
            return Err(Trouble::Refused { why: "the provider's answer is too large" });
        }
    }
    if status.is_success() {
        let odd = |_| Trouble::Refused { why: "the provider's answer has no tokens" };
        return serde_json::from_slice(&body).map_err(odd);
    }
    let said: Value = serde_json::from_slice(&body).unwrap_or_default();
    let named = |error: &Value| error == "invalid_grant" || error["errorType"] == "invalid_grant";
    match named(&said["error"]) || said["errors"].as_array().is_some_and(|errors| errors.iter().any(named)) {
        true => Err(Trouble::Ended { why: "the access is not given any more" }),
        // A mistake in the settings is mended, and must not cost everybody their connection.
        false => Err(Trouble::later("the provider does not know this application")),
    }
}
