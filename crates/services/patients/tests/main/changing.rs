//! Changing patients.
use serde_json::json;
use testkit::both;

use crate::{admit, at, each, named, register, with};

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_sent_changes() {
    both(|t| async move {
        let admin = t.admin().await;
        let more = json!({"email": "asha@example.org", "blood_type": "O-", "address": {"city": "Pune"}});
        let was = register(&admin, "Asha Rao", more).await;
        t.clock.advance(chrono::TimeDelta::minutes(1));
        let now = admin.put(&at(&was, ""), json!({"name": "Asha Iyer"})).await.expect(200);
        assert_ne!(now["updated_at"], was["updated_at"]);
        let changed = json!({"name": "Asha Iyer", "last_name": "Iyer", "updated_at": now["updated_at"]});
        assert_eq!(now, with(was.clone(), changed));
        let cleared = json!({"email": null, "address": null, "blood_type": null, "name": null});
        let now = admin.put(&at(&was, ""), cleared).await.expect(200);
        assert_eq!((&now["email"], &now["address"]), (&json!(null), &json!({})));
        assert_eq!((&now["blood_type"], &now["name"]), (&json!("unknown"), &json!("Asha Iyer")));
        assert_eq!(admin.get(&at(&was, "")).await.expect(200), now);
        let listed = admin.get("/api/patients?search=asha%20i").await.expect(200);
        assert_eq!(each(&listed, "name"), ["Asha Iyer"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_does_not_fit_changes_nothing() {
    both(|t| async move {
        let admin = t.admin().await;
        let was = register(&admin, "Asha Rao", json!({"patient_id": "MRN-1"})).await;
        for (change, member) in [
            (json!({"name": "  "}), "name"),
            (json!({"email": "no address"}), "email"),
            (json!({"address": {"line": "x".repeat(5000)}}), "address"),
            (json!({"date_of_birth": "2999-01-01"}), "date_of_birth"),
            (json!({"patient_id": "MRN-2", "name": "Other"}), "patient_id"),
        ] {
            let refused = admin.put(&at(&was, ""), change).await.expect(422);
            assert_eq!(named(&refused), [member]);
        }
        // A client that sends back all it read changes nothing either.
        assert_eq!(admin.put(&at(&was, ""), was.clone()).await.expect(200)["patient_id"], "MRN-1");
        assert_eq!(admin.get(&at(&was, "")).await.expect(200)["name"], "Asha Rao");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_to_what_someone_else_has_changed_is_refused() {
    both(|t| async move {
        let admin = t.admin().await;
        let patient = register(&admin, "Asha Rao", json!({})).await;
        let seen = admin.get(&at(&patient, "")).await.header("etag").map(str::to_owned).expect("a version");
        let change = json!({"contact": "11111 11111"});
        admin.with_header("if-match", &seen).put(&at(&patient, ""), change.clone()).await.expect(200);
        admin.with_header("if-match", &seen).put(&at(&patient, ""), change.clone()).await.expect(412);
        admin.with_header("if-match", "*").put(&at(&patient, ""), change).await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_allergy_that_is_no_more_stays_in_the_chart() {
    both(|t| async move {
        let hospital = t.hospital("City Hospital", 4).await;
        let nurse = t.nurse(&hospital).await;
        let said = json!({"allergies": ["penicillin", "dust"], "chronic_conditions": ["asthma"]});
        let patient = register(&nurse, "Asha Rao", said).await;
        nurse.put(&at(&patient, ""), json!({"allergies": []})).await.expect(403);
        admit(&nurse, &hospital, &patient).await;
        nurse.put(&at(&patient, ""), json!({"allergies": ["dust", "nuts"]})).await.expect(200);
        let seen = nurse.get(&at(&patient, "?include=records")).await.expect(200);
        assert_eq!(seen["allergies"], json!(["dust", "nuts"]));
        assert_eq!(seen["chronic_conditions"], json!(["asthma"]));
        let over = nurse.get(&at(&patient, "/conditions?kind=allergy&status=resolved")).await.expect(200);
        assert_eq!(each(&over, "condition_name"), ["penicillin"]);
    })
    .await;
}
