//! Who sees which patient, and how much.
use serde_json::json;
use testkit::both;

use crate::{admit, at, patient_with_account, register};

#[tokio::test(flavor = "multi_thread")]
async fn to_a_stranger_the_patient_does_not_exist() {
    both(|t| async move {
        let nurse = t.nurse(&t.hospital("City Hospital", 4).await).await;
        let patient = register(&nurse, "Asha Rao", json!({"patient_id": "MRN-1"})).await;
        let other_nurse = t.nurse(&t.hospital("Lake Hospital", 4).await).await;
        let (_, doctor) = t.doctor("Dr Iyer").await;
        let (_, other_patient) = patient_with_account(&t, &nurse, "Ravi Rao", "ravi@example.org").await;
        for stranger in [other_nurse, doctor, other_patient] {
            for rest in ["", "/family-contacts", "/conditions", "/records"] {
                stranger.get(&at(&patient, rest)).await.expect(404);
            }
            stranger.get("/api/patients/MRN-1").await.expect(404);
            stranger.put(&at(&patient, ""), json!({"name": "Mallory"})).await.expect(404);
            stranger.delete(&at(&patient, "")).await.expect(404);
            stranger.post(&at(&patient, "/emergency"), json!({"emergency_type": "other"})).await.expect(404);
        }
        assert_eq!(nurse.get(&at(&patient, "")).await.expect(200), patient);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_that_names_nobody_is_not_found() {
    both(|t| async move {
        let nurse = t.nurse(&t.hospital("City Hospital", 4).await).await;
        for path in ["%00", "MRN%00", "0191d3a0-0000-7000-8000-000000000000"] {
            nurse.get(&format!("/api/patients/{path}")).await.expect(404);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_reads_the_registration_and_nothing_clinical() {
    both(|t| async move {
        let admin = t.admin().await;
        let patient = register(&admin, "Asha Rao", json!({"allergies": ["penicillin"]})).await;
        admin.get(&at(&patient, "")).await.expect(200);
        admin.get(&at(&patient, "/family-contacts")).await.expect(200);
        for hidden in ["/conditions", "/records", "?include=records"] {
            admin.get(&at(&patient, hidden)).await.expect(403);
        }
        admin.post(&at(&patient, "/conditions"), json!({"condition_name": "asthma"})).await.expect(403);
        admin.put(&at(&patient, ""), json!({"allergies": []})).await.expect(403);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_that_registered_reads_records_only_once_it_treats() {
    both(|t| async move {
        let hospital = t.hospital("City Hospital", 4).await;
        let nurse = t.nurse(&hospital).await;
        let said = json!({"allergies": ["penicillin", "dust", "dust"], "chronic_conditions": ["asthma"]});
        let patient = register(&nurse, "Asha Rao", said).await;
        nurse.get(&at(&patient, "?include=records")).await.expect(403);
        admit(&nurse, &hospital, &patient).await;
        let seen = nurse.get(&at(&patient, "?include=records")).await.expect(200);
        assert_eq!(seen["allergies"], json!(["penicillin", "dust"]));
        assert_eq!(seen["chronic_conditions"], json!(["asthma"]));
        assert!(nurse.get(&at(&patient, "")).await.expect(200).get("allergies").is_none());
        nurse.get(&at(&patient, "?include=everything")).await.expect(422);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_reads_the_own_chart() {
    both(|t| async move {
        let (patient, asha) = patient_with_account(&t, &t.admin().await, "Asha Rao", "asha@example.org").await;
        for own in ["", "?include=records", "/family-contacts", "/conditions", "/records"] {
            asha.get(&at(&patient, own)).await.expect(200);
        }
        asha.post(&at(&patient, "/conditions"), json!({"condition_name": "asthma"})).await.expect(403);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_nobody() {
    both(|t| async move {
        let admin = t.admin().await;
        admin.get("/api/patients/0191d3a0-0000-7000-8000-000000000000").await.expect(404);
        admin.get("/api/patients/no-such-reference").await.expect(404);
        let (_, doctor) = t.doctor("Dr Iyer").await;
        doctor.get("/api/patients/0191d3a0-0000-7000-8000-000000000000").await.expect(404);
    })
    .await;
}
