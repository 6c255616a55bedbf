//! Access tokens: which are good, and which are not.
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use serde_json::{Value, json};
use testkit::{TestApp, both};

use crate::{log_in, responder, text, with_token};

/// A token must be refused wherever it is shown.
async fn is_refused(t: &TestApp, token: &str) {
    let verified = t.client().post("/auth/verify-token", json!({"token": token})).await.expect(200);
    assert_eq!(verified, json!({"valid": false, "payload": null}));
    let client = t.client().with_token(token);
    client.get("/auth/me").await.expect(401);
    client.get("/auth/session/validate").await.expect(401);
    client.post("/auth/session/validate", json!({})).await.expect(401);
}

fn claims(token: &str) -> Value {
    let body = token.split('.').nth(1).expect("a token has three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).expect("base64")).expect("JSON")
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_token_says_whose_it_is() {
    both(|t| async move {
        let user = responder(&t, "asha@example.org").await;
        let pair = log_in(&t, "asha@example.org").await;
        let ask = json!({"token": pair["access_token"]});
        let verified = t.client().post("/auth/verify-token", ask).await.expect(200);
        assert_eq!(verified["valid"], true);
        let payload = &verified["payload"];
        assert_eq!((&payload["user_id"], &payload["email"]), (&user["id"], &json!("asha@example.org")));
        assert_eq!((&payload["user_type"], &payload["roles"]), (&json!("responder"), &json!(["responder"])));
        assert!(payload["metadata"].is_object());
        let client = with_token(&t, &pair);
        let validated = client.get("/auth/session/validate").await.expect(200);
        assert_eq!((&validated["valid"], &validated["user_id"]), (&json!(true), &user["id"]));
        assert_eq!(validated["session_id"], payload["metadata"]["session_id"]);
        assert_eq!(client.post("/auth/session/validate", json!({})).await.expect(200), validated);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_expires_after_half_an_hour() {
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        let pair = log_in(&t, "asha@example.org").await;
        t.clock.advance(TimeDelta::minutes(29));
        with_token(&t, &pair).get("/auth/me").await.expect(200);
        t.clock.advance(TimeDelta::minutes(1));
        is_refused(&t, text(&pair["access_token"])).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_dies_with_its_session() {
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        let pair = log_in(&t, "asha@example.org").await;
        with_token(&t, &pair).post("/auth/logout", json!({})).await.expect(200);
        is_refused(&t, text(&pair["access_token"])).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_token_is_refused() {
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        let pair = log_in(&t, "asha@example.org").await;
        let token = text(&pair["access_token"]);
        let parts: Vec<&str> = token.split('.').collect();
        let mut longer = claims(token);
        longer["exp"] = json!(longer["exp"].as_i64().unwrap() + 86_400);
        let unsigned = part(&json!({"alg": "none", "typ": "JWT"}));
        for forged in [
            // Claims changed, signature kept.
            format!("{}.{}.{}", parts[0], part(&longer), parts[2]),
            // No signature at all.
            format!("{unsigned}.{}.", parts[1]),
            format!("{unsigned}.{}.{}", parts[1], parts[2]),
            format!("{}.{}.", parts[0], parts[1]),
            // A header that asks for the published key to be used as a shared secret.
            format!("{}.{}.{}", part(&json!({"alg": "HS256", "typ": "JWT"})), parts[1], parts[2]),
            "not a token".to_owned(),
            String::new(),
        ] {
            is_refused(&t, &forged).await;
        }
        is_refused(&t, &signed_with_another_key(&claims(token))).await;
        with_token(&t, &pair).get("/auth/me").await.expect(200);
    })
    .await;
}

fn signed_with_another_key(claims: &Value) -> String {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let (secrets, _) = vault::Secrets::in_directory(directory.path()).expect("new keys");
    let vault = vault::Vault::open(&secrets).expect("a vault");
    let id = |member: &str| text(&claims[member]).parse().expect("an id");
    let issued = claims["iat"].as_i64().expect("a time");
    vault.tokens().sign(id("sub"), id("sid"), issued, 1800).expect("a signature")
}
