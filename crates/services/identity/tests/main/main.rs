//! What people and programs see when they sign in, through HTTP, on both engines.
mod accounts;
mod device_keys;
mod logging_in;
mod managing;
mod older_systems;
mod refreshing;
mod resetting;
mod rotating;
mod second_factor;
mod service_accounts;
mod sessions;
mod throttling;
mod tokens;
mod verifying;

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

/// The newest message in the outbox that is for this address, waited for when it is not there yet.
pub async fn message_to(t: &TestApp, to: &str) -> String {
    for _ in 0..500 {
        if let Some(message) = messages_to(t, to).pop() {
            return message;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("no message to {to}");
}

/// The messages in the outbox that are for this address, oldest first.
pub fn messages_to(t: &TestApp, to: &str) -> Vec<String> {
    let files = std::fs::read_dir(t.settings.data.join("outbox")).into_iter().flatten().flatten();
    let mut paths: Vec<_> = files.map(|file| file.path()).filter(|path| path.extension().is_some()).collect();
    paths.retain(|path| !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')));
    paths.sort();
    let texts = paths.iter().filter_map(|path| std::fs::read_to_string(path).ok());
    texts.filter(|text| text.starts_with(&format!("To: {to}\n"))).collect()
}

/// The six digits in a message.
pub fn code_in(message: &str) -> String {
    let mut words = message.split(|c: char| !c.is_ascii_digit());
    words.rfind(|word| word.len() == 6).expect("a code").to_owned()
}

pub fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}
