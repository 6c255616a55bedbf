//! What patients take along and what is erased, through HTTP, on both engines.
mod archive;
mod erasing;
mod exporting;
mod rotating;

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Client, TestApp};

pub fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// The patient's own account, with the e-mail address it signs in by.
pub async fn own(t: &TestApp, patient: &Value) -> (Client, String) {
    let email = format!("{}@people.example", kernel::ids::secret().simple());
    let body =
        json!({"email": email, "password": "a-good-password", "user_type": "patient", "reference_id": patient["id"]});
    t.admin().await.post("/users/create", body).await.expect(201);
    (t.client().login(&email, "a-good-password").await, email)
}

/// Asks until it is so.
pub async fn until(by: &Client, path: &str, so: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..1500 {
        let found = by.get(path).await.expect(200);
        if so(&found) {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("that did not happen: {}", by.get(path).await.text);
}

/// Asks for an export and waits until it is done; answers its path.
pub async fn exported(by: &Client, patient: &str) -> String {
    let asked = by.post(&format!("/api/v1/patients/{patient}/exports"), json!({})).await;
    let path = asked.header("location").expect("a location").to_owned();
    let asked = asked.expect(202);
    assert!(["queued", "running"].contains(&text(&asked["state"])), "{asked}");
    let done = until(by, &path, |export| !["queued", "running"].contains(&text(&export["state"]))).await;
    assert_eq!((&done["state"], &done["progress"]), (&json!("done"), &json!(100)), "{done}");
    path
}
