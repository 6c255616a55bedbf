//! Looking after accounts.
use serde_json::{Value, json};
use testkit::{Client, TestApp, both};

use crate::{PASSWORD, account, audit, log_in, responder, text, with_token};

/// A hospital, its front desk signed in, and one of its nurses' accounts.
async fn desk_and_nurse(t: &TestApp, name: &str) -> (Value, Client, Value) {
    let hospital = t.hospital(name, 4).await;
    let desk = t.account("hospital", Some(&hospital["id"])).await;
    let nurse = account(&t.admin().await, &format!("meera@{name}.example"), "nurse", &hospital["id"]).await;
    (hospital, desk, nurse)
}

fn path(user: &Value, what: &str) -> String {
    format!("/users/{}/{what}", text(&user["id"]))
}

async fn actions(t: &TestApp, object: &Value) -> Vec<String> {
    let all = audit(t).await;
    all.into_iter().filter(|e| e.allowed && e.object == text(object)).map(|e| e.action).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_account_is_out_at_once_and_back_when_enabled() {
    both(|t| async move {
        let admin = t.admin().await;
        let user = responder(&t, "asha@example.org").await;
        let session = log_in(&t, "asha@example.org").await;
        let ask = json!({"email": "asha@example.org", "password": PASSWORD});
        for _ in 0..2 {
            let answer = admin.post(&path(&user, "disable"), json!({})).await.expect(200);
            assert_eq!(answer["is_active"], false);
        }
        with_token(&t, &session).get("/auth/me").await.expect(401);
        t.client().post("/auth/login", ask.clone()).await.expect(401);
        let answer = admin.post(&path(&user, "enable"), json!({})).await.expect(200);
        assert_eq!(answer["is_active"], true);
        with_token(&t, &session).get("/auth/me").await.expect(401);
        t.client().post("/auth/login", ask).await.expect(200);
        assert_eq!(actions(&t, &user["id"]).await, ["account.create", "account.disable", "account.enable"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hospital_looks_after_its_own_nurses_and_nobody_else() {
    both(|t| async move {
        let (hospital, desk, nurse) = desk_and_nurse(&t, "city").await;
        let (_, _, stranger) = desk_and_nurse(&t, "village").await;
        let other = account(&t.admin().await, "driver@city.example", "responder", &hospital["id"]).await;
        desk.post(&path(&nurse, "disable"), json!({})).await.expect(200);
        desk.post(&path(&nurse, "enable"), json!({})).await.expect(200);
        for user in [&stranger, &other] {
            desk.post(&path(user, "disable"), json!({})).await.expect(404);
            desk.post(&path(user, "enable"), json!({})).await.expect(404);
        }
        let colleague = t.nurse(&hospital).await;
        colleague.post(&path(&nurse, "disable"), json!({})).await.expect(403);
        desk.get("/users").await.expect(403);
        desk.post(&path(&nurse, "password"), json!({"new_password": "another horse"})).await.expect(403);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_gives_another_password_and_every_session_ends() {
    both(|t| async move {
        let admin = t.admin().await;
        let user = responder(&t, "asha@example.org").await;
        let session = log_in(&t, "asha@example.org").await;
        admin.post(&path(&user, "password"), json!({"new_password": "short"})).await.expect_about(422, "new_password");
        admin.post(&path(&user, "password"), json!({"new_password": "another horse"})).await.expect(204);
        with_token(&t, &session).get("/auth/me").await.expect(401);
        let ask = |password: &str| json!({"email": "asha@example.org", "password": password});
        t.client().post("/auth/login", ask(PASSWORD)).await.expect(401);
        t.client().post("/auth/login", ask("another horse")).await.expect(200);
        assert!(actions(&t, &user["id"]).await.contains(&"password.reset".to_owned()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_cannot_shut_out_the_own_account() {
    both(|t| async move {
        let admin = t.admin().await;
        let me = admin.get("/api/auth/me").await.expect(200);
        admin.post(&path(&me, "disable"), json!({})).await.expect(409);
        admin.post(&path(&me, "password"), json!({"new_password": "another horse"})).await.expect(409);
        let stranger = json!({"id": "0191d3a0-0000-7000-8000-000000000000"});
        admin.post(&path(&stranger, "disable"), json!({})).await.expect(404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_listed_page_by_page_and_by_whom_they_stand_for() {
    both(|t| async move {
        let admin = t.admin().await;
        let (hospital, _, nurse) = desk_and_nurse(&t, "city").await;
        desk_and_nurse(&t, "village").await;
        let (mut next, mut seen) = (Some("/users?limit=2".to_owned()), Vec::new());
        while let Some(page) = next {
            let answer = admin.get(&page).await;
            next = answer.next();
            seen.extend(answer.expect(200).as_array().expect("a list").clone());
        }
        assert_eq!(seen.len(), 5, "{seen:?}");
        assert!(!json!(seen).to_string().contains("argon2"), "a password's hash is shown");
        let nurses = format!("/users?user_type=nurse&reference_id={}", text(&hospital["id"]));
        let found = admin.get(&nurses).await.expect(200);
        assert_eq!((found.as_array().map(Vec::len), &found[0]["id"]), (Some(1), &nurse["id"]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_made_with_a_doctor_or_a_patient_stands_on_the_audit_chain() {
    both(|t| async move {
        t.doctor("Dr. Meera Iyer").await;
        let body = json!({"name": "Lata Joshi", "date_of_birth": "1970-04-12", "gender": "female",
            "contact": "+91 98221 54321", "email": "lata@example.org", "password": PASSWORD});
        let patient = t.admin().await.post("/api/patients", body).await.expect(201);
        let all = audit(&t).await;
        let made: Vec<_> = all.iter().filter(|e| e.action == "account.create" && e.role == "admin").collect();
        assert_eq!(made.len(), 2);
        assert_eq!(made[1].patient_id.map(|id| id.to_string()).as_deref(), patient["id"].as_str());
    })
    .await;
}
