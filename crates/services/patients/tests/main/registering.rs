//! Registering patients.
use serde_json::{Value, json};
use testkit::both;

use crate::{PASSWORD, at, each, named, patient_with_account, register, registration, text, with};

#[tokio::test(flavor = "multi_thread")]
async fn a_registered_patient_is_found_by_our_id_and_by_the_own_reference() {
    both(|t| async move {
        let nurse = t.nurse(&t.hospital("City Hospital", 4).await).await;
        let more = json!({"patient_id": "MRN 42/7", "age": 46, "blood_type": "A+", "email": "asha@example.org",
            "address": {"city": "Pune", "floors": 2}});
        let made = register(&nurse, "  Asha Rao ", more).await;
        assert_eq!(made["patient_id"], "MRN 42/7");
        assert_eq!((&made["name"], &made["blood_type"]), (&json!("Asha Rao"), &json!("A_POSITIVE")));
        assert_eq!((&made["emergency_flag"], &made["is_active"]), (&json!(false), &json!(true)));
        assert!(made["age"].is_u64() && made.get("allergies").is_none(), "{made}");
        assert_eq!(nurse.get(&at(&made, "")).await.expect(200), made);
        assert_eq!(nurse.get("/api/patients/MRN%2042%2F7").await.expect(200), made);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_reference_of_ones_own_ours_is_taken() {
    both(|t| async move {
        let made = register(&t.admin().await, "Asha Rao", json!({})).await;
        assert_eq!(made["patient_id"], made["id"]);
        assert_eq!(made["blood_type"], "unknown");
        assert_eq!(made["address"], json!({}));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_patients_cannot_share_a_reference() {
    both(|t| async move {
        let admin = t.admin().await;
        register(&admin, "Asha Rao", json!({"patient_id": "MRN-1"})).await;
        let again = with(registration("Ravi Rao"), json!({"patient_id": "MRN-1"}));
        let refused = admin.post("/api/patients", again).await.expect(409);
        assert_eq!(named(&refused), ["patient_id"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_that_is_another_patients_id_is_taken() {
    both(|t| async move {
        let (_, meera) = t.doctor("Dr. Meera Iyer").await;
        let asha = register(&meera, "Asha Rao", json!({})).await;
        let id = text(&asha["id"]);
        for same in [id.to_owned(), id.to_uppercase(), id.replace('-', "")] {
            let said = with(registration("Mallory"), json!({"patient_id": same}));
            meera.post("/api/patients", said).await.expect_about(409, "patient_id");
        }
        let free = json!({"patient_id": "0191d3a0-0000-7000-8000-000000000000"});
        register(&meera, "Lata Joshi", free).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_registrations_with_one_reference_at_the_same_moment_one_is_made() {
    both(|t| async move {
        let admin = t.admin().await;
        let body = with(registration("Asha Rao"), json!({"patient_id": "MRN-1"}));
        let asks = (0..8).map(|_| {
            let (admin, body) = (admin.clone(), body.clone());
            tokio::spawn(async move { admin.post("/api/patients", body).await.status.as_u16() })
        });
        let mut statuses = Vec::new();
        for ask in asks.collect::<Vec<_>>() {
            statuses.push(ask.await.expect("an answer"));
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
        assert_eq!(each(&admin.get("/api/patients").await.expect(200), "patient_id"), ["MRN-1"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_refused_naming_the_member() {
    both(|t| async move {
        let admin = t.admin().await;
        let primary = json!({"name": "Ravi", "relationship": "son", "contact": "98765 43210", "is_primary": true});
        for (member, value, expected) in [
            ("name", json!(" "), "name"),
            ("name", json!("x".repeat(201)), "name"),
            ("name", json!(7), "name"),
            ("date_of_birth", json!("2999-01-01"), "date_of_birth"),
            ("date_of_birth", json!("17.5.1980"), "date_of_birth"),
            ("age", json!(12), "age"),
            ("age", json!(-1), "age"),
            ("gender", json!("woman"), "gender"),
            ("contact", json!("call me"), "contact"),
            ("email", json!("no address"), "email"),
            ("blood_type", json!("C+"), "blood_type"),
            ("patient_id", json!(" MRN"), "patient_id"),
            ("address", json!({"line": "x".repeat(5000)}), "address"),
            ("allergies", json!(["dust", ""]), "allergies[1]"),
            ("chronic_conditions", json!(vec!["x"; 101]), "chronic_conditions"),
            ("family_contacts", json!([with(primary.clone(), json!({"contact": "?"}))]), "family_contacts[0].contact"),
            ("family_contacts", json!([primary, primary]), "family_contacts[1].is_primary"),
            ("password", json!("short"), "password"),
        ] {
            let body = with(registration("Asha Rao"), json!({member: value}));
            let refused = admin.post("/api/patients", body).await.expect(422);
            assert_eq!(named(&refused), [expected], "{member}: {refused}");
        }
        for member in ["name", "date_of_birth", "gender", "contact"] {
            let mut body = registration("Asha Rao");
            body.as_object_mut().expect("an object").remove(member);
            let refused = admin.post("/api/patients", body).await.expect(422);
            assert!(text(&refused["detail"]).contains(member), "{refused}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_with_a_password_signs_in() {
    both(|t| async move {
        let nurse = t.nurse(&t.hospital("City Hospital", 4).await).await;
        let (patient, asha) = patient_with_account(&t, &nurse, "Asha Rao", "asha@example.org").await;
        assert_eq!(asha.get(&at(&patient, "")).await.expect(200), patient);
        // Without an email the contact is the name to sign in by.
        let ravi = register(&nurse, "Ravi Rao", json!({"contact": "99887 76655", "password": PASSWORD})).await;
        t.client().login("9988776655", PASSWORD).await.get(&at(&ravi, "")).await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_stays_of_a_registration_that_fails() {
    both(|t| async move {
        let admin = t.admin().await;
        patient_with_account(&t, &admin, "Asha Rao", "asha@example.org").await;
        let more = json!({"patient_id": "MRN-2", "email": "ASHA@example.org", "password": PASSWORD});
        let refused = admin.post("/api/patients", with(registration("Ravi Rao"), more)).await.expect(409);
        assert_eq!(named(&refused), ["email"]);
        admin.get("/api/patients/MRN-2").await.expect(404);
        register(&admin, "Ravi Rao", json!({"patient_id": "MRN-2"})).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn patients_register_nobody() {
    both(|t| async move {
        let (_, asha) = patient_with_account(&t, &t.admin().await, "Asha Rao", "asha@example.org").await;
        asha.post("/api/patients", registration("Ravi Rao")).await.expect(403);
        let refused: Value = t.client().post("/api/patients", registration("Ravi Rao")).await.expect(401);
        assert_eq!(refused["status"], 401);
    })
    .await;
}
