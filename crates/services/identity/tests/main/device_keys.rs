//! Keys that monitors and gateways sign in with.
use serde_json::{Value, json};
use testkit::{Client, TestApp, both};

use crate::{account, log_in, responder, text, with_token};

async fn desk(t: &TestApp, email: &str, hospital: &Value) -> Client {
    account(&t.admin().await, email, "hospital", &hospital["id"]).await;
    with_token(t, &log_in(t, email).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_key_is_shown_once_and_counts_until_it_is_revoked() {
    both(|t| async move {
        let hospital = t.hospital("City Hospital", 4).await;
        let desk = desk(&t, "desk@example.org", &hospital).await;
        let ask = json!({"label": " Monitor, bed 12 ", "hospital_id": hospital["id"]});
        let made = desk.post("/api/v1/device-keys", ask).await.expect(201);
        assert_eq!((&made["label"], &made["hospital_id"]), (&json!("Monitor, bed 12"), &hospital["id"]));
        let of_hospital = format!("hospital_id={}", text(&hospital["id"]));
        let listed = desk.get(&format!("/api/v1/device-keys?{of_hospital}")).await.expect(200);
        assert_eq!(listed[0]["id"], made["id"]);
        assert!(!listed.to_string().contains(text(&made["key"])), "the key is shown again");
        // A device is known, and is not a person.
        let device = t.client().with_token(text(&made["key"]));
        device.get("/auth/me").await.expect(403);
        let key = format!("/api/v1/device-keys/{}?{of_hospital}", text(&made["id"]));
        desk.delete(&key).await.expect(204);
        desk.delete(&key).await.expect(404);
        device.get("/auth/me").await.expect(401);
        let listed = desk.get(&format!("/api/v1/device-keys?{of_hospital}")).await.expect(200);
        assert!(listed[0]["revoked_at"].is_string());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hospital_deals_with_its_own_devices_only() {
    both(|t| async move {
        let (own, other) = (t.hospital("City Hospital", 4).await, t.hospital("Lake Hospital", 4).await);
        let (ours, theirs) = (desk(&t, "desk@example.org", &own).await, desk(&t, "lake@example.org", &other).await);
        let ask = json!({"label": "Monitor", "hospital_id": other["id"]});
        ours.post("/api/v1/device-keys", ask.clone()).await.expect(403);
        let made = theirs.post("/api/v1/device-keys", ask).await.expect(201);
        let path =
            |hospital: &Value| format!("/api/v1/device-keys/{}?hospital_id={}", text(&made["id"]), text(hospital));
        ours.delete(&path(&other["id"])).await.expect(403);
        ours.delete(&path(&own["id"])).await.expect(404);
        ours.get(&format!("/api/v1/device-keys?hospital_id={}", text(&other["id"]))).await.expect(403);
        t.admin().await.delete(&path(&other["id"])).await.expect(204);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_request_names_one_owner_who_exists() {
    both(|t| async move {
        let (admin, hospital) = (t.admin().await, t.hospital("City Hospital", 4).await);
        let stranger = "0191d3a0-0000-7000-8000-000000000000";
        for ask in [
            json!({"label": "Monitor"}),
            json!({"label": "Monitor", "hospital_id": hospital["id"], "patient_id": stranger}),
            json!({"label": " ", "hospital_id": hospital["id"]}),
            json!({"label": "x".repeat(101), "hospital_id": hospital["id"]}),
            json!({"label": "Monitor", "hospital_id": stranger}),
        ] {
            admin.post("/api/v1/device-keys", ask).await.expect(422);
        }
        admin.get("/api/v1/device-keys").await.expect(422);
        admin.post("/api/v1/device-keys", json!({"label": "Phone", "patient_id": stranger})).await.expect(403);
        responder(&t, "asha@example.org").await;
        let asha = with_token(&t, &log_in(&t, "asha@example.org").await);
        asha.post("/api/v1/device-keys", json!({"label": "Monitor", "hospital_id": hospital["id"]})).await.expect(403);
        t.client().get("/api/v1/device-keys").await.expect(401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_has_keys_for_their_own_devices() {
    both(|t| async move {
        let hospital = t.hospital("City Hospital", 4).await;
        let nurse = t.nurse(&hospital).await;
        let (lata, ravi) = (t.patient(&nurse, "Lata Joshi").await, t.patient(&nurse, "Ravi Rao").await);
        let client = t.account("patient", Some(&lata["id"])).await;
        let ask = |patient: &Value| json!({"label": "Watch", "patient_id": patient["id"]});
        let made = client.post("/api/v1/device-keys", ask(&lata)).await.expect(201);
        assert_eq!((&made["patient_id"], &made["hospital_id"]), (&lata["id"], &Value::Null));
        client.post("/api/v1/device-keys", ask(&ravi)).await.expect(403);
        nurse.post("/api/v1/device-keys", ask(&lata)).await.expect(403);
        let path = format!("/api/v1/device-keys/{}?patient_id={}", text(&made["id"]), text(&lata["id"]));
        nurse.delete(&path).await.expect(403);
        client.delete(&path).await.expect(204);
        // A lost device does not wait for its owner.
        let lost = client.post("/api/v1/device-keys", ask(&lata)).await.expect(201);
        let path = format!("/api/v1/device-keys/{}?patient_id={}", text(&lost["id"]), text(&lata["id"]));
        t.admin().await.delete(&path).await.expect(204);
        t.client().with_token(text(&lost["key"])).get("/auth/me").await.expect(401);
    })
    .await;
}
