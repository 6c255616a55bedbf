//! Discharging: the bed is free again, once.
use futures::future::join_all;
use serde_json::json;
use testkit::both;

use crate::{admit, affiliate, at, beds, discharge, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_discharged_patient_frees_the_bed() {
    both(|t| async move {
        let hospital = t.hospital("One", 2).await;
        let nurse = t.nurse(&hospital).await;
        let patient = t.patient(&nurse, "Lata Joshi").await;
        let admission = admit(&nurse, &hospital, &patient, json!({})).await.expect(201);
        t.clock.advance(chrono::TimeDelta::minutes(20));
        let path = at(&hospital, &format!("/patients/{}/discharge", text(&patient["id"])));
        let ended = nurse.post(&format!("{path}?discharge_summary=well"), json!({})).await.expect(200);
        assert_eq!((&ended["id"], &ended["status"]), (&admission["id"], &json!("discharged")));
        assert_ne!(ended["discharged_at"], admission["admitted_at"]);
        assert_eq!(beds(&nurse, &hospital).await, (2, 0));
        admit(&nurse, &hospital, &patient, json!({})).await.expect(201);
        let bare = nurse.request("POST".parse().expect("a method"), &path);
        assert_eq!(bare.send().await.expect("an answer").status(), 200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_discharge_is_a_conflict() {
    both(|t| async move {
        let hospital = t.hospital("One", 2).await;
        let nurse = t.nurse(&hospital).await;
        let patient = t.patient(&nurse, "Lata Joshi").await;
        discharge(&nurse, &hospital, &patient).await.expect(404);
        admit(&nurse, &hospital, &patient, json!({})).await.expect(201);
        discharge(&nurse, &hospital, &patient).await.expect(200);
        discharge(&nurse, &hospital, &patient).await.expect(409);
        assert_eq!(beds(&nurse, &hospital).await, (2, 0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_discharges_frees_one_bed() {
    both(|t| async move {
        let hospital = t.hospital("One", 5).await;
        let nurse = t.nurse(&hospital).await;
        let (patient, other) = (t.patient(&nurse, "Lata Joshi").await, t.patient(&nurse, "Asha Rao").await);
        admit(&nurse, &hospital, &patient, json!({})).await.expect(201);
        admit(&nurse, &hospital, &other, json!({})).await.expect(201);
        let tries = join_all((0..12).map(|_| discharge(&nurse, &hospital, &patient))).await;
        let statuses: Vec<u16> = tries.iter().map(|answer| answer.status.as_u16()).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
        // Who comes between the discharge and the end of the treatment sees the one or the other.
        assert!(statuses.iter().all(|status| [200, 403, 409].contains(status)), "{statuses:?}");
        assert_eq!(beds(&nurse, &hospital).await, (4, 1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn comings_and_goings_at_once_keep_the_count() {
    both(|t| async move {
        let hospital = t.hospital("One", 3).await;
        let nurse = t.nurse(&hospital).await;
        let patients = join_all((0..6).map(|n| {
            let (t, nurse) = (t.clone(), nurse.clone());
            async move { t.patient(&nurse, &format!("Patient {n}")).await }
        }));
        let patients = patients.await;
        join_all(patients.iter().map(|patient| async {
            for _ in 0..4 {
                let admitted = admit(&nurse, &hospital, patient, json!({})).await.status.as_u16();
                assert!([201, 409].contains(&admitted), "{admitted}");
                let discharged = discharge(&nurse, &hospital, patient).await.status.as_u16();
                assert!([200, 404, 409].contains(&discharged), "{discharged}");
            }
        }))
        .await;
        assert_eq!(beds(&nurse, &hospital).await, (3, 0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_staff_that_treats_a_patient_discharges_them() {
    both(|t| async move {
        let (hospital, other) = (t.hospital("One", 5).await, t.hospital("Two", 5).await);
        let (nurse, admin) = (t.nurse(&hospital).await, t.admin().await);
        let patient = t.patient(&nurse, "Lata Joshi").await;
        let (attending, attends) = t.doctor("Dr. Rao").await;
        let (colleague, works_here) = t.doctor("Dr. Sen").await;
        affiliate(&admin, &attending, &hospital).await;
        affiliate(&admin, &colleague, &hospital).await;
        admit(&nurse, &hospital, &patient, json!({"doctor_id": attending["id"]})).await.expect(201);
        let oneself = t.account("patient", Some(&patient["id"])).await;
        for client in [t.nurse(&other).await, oneself, admin, t.doctor("Dr. Nair").await.1] {
            discharge(&client, &hospital, &patient).await.expect(403);
        }
        discharge(&works_here, &hospital, &patient).await.expect(404);
        discharge(&t.nurse(&other).await, &other, &patient).await.expect(404);
        discharge(&attends, &hospital, &patient).await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_summary_is_refused() {
    both(|t| async move {
        let hospital = t.hospital("One", 5).await;
        let nurse = t.nurse(&hospital).await;
        let patient = t.patient(&nurse, "Lata Joshi").await;
        admit(&nurse, &hospital, &patient, json!({})).await.expect(201);
        let path = at(&hospital, &format!("/patients/{}/discharge", text(&patient["id"])));
        let long = json!({"discharge_summary": "x".repeat(10_001)});
        nurse.post(&path, long).await.expect_about(422, "discharge_summary");
        nurse.post(&path, json!({"discharge_summary": "Went home well."})).await.expect(200);
    })
    .await;
}
