//! Counting beds.
use serde_json::json;
use testkit::both;

use crate::{admit, at, beds};

#[tokio::test(flavor = "multi_thread")]
async fn beds_are_counted_in_the_query_or_in_the_body() {
    both(|t| async move {
        let hospital = t.hospital("One", 10).await;
        let nurse = t.nurse(&hospital).await;
        let changed = nurse.patch(&at(&hospital, "/beds?available_beds=4"), json!({})).await.expect(200);
        assert_eq!((&changed["available_beds"], &changed["unavailable_beds"]), (&json!(4), &json!(6)));
        nurse.patch(&at(&hospital, "/beds"), json!({"available_beds": 7})).await.expect(200);
        assert_eq!(beds(&nurse, &hospital).await, (7, 0));
        let bare = nurse.request("PATCH".parse().expect("a method"), &at(&hospital, "/beds?available_beds=5"));
        assert_eq!(bare.send().await.expect("an answer").status(), 200);
        t.admin().await.patch(&at(&hospital, "/beds"), json!({"available_beds": 10})).await.expect(200);
        nurse.patch(&at(&hospital, "/beds"), json!({})).await.expect_about(422, "available_beds");
        nurse.patch(&at(&hospital, "/beds?available_beds=-1"), json!({})).await.expect_about(422, "available_beds");
        nurse.patch(&at(&hospital, "/beds?available_beds=few"), json!({})).await.expect_about(422, "available_beds");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_beds_than_there_are_cannot_be_available() {
    both(|t| async move {
        let hospital = t.hospital("One", 3).await;
        let nurse = t.nurse(&hospital).await;
        nurse.patch(&at(&hospital, "/beds"), json!({"available_beds": 4})).await.expect_about(400, "available_beds");
        let patient = t.patient(&nurse, "Lata Joshi").await;
        admit(&nurse, &hospital, &patient, json!({})).await.expect(201);
        let problem = nurse.patch(&at(&hospital, "/beds"), json!({"available_beds": 3})).await;
        let problem = problem.expect_about(400, "available_beds");
        assert!(problem["detail"].as_str().expect("a detail").starts_with("beds below occupied"), "{problem}");
        nurse.patch(&at(&hospital, "/beds"), json!({"available_beds": 2})).await.expect(200);
        assert_eq!(beds(&nurse, &hospital).await, (2, 1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hospital_grows_and_shrinks_around_its_patients() {
    both(|t| async move {
        let (admin, hospital) = (t.admin().await, t.hospital("One", 4).await);
        let nurse = t.nurse(&hospital).await;
        let patient = t.patient(&nurse, "Lata Joshi").await;
        admit(&nurse, &hospital, &patient, json!({})).await.expect(201);
        nurse.patch(&at(&hospital, "/beds"), json!({"available_beds": 1})).await.expect(200);
        let grown = admin.put(&at(&hospital, ""), json!({"total_beds": 6})).await.expect(200);
        assert_eq!((&grown["available_beds"], &grown["unavailable_beds"]), (&json!(3), &json!(2)));
        let shrunk = admin.put(&at(&hospital, ""), json!({"total_beds": 2})).await.expect(200);
        assert_eq!((&shrunk["available_beds"], &shrunk["unavailable_beds"]), (&json!(0), &json!(1)));
        admin.put(&at(&hospital, ""), json!({"total_beds": 0})).await.expect_about(400, "total_beds");
        admin.put(&at(&hospital, ""), json!({"available_beds": 2})).await.expect_about(400, "available_beds");
        let set = admin.put(&at(&hospital, ""), json!({"total_beds": 9, "available_beds": 8})).await.expect(200);
        assert_eq!((&set["available_beds"], &set["occupied_beds"]), (&json!(8), &json!(1)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn beds_are_not_anothers_to_count() {
    both(|t| async move {
        let (hospital, other) = (t.hospital("One", 4).await, t.hospital("Two", 4).await);
        let (_, doctor) = t.doctor("Dr. Rao").await;
        for client in [t.nurse(&other).await, t.account("hospital", Some(&other["id"])).await, doctor] {
            client.patch(&at(&hospital, "/beds"), json!({"available_beds": 1})).await.expect(403);
        }
        let desk = t.account("hospital", Some(&hospital["id"])).await;
        desk.patch(&at(&hospital, "/beds"), json!({"available_beds": 1})).await.expect(200);
    })
    .await;
}
