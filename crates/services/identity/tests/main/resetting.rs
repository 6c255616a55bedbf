//! A forgotten password.
use chrono::TimeDelta;
use serde_json::json;
use testkit::{TestApp, both};

use crate::{PASSWORD, audit, log_in, message_to, messages_to, responder, with_token};

const NEW: &str = "staple battery horse";

async fn forget(t: &TestApp, login: &str) -> serde_json::Value {
    t.client().post("/api/v1/auth/password/forgot", json!({"login": login})).await.expect(202)
}

fn token_in(message: &str) -> String {
    message.lines().find(|line| line.len() == 43 && !line.contains(' ')).expect("a token").to_owned()
}

fn reset(token: &str) -> serde_json::Value {
    json!({"token": token, "new_password": NEW})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_is_set_anew_once_and_every_session_ends() {
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        let session = with_token(&t, &log_in(&t, "asha@example.org").await);
        forget(&t, " ASHA@example.org").await;
        let message = message_to(&t, "asha@example.org").await;
        let token = token_in(&message);
        let path = "/api/v1/auth/password/reset";
        t.client().post(path, json!({"token": token, "new_password": "short"})).await.expect_about(422, "new_password");
        t.client().post(path, reset("a token that was never sent")).await.expect_about(422, "token");
        t.client().post(path, reset(&token)).await.expect(200);
        session.get("/auth/me").await.expect(401);
        let with = |password: &str| json!({"email": "asha@example.org", "password": password});
        t.client().post("/auth/login", with(PASSWORD)).await.expect(401);
        t.client().post("/auth/login", with(NEW)).await.expect(200);
        t.client().post(path, reset(&token)).await.expect_about(422, "token");
        // What was sent is in the message alone.
        let written = serde_json::to_string(&audit(&t).await).unwrap();
        assert!(written.contains("password.reset") && !written.contains(&token) && !written.contains("asha@"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_learns_whether_there_is_such_an_account() {
    both(|t| async move {
        let admin = t.admin().await;
        responder(&t, "asha@example.org").await;
        let closed = responder(&t, "closed@example.org").await;
        admin.post(&format!("/users/{}/disable", crate::text(&closed["id"])), json!({})).await.expect(200);
        let known = forget(&t, "asha@example.org").await;
        for login in ["nobody@example.org", "closed@example.org", "nobody", "+91 98765 43210"] {
            assert_eq!(forget(&t, login).await, known, "{login}");
        }
        message_to(&t, "asha@example.org").await;
        for login in ["nobody@example.org", "closed@example.org"] {
            assert!(messages_to(&t, login).is_empty(), "{login}");
        }
        t.client().post("/api/v1/auth/password/forgot", json!({"login": " "})).await.expect_about(422, "login");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_good_for_half_an_hour_and_until_the_password_changes() {
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        let path = "/api/v1/auth/password/reset";
        forget(&t, "asha@example.org").await;
        let late = token_in(&message_to(&t, "asha@example.org").await);
        t.clock.advance(TimeDelta::minutes(30));
        t.client().post(path, reset(&late)).await.expect_about(422, "token");
        forget(&t, "asha@example.org").await;
        let token = loop {
            let token = token_in(&message_to(&t, "asha@example.org").await);
            if token != late {
                break token;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        };
        let session = with_token(&t, &log_in(&t, "asha@example.org").await);
        let change = json!({"current_password": PASSWORD, "new_password": "another good horse"});
        session.put("/api/v1/auth/password", change).await.expect(200);
        t.client().post(path, reset(&token)).await.expect_about(422, "token");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_bring_one_token_at_once_set_one_password() {
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        forget(&t, "asha@example.org").await;
        let token = token_in(&message_to(&t, "asha@example.org").await);
        let tries = (0..4).map(|n| {
            let ask = json!({"token": token, "new_password": format!("battery horse {n}")});
            let client = t.client();
            async move { client.post("/api/v1/auth/password/reset", ask).await.status.as_u16() }
        });
        let mut statuses = futures::future::join_all(tries).await;
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 422, 422, 422]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_flooded_with_messages() {
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        for _ in 0..2 {
            for _ in 0..5 {
                forget(&t, "asha@example.org").await;
            }
            t.client().post("/api/v1/auth/password/forgot", json!({"login": "asha@example.org"})).await.expect(429);
            t.clock.advance(TimeDelta::minutes(1));
        }
        // Time for one too many, if there were one.
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        assert_eq!(messages_to(&t, "asha@example.org").len(), 3);
        // Asking for a token counts as nobody's login.
        log_in(&t, "asha@example.org").await;
    })
    .await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn what_lies_in_the_outbox_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        forget(&t, "asha@example.org").await;
        message_to(&t, "asha@example.org").await;
        let outbox = t.settings.data.join("outbox");
        let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&outbox), 0o700);
        for file in std::fs::read_dir(&outbox).unwrap() {
            assert_eq!(mode(&file.unwrap().path()), 0o600);
        }
    })
    .await;
}
