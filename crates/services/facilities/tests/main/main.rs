//! What people do on document 004's own surface, through HTTP, on both engines.
mod dashboard;
mod linking;
mod logging_in;
mod profile;
mod proving;
mod registering;
mod secrecy;
mod staff;
mod strict;
mod summary;

use serde_json::{Value, json};
use testkit::{Client, TestApp};

pub const PASSWORD: &str = "SecurePassword123";
/// As UIDAI would issue them.
pub const NUMBERS: [&str; 5] = ["234123412346", "999999990019", "555555555551", "200000000009", "987654321096"];

/// The body that document 004 prints, for this number and address.
pub fn rajesh(number: &str, email: &str) -> Value {
    json!({
        "aadhar_number": number,
        "full_name": "Rajesh Kumar",
        "date_of_birth": "1990-05-15",
        "gender": "male",
        "phone": "+91-9876543210",
        "email": email,
        "password": PASSWORD,
    })
}

/// The members of the second object take the place of those of the first.
pub fn with(mut object: Value, more: Value) -> Value {
    let Value::Object(members) = more else { panic!("{more} is no object") };
    object.as_object_mut().expect("an object").extend(members);
    object
}

/// A patient who registered with this number, and the signed-in account.
pub async fn registered(t: &TestApp, number: &str, email: &str) -> (Value, Client) {
    let answer = t.client().post("/api/v1/patient/register", rajesh(number, email)).await.expect(201);
    (answer, t.client().login(email, PASSWORD).await)
}

/// A patient who registered without a number, signed in.
pub async fn without_number(t: &TestApp, email: &str) -> Client {
    let body = json!({"user_type": "patient", "full_name": "Lata Joshi", "date_of_birth": "1970-04-12", "email": email,
        "password": PASSWORD});
    t.client().post("/api/v1/auth/register", body).await.expect(201);
    t.client().login(email, PASSWORD).await
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

/// How often this was done, as the audit chain has it.
pub async fn done(t: &TestApp, action: &str) -> usize {
    audit(t).await.iter().filter(|entry| entry.action == action && entry.allowed).count()
}

pub fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}
