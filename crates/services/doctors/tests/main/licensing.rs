//! Licences looked into, and what becomes of a decision.
use serde_json::{Value, json};
use testkit::both;

use crate::{at, newcomer, v1};

#[tokio::test(flavor = "multi_thread")]
async fn a_licence_is_decided_on_and_another_number_is_due_again() {
    both(|t| async move {
        let (admin, clinic) = (t.admin().await, t.hospital("One", 1).await);
        let made = admin.post("/api/v1/doctors", newcomer(&clinic, "L-1")).await.expect(201);
        let path = v1(&made, "/license-verification");
        assert_eq!(admin.get(&path).await.expect(200), json!([]));
        let no = admin.post(&path, json!({"status": "rejected", "note": " not in the register "})).await.expect(201);
        assert_eq!((&no["status"], &no["note"]), (&json!("rejected"), &json!("not in the register")));
        assert_eq!((&no["license_number"], &no["doctor_id"]), (&json!("L-1"), &made["id"]));
        admin.post(&path, json!({"status": "verified"})).await.expect(201);
        let shown = admin.get(&v1(&made, "")).await.expect(200);
        assert_eq!((&shown["license_status"], &shown["version"]), (&json!("verified"), &json!(3)));
        assert_eq!(admin.get(&at(&made, "")).await.expect(200)["license_status"], "verified");
        // What else changes leaves the decision; the number does not.
        admin.put(&v1(&made, ""), json!({"medical_license": "L-1", "first_name": "Usha"})).await.expect(200);
        assert_eq!(admin.get(&v1(&made, "")).await.expect(200)["license_status"], "verified");
        let doctor = t.client().login("l-1@doctors.example", "a-good-password").await;
        let other = doctor.put(&at(&made, ""), json!({"license_number": "L-9"})).await.expect(200);
        assert_eq!(other["license_status"], "pending");
        let history = admin.get(&path).await.expect(200);
        let kept: Vec<_> =
            history.as_array().expect("a list").iter().map(|v| (&v["status"], &v["license_number"])).collect();
        let (first, second) = (json!("L-1"), json!("L-9"));
        assert_eq!(kept, [(&json!("rejected"), &first), (&json!("verified"), &first), (&json!("pending"), &second)]);
        let page = admin.get(&format!("{path}?limit=2")).await;
        assert_eq!(admin.get(&page.next().expect("a next page")).await.expect(200)[0], history[2]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_decide_on_licences_and_nobody_else() {
    both(|t| async move {
        let (admin, clinic) = (t.admin().await, t.hospital("One", 1).await);
        let made = admin.post("/api/v1/doctors", newcomer(&clinic, "L-1")).await.expect(201);
        let path = v1(&made, "/license-verification");
        let oneself = t.client().login("l-1@doctors.example", "a-good-password").await;
        for client in [oneself, t.account("hospital", Some(&clinic["id"])).await, t.nurse(&clinic).await] {
            client.post(&path, json!({"status": "verified"})).await.expect(403);
            client.get(&path).await.expect(403);
        }
        admin.post(&path, json!({"status": "pending"})).await.expect_about(422, "status");
        admin.post(&path, json!({"status": "maybe"})).await.expect_about(422, "status");
        admin.post(&path, json!({"status": "verified", "note": "x".repeat(1001)})).await.expect_about(422, "note");
        admin.post("/api/v1/doctors/nobody/license-verification", json!({"status": "verified"})).await.expect(404);
        let shown: Value = admin.get(&v1(&made, "")).await.expect(200);
        assert_eq!((&shown["license_status"], &shown["version"]), (&json!("pending"), &json!(1)));
    })
    .await;
}
