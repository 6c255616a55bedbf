//! A provider that is played: it gives tokens and data, takes note of what it is asked, fails and dawdles as it is told.
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Json, Router};
use serde_json::{Value, json};
use testkit::Settings;
use tokio::net::TcpListener;

pub const SECRET: &str = "123ab4567c890d123e4567f8abcdef9a";
pub const CODE: &str = "the-verification-code";
pub const AUTHORIZATION: &str = "Bearer agreed-on";

/// A running provider. Cheap to clone.
#[derive(Clone)]
pub struct Maker {
    pub base: String,
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    asked: Vec<String>,
    /// What is at a path.
    data: HashMap<String, Value>,
    /// Owners by their access tokens, and by the one refresh token that each has.
    access: HashMap<String, String>,
    refresh: HashMap<String, String>,
    given: usize,
    revoked: Vec<String>,
    failing: Option<Failing>,
    slow: Duration,
}

/// What it answers in place of data, and to whom.
#[derive(Clone)]
struct Failing {
    status: u16,
    retry_after: Option<u32>,
    owner: Option<String>,
}

impl Maker {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let maker = Self { base, inner: Arc::default() };
        let router = Router::new().fallback(answer).with_state(maker.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        maker.put("/1/user/-/profile.json", json!({"user": {"timezone": "Asia/Kolkata"}}));
        maker
    }

    pub fn configure(&self, settings: &mut Settings) {
        let base = || self.base.clone();
        settings.fitbit_client_id = Some("23ABCD".to_owned());
        settings.fitbit_client_secret = Some(SECRET.into());
        settings.fitbit_redirect_url = Some("http://127.0.0.1/back".to_owned());
        settings.fitbit_verification_code = Some(CODE.into());
        (settings.fitbit_api_url, settings.fitbit_authorize_url) = (base(), format!("{}/allow", self.base));
        settings.google_health_client_id = Some("google-id".to_owned());
        settings.google_health_client_secret = Some("google-secret".into());
        settings.google_health_redirect_url = Some("https://nadi.example.org/back".to_owned());
        settings.google_health_authorization = Some(AUTHORIZATION.into());
        settings.google_health_keyset_url = format!("{}/keyset", self.base);
        settings.google_health_authorize_url = format!("{}/allow", self.base);
        (settings.google_health_oauth_url, settings.google_health_api_url) = (base(), base());
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("nobody panicked")
    }

    /// Puts data at a path, without its query.
    pub fn put(&self, path: &str, data: Value) {
        self.inner().data.insert(path.to_owned(), data);
    }

    /// Steps of a day, each at its time of the account's clock.
    pub fn put_steps(&self, day: &str, steps: &[(&str, i64)]) {
        let set: Vec<_> = steps.iter().map(|(time, value)| json!({"time": time, "value": value})).collect();
        let path = format!("/1/user/-/activities/steps/date/{day}/1d/1min.json");
        self.put(&path, json!({"activities-steps-intraday": {"dataset": set}}));
    }

    /// Answers so in place of data, from now on.
    pub fn fail(&self, status: u16, retry_after: Option<u32>) {
        self.inner().failing = Some(Failing { status, retry_after, owner: None });
    }

    /// Answers so to one owner in place of data, from now on.
    pub fn fail_for(&self, owner: &str, status: u16) {
        self.inner().failing = Some(Failing { status, retry_after: None, owner: Some(owner.to_owned()) });
    }

    pub fn recover(&self) {
        self.inner().failing = None;
    }

    /// Takes so long with each answer, from now on.
    pub fn dawdle(&self, each: Duration) {
        self.inner().slow = each;
    }

    /// Forgets every token, as when the owner takes the access back.
    pub fn forget_tokens(&self) {
        let mut inner = self.inner();
        inner.access.clear();
        inner.refresh.clear();
    }

    /// Lets every access token end, and leaves the refresh tokens.
    pub fn expire_tokens(&self) {
        self.inner().access.clear();
    }

    /// What was asked so far, as `GET /path`.
    pub fn asked(&self) -> Vec<String> {
        self.inner().asked.clone()
    }

    /// How often something was asked whose method and path begin so.
    pub fn count(&self, beginning: &str) -> usize {
        self.asked().iter().filter(|asked| asked.starts_with(beginning)).count()
    }

    pub fn revoked(&self) -> Vec<String> {
        self.inner().revoked.clone()
    }

    fn tokens(&self, form: &HashMap<String, String>) -> Response {
        let mut inner = self.inner();
        let owner = match form.get("grant_type").map(String::as_str) {
            // The code says who allowed it, and is good with the verifier alone.
            Some("authorization_code") if form.get("code_verifier").is_some_and(|v| v.len() >= 43) => {
                form.get("code").filter(|code| *code != "bad").cloned()
            }
            Some("refresh_token") => form.get("refresh_token").and_then(|token| inner.refresh.remove(token)),
            _ => None,
        };
        let Some(owner) = owner else {
            let said = json!({"success": false, "errors": [{"errorType": "invalid_grant"}]});
            return (StatusCode::BAD_REQUEST, Json(said)).into_response();
        };
        inner.given += 1;
        let (access, refresh) = (format!("access-{}", inner.given), format!("refresh-{}", inner.given));
        inner.access.insert(access.clone(), owner.clone());
        inner.refresh.insert(refresh.clone(), owner.clone());
        let given = json!({"access_token": access, "refresh_token": refresh, "expires_in": 28_800, "user_id": owner});
        Json(given).into_response()
    }

    fn data(&self, path: &str, token: &str) -> Response {
        let inner = self.inner();
        let Some(owner) = inner.access.get(token) else { return StatusCode::UNAUTHORIZED.into_response() };
        if let Some(failing) = &inner.failing
            && failing.owner.as_ref().is_none_or(|of| of == owner)
        {
            let mut answer = StatusCode::from_u16(failing.status).expect("a status").into_response();
            answer.headers_mut().extend(failing.retry_after.map(|seconds| (header::RETRY_AFTER, seconds.into())));
            return answer;
        }
        match path {
            "/v4/users/me/identity" => Json(json!({"healthUserId": owner})).into_response(),
            path => Json(inner.data.get(path).cloned().unwrap_or_else(|| json!({}))).into_response(),
        }
    }
}

async fn answer(State(maker): State<Maker>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let path = uri.path().to_owned();
    let slow = {
        let mut inner = maker.inner();
        inner.asked.push(format!("{method} {uri}"));
        inner.slow
    };
    let form = || reqwest::Url::parse(&format!("x:?{}", String::from_utf8_lossy(&body))).expect("a form");
    let form: HashMap<String, String> = form().query_pairs().into_owned().collect();
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let bearer = bearer.strip_prefix("Bearer ").unwrap_or_default();
    // What it does is done when it is asked, and told when it has dawdled.
    let answer = match (method.as_str(), path.as_str()) {
        ("POST", "/oauth2/token" | "/token") => maker.tokens(&form),
        ("POST", "/oauth2/revoke" | "/revoke") => {
            maker.inner().revoked.extend(form.get("token").cloned());
            StatusCode::OK.into_response()
        }
        ("GET", "/keyset") => Json(maker.inner().data.get("/keyset").cloned().unwrap_or_default()).into_response(),
        ("GET", path) => maker.data(path, bearer),
        ("POST", _) => StatusCode::CREATED.into_response(),
        _ => StatusCode::NO_CONTENT.into_response(),
    };
    tokio::time::sleep(slow).await;
    answer
}
