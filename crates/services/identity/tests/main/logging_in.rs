//! Logging in and out.
use serde_json::{Value, json};
use testkit::both;

use crate::{PASSWORD, account, audit, log_in, responder, text, with_token};

#[tokio::test(flavor = "multi_thread")]
async fn one_account_logs_in_by_any_of_its_names() {
    both(|t| async move {
        let names = json!({"email": " Asha@Example.org", "username": "Asha_R", "phone": "+91 98765 43210",
            "name": "Asha Rao", "password": PASSWORD, "user_type": "responder"});
        let made = t.admin().await.post("/users/create", names).await.expect(201);
        for path in ["/auth/login", "/api/auth/login", "/api/v1/auth/login"] {
            for (member, name) in [
                ("email", "ASHA@example.ORG"),
                ("username", "asha_r"),
                ("phone", "+91-98765-43210"),
                ("identifier", "asha_r"),
                ("username", "asha@example.org"),
                ("email", "+919876543210"),
            ] {
                let answer = t.client().post(path, json!({member: name, "password": PASSWORD})).await.expect(200);
                assert_eq!(answer["user"]["id"], made["id"], "{path} by {member}");
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_answers_flat_and_in_the_wards_envelope() {
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        let answer = log_in(&t, "asha@example.org").await;
        assert_eq!((&answer["status"], &answer["token_type"]), (&json!("success"), &json!("bearer")));
        assert_eq!(answer["expires_in"], 1800);
        for member in ["access_token", "refresh_token", "token_type", "expires_in", "user"] {
            assert_eq!(answer["data"][member], answer[member], "{member}");
        }
        assert_eq!(answer["user"]["roles"], json!(["responder"]));
        let me = with_token(&t, &answer).get("/auth/me").await.expect(200);
        assert_eq!((&me["data"]["id"], &me["id"]), (&answer["user"]["id"], &answer["user"]["id"]));
        let me = with_token(&t, &answer).get("/api/auth/me").await.expect(200);
        assert_eq!(me, answer["user"]);
        assert!(!me.to_string().contains("argon2"), "the password's hash is shown");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_an_unknown_account_and_a_closed_one_answer_alike() {
    both(|t| async move {
        let admin = t.admin().await;
        let hospital = t.hospital("City Hospital", 4).await;
        responder(&t, "asha@example.org").await;
        account(&admin, "desk@example.org", "hospital", &hospital["id"]).await;
        close_accounts_of(&t, &hospital["id"]).await;
        let mut answers = Vec::new();
        for (name, password) in
            [("asha@example.org", "wrong horse"), ("nobody@example.org", PASSWORD), ("desk@example.org", PASSWORD)]
        {
            let ask = json!({"email": name, "password": password});
            let mut answer = t.client().post("/auth/login", ask).await.expect(401);
            answer["request_id"] = Value::Null;
            answers.push(answer);
        }
        assert!(answers.iter().all(|answer| answer == &answers[0]), "{answers:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_an_account_ends_its_sessions() {
    both(|t| async move {
        let hospital = t.hospital("City Hospital", 4).await;
        account(&t.admin().await, "desk@example.org", "hospital", &hospital["id"]).await;
        let answer = log_in(&t, "desk@example.org").await;
        close_accounts_of(&t, &hospital["id"]).await;
        with_token(&t, &answer).get("/auth/me").await.expect(401);
        t.client().post("/api/auth/refresh", json!({"refresh_token": answer["refresh_token"]})).await.expect(401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_without_a_name_says_what_is_missing() {
    both(|t| async move {
        for ask in [json!({"password": PASSWORD}), json!({"email": " ", "username": null, "password": PASSWORD})] {
            let answer = t.client().post("/auth/login", ask).await.expect(422);
            assert_eq!(answer["errors"][0]["member"], "email");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn logging_out_ends_the_session_and_its_tokens() {
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        for path in ["/auth/logout", "/api/v1/auth/logout"] {
            let (ended, other) = (log_in(&t, "asha@example.org").await, log_in(&t, "asha@example.org").await);
            let answer = with_token(&t, &ended).post(path, json!({})).await.expect(200);
            assert_eq!(answer["status"], "success");
            with_token(&t, &ended).get("/auth/me").await.expect(401);
            with_token(&t, &other).get("/auth/me").await.expect(200);
            let ask = json!({"refresh_token": ended["refresh_token"]});
            t.client().post("/api/auth/refresh", ask).await.expect(401);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn logins_and_refusals_stand_on_the_audit_chain_without_names_or_passwords() {
    both(|t| async move {
        let id = responder(&t, "asha@example.org").await["id"].clone();
        log_in(&t, "asha@example.org").await;
        for name in ["asha@example.org", "nobody@example.org"] {
            t.client().post("/auth/login", json!({"email": name, "password": "wrong horse"})).await.expect(401);
        }
        let all = audit(&t).await;
        let logins: Vec<_> = all.iter().filter(|entry| entry.action == "login").collect();
        let of = |reason: &str| logins.iter().filter(|entry| entry.reason == reason).copied().collect::<Vec<_>>();
        assert_eq!(of("wrong password").len(), 1);
        assert_eq!(of("wrong password")[0].actor.to_string(), text(&id));
        assert_eq!(of("unknown account")[0].object, "unknown account");
        assert!(of("unknown account").iter().chain(&of("wrong password")).all(|entry| !entry.allowed));
        assert!(logins.iter().any(|entry| entry.allowed && entry.actor.to_string() == text(&id)));
        let written = serde_json::to_string(&all).unwrap();
        for secret in ["asha@", "nobody@", "horse"] {
            assert!(!written.contains(secret), "{secret} is on the chain");
        }
    })
    .await;
}

async fn close_accounts_of(t: &testkit::TestApp, reference: &Value) {
    let mut tx = t.app.db().begin().await.expect("a transaction");
    let id = text(reference).parse().expect("an id");
    identity::close_accounts_of(&mut tx, id, t.clock.now()).await.expect("the accounts close");
    tx.commit().await.expect("it is durable");
}
