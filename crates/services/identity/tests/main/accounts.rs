//! Making accounts.
use serde_json::{Value, json};
use testkit::both;

use crate::{PASSWORD, account, log_in, responder, with_token};

fn nurse(email: &str, reference: &Value) -> Value {
    json!({"email": email, "password": PASSWORD, "user_type": "nurse", "reference_id": reference})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_name_is_refused_and_said_which() {
    both(|t| async move {
        let admin = t.admin().await;
        let made = json!({"email": "asha@example.org", "username": "asha", "phone": "98765 43210",
            "password": PASSWORD, "user_type": "responder"});
        admin.post("/users/create", made).await.expect(201);
        for (member, name) in [("email", "ASHA@example.org"), ("username", "Asha"), ("phone", "98765-43210")] {
            let again = json!({member: name, "password": PASSWORD, "user_type": "responder"});
            let answer = admin.post("/users/create", again).await.expect(409);
            assert_eq!(answer["errors"][0]["member"], member);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_does_not_fit_is_refused_naming_the_member() {
    both(|t| async move {
        let admin = t.admin().await;
        let hospital = t.hospital("City Hospital", 4).await;
        let fitting = nurse("meera@example.org", &hospital["id"]);
        let stranger = json!("0191d3a0-0000-7000-8000-000000000000");
        for (member, value, named) in [
            ("password", json!("short"), "password"),
            ("password", json!("x".repeat(129)), "password"),
            ("email", json!("no address"), "email"),
            ("email", Value::Null, "email"),
            ("username", json!("asha@example.org"), "username"),
            ("username", json!("9876543210"), "username"),
            ("phone", json!("call me"), "phone"),
            ("reference_id", Value::Null, "reference_id"),
            ("reference_id", stranger, "reference_id"),
            ("user_type", json!("device"), "user_type"),
            ("user_type", json!("system"), "user_type"),
            ("user_type", json!("king"), "user_type"),
        ] {
            let mut ask = fitting.clone();
            ask[member] = value;
            let answer = admin.post("/users/create", ask).await.expect(422);
            let problem = answer["errors"][0]["member"].as_str().unwrap_or_default();
            assert!(problem.starts_with(named), "{member}: {answer}");
        }
        admin.post("/users/create", fitting).await.expect(201);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hospital_makes_accounts_for_its_own_nurses_and_nobody_else() {
    both(|t| async move {
        let admin = t.admin().await;
        let (own, other) = (t.hospital("City Hospital", 4).await, t.hospital("Lake Hospital", 4).await);
        account(&admin, "desk@example.org", "hospital", &own["id"]).await;
        let desk = with_token(&t, &log_in(&t, "desk@example.org").await);
        let made = desk.post("/users/create", nurse("meera@example.org", &own["id"])).await.expect(201);
        assert_eq!((&made["user_type"], &made["reference_id"]), (&json!("nurse"), &own["id"]));
        let made = desk.post("/users/create", nurse("leela@example.org", &Value::Null)).await.expect(201);
        assert_eq!(made["reference_id"], own["id"]);
        desk.post("/users/create", nurse("usha@example.org", &other["id"])).await.expect(403);
        for role in ["admin", "hospital", "doctor", "patient", "responder"] {
            let mut ask = nurse("usha@example.org", &own["id"]);
            ask["user_type"] = json!(role);
            desk.post("/users/create", ask).await.expect(403);
        }
        let meera = with_token(&t, &log_in(&t, "meera@example.org").await);
        meera.post("/users/create", nurse("usha@example.org", &own["id"])).await.expect(403);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_not_made_by_strangers() {
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        let asha = with_token(&t, &log_in(&t, "asha@example.org").await);
        let ask = json!({"email": "ravi@example.org", "password": PASSWORD, "user_type": "admin"});
        asha.post("/users/create", ask.clone()).await.expect(403);
        t.client().post("/users/create", ask).await.expect(401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_administrator_is_made_once() {
    both(|t| async move {
        let ensure = |email: &'static str, password: &'static str| identity::ensure_admin(&t.app, email, password);
        let made = ensure("Root@example.org", PASSWORD).await.unwrap();
        let identity::Ensured::Created(id) = made else { panic!("{made:?}") };
        let again = ensure("root@example.org", "another password").await.unwrap();
        assert_eq!(again, identity::Ensured::Existed(id));
        let answer = log_in(&t, "root@example.org").await;
        assert_eq!((&answer["user"]["id"], &answer["user"]["user_type"]), (&json!(id), &json!("admin")));
        responder(&t, "asha@example.org").await;
        assert_eq!(ensure("asha@example.org", PASSWORD).await.unwrap_err().status(), 409);
    })
    .await;
}
