//! Who is not signed in gets nowhere, except where this file says so.
use nadi::http;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::both;

/// What anybody may ask.
const PUBLIC: &[&str] = &[
    "GET /",
    "GET /.well-known/jwks.json",
    "GET /api/v1/wearables/providers/{provider}/callback",
    "GET /api/v1/webhooks/fitbit",
    "GET /api/v2/health",
    "GET /health",
    "GET /metrics",
    "GET /ready",
    // Who it is comes with a later packet; nothing is told before.
    "GET /socket.io/",
    "POST /api/auth/login",
    "POST /api/auth/refresh",
    "POST /api/v1/auth/login",
    "POST /api/v1/auth/login/totp",
    "POST /api/v1/auth/password/forgot",
    "POST /api/v1/auth/password/reset",
    "POST /api/v1/auth/refresh",
    "POST /api/v1/auth/register",
    "POST /api/v1/patient/register",
    "POST /api/v1/webhooks/fitbit",
    "POST /api/v1/webhooks/google-health",
    "POST /api/v2/login",
    "POST /api/v2/refresh",
    "POST /auth/login",
    "POST /auth/login/totp",
    "POST /auth/verify-token",
    "POST /socket.io/",
];

/// Every documented operation: method, path, and what the document says of it.
pub fn operations() -> Vec<(Method, String, Value)> {
    let document = serde_json::to_value(http::document(nadi::services())).expect("a document");
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            if let Ok(method) = method.to_uppercase().parse::<Method>()
                && operation.is_object()
            {
                found.push((method, path.clone(), operation.clone()));
            }
        }
    }
    assert!(found.len() > 60, "only {} operations", found.len());
    found
}

/// Whether the document lets nobody in particular in.
fn is_public(operation: &Value) -> bool {
    let needed = operation["security"].as_array();
    needed.is_some_and(|ways| ways.is_empty() || ways.iter().any(|way| way.as_object().is_some_and(|w| w.is_empty())))
}

#[test]
fn nothing_is_public_but_what_is_listed_here() {
    let mut public: Vec<String> = operations()
        .iter()
        .filter(|(.., o)| is_public(o))
        .map(|(method, path, _)| format!("{method} {path}"))
        .collect();
    public.sort();
    let mut listed = PUBLIC.to_vec();
    listed.sort_unstable();
    assert_eq!(public, listed);
}

#[test]
fn the_document_asks_for_a_token_and_describes_every_answer() {
    let document = serde_json::to_value(http::document(nadi::services())).expect("a document");
    assert_eq!(document["security"], json!([{"bearer": []}]));
    assert_eq!(document["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
    for (method, path, operation) in operations() {
        for (status, answer) in operation["responses"].as_object().expect("responses") {
            // What all operations have in common is said once, and pointed to.
            let place = answer["$ref"].as_str().and_then(|place| place.strip_prefix('#'));
            let answer = place.map_or(answer, |place| document.pointer(place).expect("what is pointed to"));
            assert!(answer["description"].as_str().is_some_and(|d| !d.is_empty()), "{method} {path} {status}");
        }
        if !is_public(&operation) {
            assert!(operation["responses"]["401"].is_object(), "{method} {path} does not say that it needs a token");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_other_operation_answers_401_to_nobody() {
    both(|t| async move {
        let strangers = [t.client(), t.client().with_token("nonsense"), t.client().with_token("nadi_dk_0_nonsense")];
        for (method, path, operation) in operations().into_iter().filter(|(.., o)| !is_public(o)) {
            let mut at = path.clone();
            while let (Some(from), Some(to)) = (at.find('{'), at.find('}')) {
                at.replace_range(from..=to, "0191d3a0-0000-7000-8000-000000000000");
            }
            for stranger in &strangers {
                let mut request = stranger.request(method.clone(), &at);
                if operation["requestBody"].is_object() {
                    request = request.json(&json!({}));
                }
                let answer = request.send().await.expect("an answer");
                assert_eq!(answer.status().as_u16(), 401, "{method} {path}");
                let header = |name: &str| answer.headers().get(name).and_then(|v| v.to_str().ok());
                // The apps that speak to the gateway read plain errors.
                let is_plain = path.starts_with("/api/v2/");
                let kind = if is_plain { "application/json" } else { "application/problem+json" };
                assert_eq!(header("content-type"), Some(kind), "{method} {path}");
                assert_eq!(header("www-authenticate"), Some("Bearer"), "{method} {path}");
            }
        }
    })
    .await;
}

/// Every place that a document points to.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn the_document_points_to_nothing_that_is_not_in_it() {
    let document = serde_json::to_value(http::document(nadi::services())).expect("a document");
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 100, "only {} references", found.len());
    found.retain(|to| document.pointer(to.trim_start_matches('#')).is_none());
    assert!(found.is_empty(), "{found:?}");
}
