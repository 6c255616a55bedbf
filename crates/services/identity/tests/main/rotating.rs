//! New signing keys, under which nobody is logged out.
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use kernel::App;
use serde_json::{Value, json};
use testkit::{TestApp, both};
use vault::Vault;

use crate::{log_in, responder, text, with_token};

/// Adds a key as another process does, which this one is not told of.
async fn add_key(app: &App, others_until: chrono::DateTime<chrono::Utc>) -> String {
    let mut tx = app.db().begin().await.expect("a transaction");
    let added = app.edge::<Vault>().add_signing_key(&mut tx, others_until, app.clock().now()).await;
    tx.commit().await.expect("it is durable");
    added.expect("a key")
}

async fn learn(t: &TestApp) {
    t.app.edge::<Vault>().learn_signing_keys(&t.app.db(), t.clock.now()).await.expect("the keys");
}

fn header(token: &Value) -> Value {
    let part = text(token).split('.').next().expect("a header");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64")).expect("JSON")
}

async fn published(t: &TestApp) -> Vec<Value> {
    let keys = t.client().get("/.well-known/jwks.json").await.expect(200)["keys"].clone();
    keys.as_array().expect("keys").iter().map(|key| key["kid"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_signs_and_the_one_before_it_counts_until_its_tokens_have_expired() {
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        let old = log_in(&t, "asha@example.org").await;
        let first = header(&old["access_token"])["kid"].clone();
        t.clock.advance(TimeDelta::minutes(1));
        let second = add_key(&t.app, t.clock.now() + vault::OVERLAP).await;
        learn(&t).await;
        let new = log_in(&t, "asha@example.org").await;
        assert_eq!(header(&new["access_token"])["kid"], second);
        assert_eq!(published(&t).await, [json!(second), first]);
        for pair in [&old, &new] {
            with_token(&t, pair).get("/auth/me").await.expect(200);
        }
        let ask = json!({"refresh_token": old["refresh_token"]});
        let renewed = t.client().post("/api/auth/refresh", ask).await.expect(200);
        assert_eq!(header(&renewed["access_token"])["kid"], second);
        t.clock.advance(vault::OVERLAP);
        learn(&t).await;
        assert_eq!(published(&t).await, [json!(second)]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_learns_of_a_new_key_by_the_first_token_that_it_signed() {
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        let session = log_in(&t, "asha@example.org").await;
        add_key(&t.app, t.clock.now() + vault::OVERLAP).await;
        let other = t.beside(|_| ()).await.app;
        let claims = text(&session["access_token"]).split('.').nth(1).expect("claims");
        let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
        let id = |member: &str| text(&claims[member]).parse().expect("an id");
        let now = t.clock.now().timestamp();
        let token = other.edge::<Vault>().tokens().sign(id("sub"), id("sid"), now, 1800).expect("a token");
        t.client().with_token(&token).get("/auth/me").await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_key_signs_nothing_more_that_counts() {
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        let pair = log_in(&t, "asha@example.org").await;
        with_token(&t, &pair).get("/auth/me").await.expect(200);
        add_key(&t.app, t.clock.now()).await;
        learn(&t).await;
        with_token(&t, &pair).get("/auth/me").await.expect(401);
        // The session lives on, under a token of the new key.
        let ask = json!({"refresh_token": pair["refresh_token"]});
        let renewed = t.client().post("/api/auth/refresh", ask).await.expect(200);
        with_token(&t, &renewed).get("/auth/me").await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_names_another_key_than_the_one_that_signed_it_is_refused() {
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        let old = log_in(&t, "asha@example.org").await;
        t.clock.advance(TimeDelta::minutes(1));
        add_key(&t.app, t.clock.now() + vault::OVERLAP).await;
        learn(&t).await;
        let new = log_in(&t, "asha@example.org").await;
        let parts = |pair: &Value| text(&pair["access_token"]).split('.').map(str::to_owned).collect::<Vec<_>>();
        let (old, new) = (parts(&old), parts(&new));
        let none = URL_SAFE_NO_PAD.encode(json!({"alg": "none", "kid": header(&json!(new[0]))["kid"]}).to_string());
        let shared = URL_SAFE_NO_PAD.encode(json!({"alg": "HS256", "kid": header(&json!(new[0]))["kid"]}).to_string());
        let nameless = URL_SAFE_NO_PAD.encode(json!({"alg": "EdDSA", "typ": "JWT"}).to_string());
        for (head, body, signature) in [
            (&new[0], &old[1], &old[2]),
            (&old[0], &new[1], &new[2]),
            (&none, &new[1], &String::new()),
            (&shared, &new[1], &new[2]),
            (&nameless, &new[1], &new[2]),
        ] {
            t.client().with_token(&format!("{head}.{body}.{signature}")).get("/auth/me").await.expect(401);
        }
    })
    .await;
}
