//! The second factor.
use chrono::TimeDelta;
use serde_json::{Value, json};
use testkit::{Client, TestApp, both};

use crate::{PASSWORD, audit, log_in, responder, text, with_token};

/// An authenticator app.
struct App {
    secret: Vec<u8>,
}

impl App {
    fn new(secret: &str) -> Self {
        let (mut bytes, mut held, mut bits) = (Vec::new(), 0u32, 0);
        for letter in secret.bytes() {
            let value = if letter.is_ascii_digit() { letter - b'2' + 26 } else { letter - b'A' };
            (held, bits) = ((held << 5) | u32::from(value), bits + 5);
            if bits >= 8 {
                bits -= 8;
                bytes.push((held >> bits) as u8);
                held &= (1 << bits) - 1;
            }
        }
        Self { secret: bytes }
    }

    fn code(&self, t: &TestApp) -> String {
        vault::hotp(&self.secret, t.clock.now().timestamp() as u64 / 30)
    }
}

/// An account with a second factor: its session, its app, its recovery codes.
async fn asha(t: &TestApp) -> (Client, App, Vec<Value>) {
    responder(t, "asha@example.org").await;
    let client = with_token(t, &log_in(t, "asha@example.org").await);
    let enrolled = client.post("/api/v1/auth/totp", json!({"password": PASSWORD})).await.expect(201);
    let app = App::new(text(&enrolled["secret"]));
    let confirmed = client.post("/api/v1/auth/totp/confirm", json!({"code": app.code(t)})).await.expect(200);
    let codes = confirmed["recovery_codes"].as_array().expect("codes").clone();
    // The code that confirmed is used up.
    t.clock.advance(TimeDelta::seconds(30));
    (client, app, codes)
}

/// The first step of a login, which is answered with a challenge.
async fn challenge(t: &TestApp) -> String {
    let ask = json!({"email": "asha@example.org", "password": PASSWORD});
    let problem = t.client().post("/auth/login", ask).await.expect(401);
    assert_eq!((&problem["mfa_required"], &problem["expires_in"]), (&json!(true), &json!(300)));
    assert!(problem.get("access_token").is_none());
    text(&problem["challenge"]).to_owned()
}

async fn second(t: &TestApp, challenge: &str, code: &str) -> testkit::Answer {
    t.client().post("/auth/login/totp", json!({"challenge": challenge, "code": code})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_takes_the_password_and_then_a_code() {
    both(|t| async move {
        let (client, app, codes) = asha(&t).await;
        assert_eq!(codes.len(), 10);
        let shown = client.get("/api/v1/auth/totp").await.expect(200);
        assert_eq!(shown, json!({"enabled": true, "recovery_codes_left": 10}));
        let challenge = challenge(&t).await;
        // A challenge opens nothing by itself.
        t.client().with_token(&challenge).get("/auth/me").await.expect(401);
        second(&t, &challenge, "000000").await.expect(401);
        let code = app.code(&t);
        let answer = second(&t, &challenge, &code).await.expect(200);
        let me = with_token(&t, &answer).get("/api/auth/me").await.expect(200);
        assert_eq!(me["email"], "asha@example.org");
        // Neither the challenge nor the code counts again.
        second(&t, &challenge, &code).await.expect(401);
        let next = self::challenge(&t).await;
        second(&t, &next, &code).await.expect(401);
        t.clock.advance(TimeDelta::seconds(30));
        let ask = json!({"challenge": next, "code": app.code(&t)});
        t.client().post("/api/v1/auth/login/totp", ask).await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_is_brought_twice_at_once_signs_in_once() {
    both(|t| async move {
        let (_client, app, _codes) = asha(&t).await;
        let challenges = [challenge(&t).await, challenge(&t).await, challenge(&t).await];
        let code = app.code(&t);
        let tries = challenges.iter().map(|challenge| second(&t, challenge, &code));
        let answers = futures::future::join_all(tries).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{answers:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_code_stands_in_for_the_app_once() {
    both(|t| async move {
        let (client, app, codes) = asha(&t).await;
        let recover = |challenge: String, code: &str| json!({"challenge": challenge, "recovery_code": code});
        let lost = text(&codes[3]).to_uppercase().replace('-', " ");
        let ask = recover(challenge(&t).await, &lost);
        t.client().post("/auth/login/totp", ask).await.expect(200);
        let again = recover(challenge(&t).await, &lost);
        t.client().post("/auth/login/totp", again).await.expect(401);
        assert_eq!(client.get("/api/v1/auth/totp").await.expect(200)["recovery_codes_left"], 9);
        // New ones void the old.
        let proof = json!({"password": PASSWORD, "code": app.code(&t)});
        let renewed = client.post("/api/v1/auth/totp/recovery-codes", proof).await.expect(200);
        let old = recover(challenge(&t).await, text(&codes[4]));
        t.client().post("/auth/login/totp", old).await.expect(401);
        let new = recover(challenge(&t).await, text(&renewed["recovery_codes"][0]));
        t.client().post("/auth/login/totp", new).await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_ends_after_five_minutes_five_tries_or_a_new_password() {
    both(|t| async move {
        let (client, app, _codes) = asha(&t).await;
        let late = challenge(&t).await;
        t.clock.advance(TimeDelta::minutes(5));
        second(&t, &late, &app.code(&t)).await.expect(401);
        let tried = challenge(&t).await;
        for minute in 0..5 {
            // Slowly enough for the limit on guesses.
            t.clock.advance(TimeDelta::seconds(if minute == 0 { 60 } else { 12 }));
            second(&t, &tried, "000000").await.expect(401);
        }
        t.clock.advance(TimeDelta::seconds(60));
        second(&t, &tried, &app.code(&t)).await.expect(401);
        let void = challenge(&t).await;
        let change = json!({"current_password": PASSWORD, "new_password": "staple battery horse"});
        client.put("/api/v1/auth/password", change).await.expect(200);
        second(&t, &void, &app.code(&t)).await.expect(401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_cannot_be_guessed_under_ever_new_challenges() {
    both(|t| async move {
        let (_client, app, _codes) = asha(&t).await;
        let mut refused = 0;
        for _ in 0..12 {
            let challenge = challenge(&t).await;
            refused += u32::from(second(&t, &challenge, "000000").await.status == 429);
        }
        assert_eq!(refused, 7);
        let challenge = challenge(&t).await;
        second(&t, &challenge, &app.code(&t)).await.expect(429);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn setting_it_up_takes_the_password_and_turning_it_off_a_code_as_well() {
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        let client = with_token(&t, &log_in(&t, "asha@example.org").await);
        client.post("/api/v1/auth/totp", json!({"password": "wrong"})).await.expect_about(422, "password");
        client.post("/api/v1/auth/totp/confirm", json!({"code": "123456"})).await.expect(409);
        let enrolled = client.post("/api/v1/auth/totp", json!({"password": PASSWORD})).await.expect(201);
        let url = text(&enrolled["otpauth_url"]);
        assert!(url.starts_with("otpauth://totp/Nadi:asha%40example.org?secret=") && url.contains("issuer=Nadi"));
        client.post("/api/v1/auth/totp/confirm", json!({"code": "12345"})).await.expect_about(422, "code");
        // What was not confirmed asks for nothing.
        log_in(&t, "asha@example.org").await;
        let enrolled = client.post("/api/v1/auth/totp", json!({"password": PASSWORD})).await.expect(201);
        let app = App::new(text(&enrolled["secret"]));
        client.post("/api/v1/auth/totp/confirm", json!({"code": app.code(&t)})).await.expect(200);
        client.post("/api/v1/auth/totp", json!({"password": PASSWORD})).await.expect(409);
        t.clock.advance(TimeDelta::seconds(30));
        let disable = "/api/v1/auth/totp/disable";
        client.post(disable, json!({"password": PASSWORD})).await.expect_about(422, "code");
        client.post(disable, json!({"password": "wrong", "code": app.code(&t)})).await.expect_about(422, "password");
        client.post(disable, json!({"password": PASSWORD, "code": "000000"})).await.expect_about(422, "code");
        client.post(disable, json!({"password": PASSWORD, "code": app.code(&t)})).await.expect(204);
        log_in(&t, "asha@example.org").await;
        assert_eq!(client.get("/api/v1/auth/totp").await.expect(200)["enabled"], false);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_takes_it_away_from_who_lost_everything() {
    both(|t| async move {
        let (client, ..) = asha(&t).await;
        let id = client.get("/api/auth/me").await.expect(200)["id"].clone();
        let path = format!("/users/{}/totp", text(&id));
        client.delete(&path).await.expect(403);
        t.admin().await.delete(&path).await.expect(204);
        t.admin().await.delete(&path).await.expect(404);
        log_in(&t, "asha@example.org").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_secrets_nor_codes_stand_on_the_audit_chain() {
    both(|t| async move {
        let (_client, app, codes) = asha(&t).await;
        let challenge = challenge(&t).await;
        second(&t, &challenge, "314159").await.expect(401);
        second(&t, &challenge, &app.code(&t)).await.expect(200);
        let written = serde_json::to_string(&audit(&t).await).unwrap();
        assert!(written.contains("wrong second factor") && written.contains("second_factor.enable"));
        for secret in ["314159", text(&codes[0]), &challenge, "asha@"] {
            assert!(!written.contains(secret), "{secret} is on the chain");
        }
    })
    .await;
}
