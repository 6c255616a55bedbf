//! What people and programs see when they sign in, through HTTP, on both engines.
mod accounts;
mod device_keys;
mod logging_in;
mod managing;
mod refreshing;
mod sessions;
mod throttling;
mod tokens;

use serde_json::{Value, json};
use testkit::{Client, TestApp};

pub const PASSWORD: &str = "correct horse battery";

/// An administrator makes an account that stands for nobody, or for the one in `reference`.
pub async fn account(admin: &Client, email: &str, user_type: &str, reference: &Value) -> Value {
    let body = json!({"email": email, "password": PASSWORD, "user_type": user_type, "reference_id": reference});
    admin.post("/users/create", body).await.expect(201)
}

/// A responder, who stands for nobody: the simplest account.
pub async fn responder(t: &TestApp, email: &str) -> Value {
    account(&t.admin().await, email, "responder", &Value::Null).await
}

/// Logs in and answers the whole answer, tokens and all.
pub async fn log_in(t: &TestApp, name: &str) -> Value {
    t.client().post("/auth/login", json!({"identifier": name, "password": PASSWORD})).await.expect(200)
}

/// A client with the access token of this answer.
pub fn with_token(t: &TestApp, logged_in: &Value) -> Client {
    t.client().with_token(text(&logged_in["access_token"]))
}

/// Every entry on the audit chain.
pub async fn audit(t: &TestApp) -> Vec<access::Record> {
    let mut all: Vec<access::Record> = Vec::new();
    loop {
        let after = all.last().map_or(0, |last| last.seq);
        let page = access::list(&mut t.app.db(), after).await.expect("entries");
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

pub fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}
