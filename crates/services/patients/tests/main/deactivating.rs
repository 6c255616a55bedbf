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
        admin.delete(&at(&patient, "")).await.expect(204);
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
        let admin = t.admin().await;
        admit(&nurse, &hospital, &patient).await;
        admin.delete(&at(&patient, "")).await.expect(409);
        nurse.post(&at(&patient, "/emergency"), json!({"emergency_type": "other"})).await.expect(201);
        discharge(&nurse, &hospital, &patient).await;
        admin.delete(&at(&patient, "")).await.expect(409);
        admit(&nurse, &hospital, &patient).await;
        nurse.delete(&at(&patient, "/emergency")).await.expect(200);
        discharge(&nurse, &hospital, &patient).await;
        admin.delete(&at(&patient, "")).await.expect(204);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_does_not_deactivate_and_the_patient_may() {
    both(|t| async move {
        let hospital = t.hospital("City Hospital", 4).await;
        let nurse = t.nurse(&hospital).await;
        let (patient, asha) = patient_with_account(&t, &nurse, "Asha Rao", "asha@example.org").await;
        nurse.delete(&at(&patient, "")).await.expect(403);
        admit(&nurse, &hospital, &patient).await;
        nurse.delete(&at(&patient, "")).await.expect(403);
        discharge(&nurse, &hospital, &patient).await;
        asha.delete(&at(&patient, "")).await.expect(204);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_activates_a_patient_again() {
    both(|t| async move {
        let admin = t.admin().await;
        let hospital = t.hospital("City Hospital", 4).await;
        let nurse = t.nurse(&hospital).await;
        let (patient, asha) = patient_with_account(&t, &nurse, "Asha Rao", "asha@example.org").await;
        let activate = at(&patient, "/activate");
        nurse.post(&activate, json!({})).await.expect(403);
        asha.post(&activate, json!({})).await.expect(403);
        admin.post(&activate, json!({})).await.expect(409);
        admin.delete(&at(&patient, "")).await.expect(204);
        nurse.post(&activate, json!({})).await.expect(404);
        let back = admin.post(&activate, json!({})).await;
        assert_eq!(back.header("etag"), Some("\"3\""));
        assert_eq!(back.expect(200)["is_active"], true);
        // Who registered the patient is related again; what else ended stays ended, until somebody treats the patient anew.
        nurse.get(&at(&patient, "")).await.expect(200);
        nurse.get(&at(&patient, "/conditions")).await.expect(403);
        admin.delete(&at(&patient, "")).await.expect(204);
        let other_door = format!("/api/v1/patients/{}/activate", crate::text(&patient["id"]));
        assert_eq!(admin.post(&other_door, json!({})).await.expect(200)["id"], patient["id"]);
        admit(&nurse, &hospital, &patient).await;
        nurse.get(&at(&patient, "/conditions")).await.expect(200);
        let log = t.app.edge::<events::Log>();
        let heard = log.after(&mut t.app.db(), "patients", 0, 10).await.expect("the events");
        assert!(heard.iter().any(|event| event.body["kind"] == "patient.activated"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_devices_of_the_deactivated_sign_in_no_more() {
    both(|t| async move {
        let nurse = t.nurse(&t.hospital("City Hospital", 4).await).await;
        let (patient, asha) = patient_with_account(&t, &nurse, "Asha Rao", "asha@example.org").await;
        let ask = json!({"label": "Watch", "patient_id": patient["id"]});
        let key = asha.post("/api/v1/device-keys", ask).await.expect(201);
        let watch = t.client().with_token(crate::text(&key["key"]));
        let reading = json!({"patient_id": patient["id"], "hr_bpm": 72});
        watch.post("/vitals", reading.clone()).await.expect(201);
        asha.delete(&at(&patient, "")).await.expect(204);
        watch.post("/vitals", reading.clone()).await.expect(401);
        nurse.post("/vitals", reading).await.expect(404);
    })
    .await;
}
