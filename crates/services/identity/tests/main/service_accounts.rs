//! What programs sign in with.
use chrono::TimeDelta;
use serde_json::{Value, json};
use testkit::both;

use crate::{audit, text};

const PATH: &str = "/api/v1/service-accounts";

fn gateway(hospital: &Value) -> Value {
    json!({"label": " Laboratory gateway ", "role": "nurse", "reference_id": hospital["id"]})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_acts_in_its_role_until_it_is_revoked() {
    both(|t| async move {
        let (admin, w) = (t.admin().await, t.ward().await);
        let made = admin.post(PATH, gateway(&w.hospital)).await.expect(201);
        assert_eq!((&made["label"], &made["role"]), (&json!("Laboratory gateway"), &json!("nurse")));
        let program = t.client().with_token(text(&made["secret"]));
        let chart = format!("/api/patients/{}", w.patient_id());
        program.get(&chart).await.expect(200);
        // What its role may not, it may not.
        program.get("/users").await.expect(403);
        program.post(PATH, gateway(&w.hospital)).await.expect(403);
        let other = t.ward().await;
        program.get(&format!("/api/patients/{}", other.patient_id())).await.expect(404);
        // It is not a person: it has neither an account nor sessions.
        program.get("/auth/me").await.expect(401);
        program.get("/auth/session/validate").await.expect(401);
        program.delete("/api/v1/auth/sessions").await.expect(403);
        let listed = admin.get(PATH).await.expect(200);
        assert_eq!(listed[0]["id"], made["id"]);
        assert!(!listed.to_string().contains(text(&made["secret"])), "the secret is shown again");
        let path = format!("{PATH}/{}", text(&made["id"]));
        admin.delete(&path).await.expect(204);
        admin.delete(&path).await.expect(404);
        program.get(&chart).await.expect(401);
        let all = audit(&t).await;
        let id = text(&made["id"]);
        assert!(all.iter().any(|entry| entry.actor.to_string() == id && entry.action.starts_with("read")));
        for action in ["service_account.create", "service_account.revoke"] {
            assert!(all.iter().any(|entry| entry.action == action && entry.object == id), "{action}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_may_read_alone_changes_nothing() {
    both(|t| async move {
        let w = t.ward().await;
        let mut ask = gateway(&w.hospital);
        ask["read_only"] = json!(true);
        ask["expires_at"] = json!(t.clock.now() + TimeDelta::hours(1));
        let made = t.admin().await.post(PATH, ask).await.expect(201);
        let program = t.client().with_token(text(&made["secret"]));
        program.get(&format!("/api/patients/{}", w.patient_id())).await.expect(200);
        program.post("/vitals", testkit::vitals(w.patient_id())).await.expect(403);
        t.clock.advance(TimeDelta::hours(1));
        program.get(&format!("/api/patients/{}", w.patient_id())).await.expect(401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_give_out_no_way_in_and_look_after_none() {
    both(|t| async move {
        let (admin, hospital) = (t.admin().await, t.hospital("City Hospital", 4).await);
        let ask = json!({"label": "Directory", "role": "admin"});
        let made = admin.post(PATH, ask.clone()).await.expect(201);
        let program = t.client().with_token(text(&made["secret"]));
        program.get("/users").await.expect(200);
        let account = json!({"email": "x@example.org", "password": "correct horse", "user_type": "admin"});
        program.post("/users/create", account).await.expect(403);
        program.post(PATH, ask).await.expect(403);
        program.post("/api/v1/device-keys", json!({"label": "x", "hospital_id": hospital["id"]})).await.expect(403);
        let mut doctor = json!({"name": "Dr. Meera Iyer", "gender": "female", "contact": "+91 98220 12345",
            "email": "meera@example.org", "license_number": "MH-1", "specializations": ["cardiology"],
            "qualification": ["MD"], "experience": 9, "password": "correct horse"});
        program.post("/api/doctors", doctor.clone()).await.expect(403);
        doctor["password"] = Value::Null;
        program.post("/api/doctors", doctor).await.expect(201);
        let nurse = t.nurse(&hospital).await.get("/api/auth/me").await.expect(200)["id"].clone();
        for (path, body) in [("disable", json!({})), ("password", json!({"new_password": "another horse"}))] {
            program.post(&format!("/users/{}/{path}", text(&nurse)), body).await.expect(403);
        }
        program.delete(&format!("/users/{}/totp", text(&nurse))).await.expect(403);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_account_that_does_not_fit_is_refused_naming_the_member() {
    both(|t| async move {
        let (admin, hospital) = (t.admin().await, t.hospital("City Hospital", 4).await);
        let past = t.clock.now() - TimeDelta::seconds(1);
        for (member, value, named) in [
            ("label", json!(" "), "label"),
            ("role", json!("doctor"), "role"),
            ("role", json!("patient"), "role"),
            ("role", json!("system"), "role"),
            ("role", json!("admin"), "reference_id"),
            ("reference_id", Value::Null, "reference_id"),
            ("reference_id", json!("0191d3a0-0000-7000-8000-000000000000"), "reference_id"),
            ("expires_at", json!(past), "expires_at"),
        ] {
            let mut ask = gateway(&hospital);
            ask[member] = value;
            admin.post(PATH, ask).await.expect_about(422, named);
        }
        let desk = t.account("hospital", Some(&hospital["id"])).await;
        desk.post(PATH, gateway(&hospital)).await.expect(403);
        let made = admin.post(PATH, gateway(&hospital)).await.expect(201);
        for forged in [format!("{}x", text(&made["secret"])), "nadi_sa_".to_owned(), "nadi_sa_0_x".to_owned()] {
            t.client().with_token(&forged).get("/api/patients").await.expect(401);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hospital_that_closes_takes_its_programs_with_it() {
    both(|t| async move {
        let (admin, hospital) = (t.admin().await, t.hospital("City Hospital", 4).await);
        let made = admin.post(PATH, gateway(&hospital)).await.expect(201);
        let program = t.client().with_token(text(&made["secret"]));
        program.get("/api/patients").await.expect(200);
        let closed = admin.delete(&format!("/api/hospitals/{}", text(&hospital["id"]))).await;
        assert!(closed.status.is_success(), "{closed:?}");
        program.get("/api/patients").await.expect(401);
    })
    .await;
}
