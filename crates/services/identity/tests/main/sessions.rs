//! An account's sessions and its password.
use serde_json::json;
use testkit::both;

use crate::{PASSWORD, log_in, responder, text, with_token};

#[tokio::test(flavor = "multi_thread")]
async fn people_see_and_end_their_own_sessions() {
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        let (phone, desk) = (log_in(&t, "asha@example.org").await, log_in(&t, "asha@example.org").await);
        let client = with_token(&t, &desk);
        let sessions = client.get("/api/v1/auth/sessions").await.expect(200);
        let sessions = sessions.as_array().unwrap();
        assert_eq!(sessions.len(), 2);
        assert_eq!(sessions.iter().filter(|session| session["current"] == true).count(), 1);
        let other = sessions.iter().find(|session| session["current"] == false).unwrap();
        client.delete(&format!("/api/v1/auth/sessions/{}", text(&other["id"]))).await.expect(204);
        with_token(&t, &phone).get("/auth/me").await.expect(401);
        assert_eq!(client.get("/api/v1/auth/sessions").await.expect(200).as_array().unwrap().len(), 1);
        client.delete(&format!("/api/v1/auth/sessions/{}", text(&other["id"]))).await.expect(404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn anothers_session_is_not_found() {
    both(|t| async move {
        for name in ["asha@example.org", "ravi@example.org"] {
            responder(&t, name).await;
        }
        let (asha, ravi) = (log_in(&t, "asha@example.org").await, log_in(&t, "ravi@example.org").await);
        let hers = with_token(&t, &asha).get("/auth/session/validate").await.expect(200);
        let path = format!("/api/v1/auth/sessions/{}", text(&hers["session_id"]));
        with_token(&t, &ravi).delete(&path).await.expect(404);
        with_token(&t, &ravi).delete("/api/v1/auth/sessions/no-session").await.expect(404);
        with_token(&t, &asha).get("/auth/me").await.expect(200);
        let seen = with_token(&t, &ravi).get("/api/v1/auth/sessions").await.expect(200);
        assert!(!seen.to_string().contains(text(&hers["session_id"])));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_counts_at_once_and_ends_the_other_sessions() {
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        let (here, there) = (log_in(&t, "asha@example.org").await, log_in(&t, "asha@example.org").await);
        let change = json!({"current_password": PASSWORD, "new_password": "staple battery horse"});
        with_token(&t, &here).put("/api/v1/auth/password", change).await.expect(200);
        with_token(&t, &here).get("/auth/me").await.expect(200);
        with_token(&t, &there).get("/auth/me").await.expect(401);
        t.client().post("/api/auth/refresh", json!({"refresh_token": there["refresh_token"]})).await.expect(401);
        t.client().post("/api/auth/refresh", json!({"refresh_token": here["refresh_token"]})).await.expect(200);
        let with = |password: &str| json!({"email": "asha@example.org", "password": password});
        t.client().post("/auth/login", with(PASSWORD)).await.expect(401);
        t.client().post("/auth/login", with("staple battery horse")).await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_not_changed_by_who_does_not_know_it() {
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        let client = with_token(&t, &log_in(&t, "asha@example.org").await);
        let change = |current: &str, new: &str| json!({"current_password": current, "new_password": new});
        let wrong = client.put("/api/v1/auth/password", change("wrong horse", "staple battery")).await.expect(422);
        assert_eq!(wrong["errors"][0]["member"], "current_password");
        let short = client.put("/api/v1/auth/password", change(PASSWORD, "short")).await.expect(422);
        assert_eq!(short["errors"][0]["member"], "new_password");
        log_in(&t, "asha@example.org").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_shows_when_and_from_where_it_was_last_used() {
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        let first = log_in(&t, "asha@example.org").await;
        let began = t.clock.now();
        let seen = |sessions: serde_json::Value| sessions[0].clone();
        let session = seen(with_token(&t, &first).get("/api/v1/auth/sessions").await.expect(200));
        assert_eq!((&session["last_used_at"], &session["address"]), (&json!(began), &json!("127.0.0.1")));
        t.clock.advance(chrono::TimeDelta::minutes(20));
        let ask = json!({"refresh_token": first["refresh_token"]});
        let renewed = t.client().post("/api/auth/refresh", ask).await.expect(200);
        let session = seen(with_token(&t, &renewed).get("/api/v1/auth/sessions").await.expect(200));
        assert_eq!((&session["last_used_at"], &session["created_at"]), (&json!(t.clock.now()), &json!(began)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_other_sessions_end_at_once_and_this_one_stays() {
    both(|t| async move {
        for name in ["asha@example.org", "ravi@example.org"] {
            responder(&t, name).await;
        }
        let ravi = with_token(&t, &log_in(&t, "ravi@example.org").await);
        let (phone, tablet) = (log_in(&t, "asha@example.org").await, log_in(&t, "asha@example.org").await);
        let here = with_token(&t, &log_in(&t, "asha@example.org").await);
        here.delete("/api/v1/auth/sessions").await.expect(204);
        for lost in [&phone, &tablet] {
            with_token(&t, lost).get("/auth/me").await.expect(401);
            let ask = json!({"refresh_token": lost["refresh_token"]});
            t.client().post("/api/auth/refresh", ask).await.expect(401);
        }
        here.get("/auth/me").await.expect(200);
        ravi.get("/auth/me").await.expect(200);
        assert_eq!(here.get("/api/v1/auth/sessions").await.expect(200).as_array().unwrap().len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_changed_in_the_words_of_the_exchange_surface() {
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        let (here, there) = (log_in(&t, "asha@example.org").await, log_in(&t, "asha@example.org").await);
        let client = with_token(&t, &here);
        let change = |old: &str| json!({"old_password": old, "new_password": "staple battery horse"});
        client.post("/api/v1/auth/password/change", change("wrong")).await.expect_about(422, "old_password");
        client.post("/api/v1/auth/password/change", change(PASSWORD)).await.expect(200);
        client.get("/auth/me").await.expect(200);
        with_token(&t, &there).get("/auth/me").await.expect(401);
    })
    .await;
}
