//! Deactivating patients.
use serde_json::json;
use testkit::both;

use crate::{PASSWORD, admit, at, discharge, each, patient_with_account, register, registration, with};

#[tokio::test(flavor = "multi_thread")]
async fn the_deactivated_are_gone_for_everyone_and_kept_for_administrators() {
    both(|t| async move {
        let admin = t.admin().await;
        let nurse = t.nurse(&t.hospital("City Hospital", 4).await).await;
        let (patient, asha) = patient_with_account(&t, &nurse, "Asha Rao", "asha@example.org").await;
        let contact = json!({"name": "Ravi", "relationship": "son", "contact": "98765 43210"});
        nurse.post(&at(&patient, "/family-contacts"), contact.clone()).await.expect(201);
        nurse.delete(&at(&patient, "")).await.expect(204);
        nurse.get(&at(&patient, "")).await.expect(404);
        asha.get(&at(&patient, "")).await.expect(401);
        let login = json!({"identifier": "asha@example.org", "password": PASSWORD});
        t.client().post("/auth/login", login).await.expect(401);
        let kept = admin.get(&at(&patient, "")).await.expect(200);
        assert_eq!((&kept["name"], &kept["is_active"]), (&json!("Asha Rao"), &json!(false)));
        let contacts = admin.get(&at(&patient, "/family-contacts")).await.expect(200);
        assert_eq!(each(&contacts, "name"), ["Ravi"]);
        admin.put(&at(&patient, ""), json!({"name": "Other"})).await.expect(409);
        admin.post(&at(&patient, "/family-contacts"), contact).await.expect(409);
        admin.delete(&at(&patient, "")).await.expect(409);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_is_never_given_twice() {
    both(|t| async move {
        let admin = t.admin().await;
        let patient = register(&admin, "Asha Rao", json!({"patient_id": "MRN-1"})).await;
        admin.delete(&at(&patient, "")).await.expect(204);
        let again = with(registration("Ravi Rao"), json!({"patient_id": "MRN-1"}));
        admin.post("/api/patients", again).await.expect(409);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_deactivated_while_admitted_or_in_an_emergency() {
    both(|t| async move {
        let hospital = t.hospital("City Hospital", 4).await;
        let nurse = t.nurse(&hospital).await;
        let patient = register(&nurse, "Asha Rao", json!({})).await;
        admit(&nurse, &hospital, &patient).await;
        nurse.delete(&at(&patient, "")).await.expect(409);
        nurse.post(&at(&patient, "/emergency"), json!({"emergency_type": "other"})).await.expect(201);
        discharge(&nurse, &hospital, &patient).await;
        let admin = t.admin().await;
        admin.delete(&at(&patient, "")).await.expect(409);
        admit(&nurse, &hospital, &patient).await;
        nurse.delete(&at(&patient, "/emergency")).await.expect(200);
        discharge(&nurse, &hospital, &patient).await;
        admin.delete(&at(&patient, "")).await.expect(204);
    })
    .await;
}
