//! Somebody who uses the server over HTTP.
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

/// A caller, signed in or not.
#[derive(Clone)]
pub struct Client {
    base: String,
    http: reqwest::Client,
    pub token: Option<String>,
    headers: Vec<(String, String)>,
}

/// What the server answered.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: header::HeaderMap,
    pub text: String,
    what: String,
}

impl Client {
    pub fn new(base: &str) -> Self {
        Self { base: base.to_owned(), http: reqwest::Client::new(), token: None, headers: Vec::new() }
    }

    /// The same caller with this bearer token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The same caller with one more header.
    pub fn with_header(&self, name: &str, value: &str) -> Self {
        let mut next = self.clone();
        next.headers.push((name.to_owned(), value.to_owned()));
        next
    }

    /// Signs in and answers the signed-in caller.
    pub async fn login(&self, email: &str, password: &str) -> Self {
        let answer = self.post("/auth/login", json!({"email": email, "password": password})).await.expect(200);
        self.with_token(answer["access_token"].as_str().expect("a token"))
    }

    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        self.headers.iter().fold(request, |request, (name, value)| request.header(name, value))
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let what = format!("{method} {path}");
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(&body);
        }
        Answer::of(request.send().await.expect("the server answers"), what).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(body)).await
    }
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, Some(body)).await
    }
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    /// Sends a body exactly as given.
    pub async fn post_text(&self, path: &str, content_type: &str, body: impl Into<reqwest::Body>) -> Answer {
        let request = self.request(Method::POST, path).header(header::CONTENT_TYPE, content_type).body(body);
        Answer::of(request.send().await.expect("the server answers"), format!("POST {path}")).await
    }
}

impl Answer {
    async fn of(response: reqwest::Response, what: String) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        Self { status, headers, text: response.text().await.expect("a body"), what }
    }

    /// The body as JSON; `null` when there is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// The body, provided that the status is this one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{} answered {}", self.what, self.text);
        self.json()
    }

    /// Problem details with this status, about this member.
    #[track_caller]
    pub fn expect_about(self, status: u16, member: &str) -> Value {
        let kind = self.headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        let problem = self.expect(status);
        assert_eq!(kind, "application/problem+json", "{problem}");
        let named = problem["errors"].as_array().is_some_and(|all| all.iter().any(|e| e["member"] == member));
        assert!(named, "no error about {member}: {problem}");
        problem
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The path and query of the `Link` to the next page.
    pub fn next(&self) -> Option<String> {
        let link = self.header("link")?;
        Some(link.split_once('<')?.1.split_once('>')?.0.to_owned())
    }
}
