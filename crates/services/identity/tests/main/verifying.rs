//! Seeing whether an address is the account's.
use chrono::TimeDelta;
use serde_json::{Value, json};
use testkit::{Client, TestApp, both};

use crate::{PASSWORD, code_in, log_in, message_to, messages_to, responder, with_token};

async fn asha(t: &TestApp) -> Client {
    let names = json!({"email": "asha@example.org", "phone": "+91 98765 43210", "password": PASSWORD,
        "user_type": "responder"});
    t.admin().await.post("/users/create", names).await.expect(201);
    with_token(t, &log_in(t, "asha@example.org").await)
}

fn wrong(code: &str) -> Value {
    let other = if code.starts_with('0') { "1" } else { "0" };
    json!({"code": format!("{other}{}", &code[1..])})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_comes_back_proves_the_address() {
    both(|t| async move {
        let asha = asha(&t).await;
        for (channel, address) in [("email", "asha@example.org"), ("phone", "+919876543210")] {
            let (send, confirm) =
                (format!("/api/v1/auth/verify/{channel}"), format!("/api/v1/auth/verify/{channel}/confirm"));
            asha.post(&confirm, json!({"code": "123456"})).await.expect_about(422, "code");
            let sent = asha.post(&send, json!({})).await.expect(202);
            assert_eq!((&sent["sent_to"], &sent["expires_in"]), (&json!(address), &json!(600)));
            let code = code_in(&message_to(&t, address).await);
            asha.post(&confirm, wrong(&code)).await.expect_about(422, "code");
            let user = asha.post(&confirm, json!({"code": format!(" {code} ")})).await.expect(200);
            assert_eq!(user[format!("{channel}_verified")], true);
            asha.post(&confirm, json!({"code": code})).await.expect(409);
            asha.post(&send, json!({})).await.expect(409);
        }
        let me = asha.get("/api/auth/me").await.expect(200);
        assert_eq!((&me["email_verified"], &me["phone_verified"]), (&json!(true), &json!(true)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_good_for_ten_minutes_five_tries_and_one_account() {
    both(|t| async move {
        let asha = asha(&t).await;
        let (send, confirm) = ("/api/v1/auth/verify/email", "/api/v1/auth/verify/email/confirm");
        asha.post(send, json!({})).await.expect(202);
        let code = code_in(&message_to(&t, "asha@example.org").await);
        // Another account's code is nothing here.
        responder(&t, "ravi@example.org").await;
        let ravi = with_token(&t, &log_in(&t, "ravi@example.org").await);
        ravi.post(send, json!({})).await.expect(202);
        if code_in(&message_to(&t, "ravi@example.org").await) != code {
            ravi.post(confirm, json!({"code": code})).await.expect_about(422, "code");
        }
        for _ in 0..5 {
            asha.post(confirm, wrong(&code)).await.expect_about(422, "code");
        }
        asha.post(confirm, json!({"code": code})).await.expect_about(422, "code");
        // A new one, too late.
        t.clock.advance(TimeDelta::minutes(1));
        asha.post(send, json!({})).await.expect(202);
        let late = code_in(messages_to(&t, "asha@example.org").last().unwrap());
        t.clock.advance(TimeDelta::minutes(10));
        asha.post(confirm, json!({"code": late})).await.expect_about(422, "code");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_code_a_minute_and_five_an_hour_are_sent() {
    both(|t| async move {
        let asha = asha(&t).await;
        let send = || asha.post("/api/v1/auth/verify/phone", json!({}));
        send().await.expect(202);
        let answer = send().await;
        assert_eq!(answer.header("retry-after"), Some("60"));
        answer.expect(429);
        for _ in 0..4 {
            t.clock.advance(TimeDelta::minutes(1));
            send().await.expect(202);
        }
        t.clock.advance(TimeDelta::minutes(1));
        let answer = send().await;
        assert_eq!(answer.header("retry-after"), Some("3300"));
        answer.expect(429);
        assert_eq!(messages_to(&t, "+919876543210").len(), 5);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_not_there_is_said_to_be_so() {
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        let asha = with_token(&t, &log_in(&t, "asha@example.org").await);
        asha.post("/api/v1/auth/verify/phone", json!({})).await.expect(409);
        asha.post("/api/v1/auth/verify/pigeon", json!({})).await.expect(404);
    })
    .await;
}
