//! The emergency flag.
use serde_json::json;
use testkit::both;

use crate::{admit, at, named, patient_with_account, register};

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_calls_for_help_and_is_flagged_until_it_is_over() {
    both(|t| async move {
        let nurse = t.nurse(&t.hospital("City Hospital", 4).await).await;
        let (patient, asha) = patient_with_account(&t, &nurse, "Asha Rao", "asha@example.org").await;
        let path = at(&patient, "/emergency");
        let call = json!({"emergency_type": "fall_detection", "emergency_notes": "in the kitchen"});
        let raised = asha.post(&path, call).await.expect(201);
        assert_eq!((&raised["id"], &raised["emergency_flag"]), (&patient["id"], &json!(true)));
        assert_eq!(nurse.get(&at(&patient, "")).await.expect(200)["emergency_flag"], true);
        let over = asha.delete(&path).await.expect(200);
        assert_eq!(over["emergency_flag"], false);
        assert_eq!(nurse.get(&at(&patient, "")).await.expect(200)["emergency_flag"], false);
        let refused = asha.post(&path, json!({"emergency_type": "boredom"})).await.expect(422);
        assert_eq!(named(&refused), ["emergency_type"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_treats_raises_and_whoever_only_registered_does_not() {
    both(|t| async move {
        let hospital = t.hospital("City Hospital", 4).await;
        let nurse = t.nurse(&hospital).await;
        let patient = register(&nurse, "Asha Rao", json!({})).await;
        let call = json!({"emergency_type": "cardiac_arrest"});
        nurse.post(&at(&patient, "/emergency"), call.clone()).await.expect(403);
        admit(&nurse, &hospital, &patient).await;
        assert_eq!(nurse.post(&at(&patient, "/emergency"), call).await.expect(201)["emergency_flag"], true);
    })
    .await;
}
