//! Guessing at passwords.
use chrono::TimeDelta;
use serde_json::json;
use testkit::{Answer, TestApp, both};

use crate::{PASSWORD, log_in, responder, with_token};

async fn guess(t: &TestApp, name: &str) -> Answer {
    t.client().post("/auth/login", json!({"email": name, "password": "wrong horse"})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sixth_wrong_password_in_a_minute_is_told_to_wait() {
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        for name in ["asha@example.org", "nobody@example.org"] {
            for _ in 0..5 {
                guess(&t, name).await.expect(401);
            }
            // Another spelling is the same account, known or not.
            let answer = guess(&t, &format!(" {}", name.to_uppercase())).await;
            assert_eq!(answer.header("content-type"), Some("application/problem+json"));
            assert_eq!(answer.header("retry-after"), Some("12"));
            assert_eq!(answer.header("ratelimit-policy"), Some("\"login\";q=5;w=60"));
            assert_eq!(answer.header("ratelimit"), Some("\"login\";r=0;t=12"));
            answer.expect(429);
        }
        let right = json!({"email": "asha@example.org", "password": PASSWORD});
        t.client().post("/api/v1/auth/login", right.clone()).await.expect(429);
        t.clock.advance(TimeDelta::seconds(12));
        t.client().post("/api/v1/auth/login", right).await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_knows_the_password_logs_in_as_often_as_needed() {
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        for _ in 0..7 {
            log_in(&t, "asha@example.org").await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_session_does_not_help_to_guess_the_password() {
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        let session = with_token(&t, &log_in(&t, "asha@example.org").await);
        let guess = json!({"current_password": "wrong horse", "new_password": "another horse"});
        for _ in 0..5 {
            session.put("/api/v1/auth/password", guess.clone()).await.expect(422);
        }
        session.put("/api/v1/auth/password", guess).await.expect(429);
    })
    .await;
}
