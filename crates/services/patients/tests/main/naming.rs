//! Who is asked to validate a patient: the named, those who stand in for them, and those who were sent away.
use serde_json::{Value, json};
use testkit::both;

use crate::people::{affiliate, v1};
use crate::validating::{asked, house, name, of, queue, step};
use crate::{admit, each, text};

#[tokio::test(flavor = "multi_thread")]
async fn who_was_not_named_is_stood_in_for() {
    both(|t| async move {
        let house = house(&t).await;
        let patient = asked(&house, json!({"institution_id": house.hospital["id"]})).await;
        let (_, stranger) = t.doctor("Dr. Stranger").await;
        stranger.post(&v1(&patient, "/validation"), json!({})).await.expect(404);
        assert_eq!(queue(&house.meera).await, [text(&patient["id"])]);
        let taken = step(&house.meera, &patient).await;
        assert_eq!(taken["doctor_id"], house.doctor["id"]);
        assert_eq!(step(&house.desk, &patient).await["validation_status"], "validated_by_institution");

        let alone = asked(&house, json!({"doctor_id": house.doctor["id"]})).await;
        house.nurse.get(&v1(&alone, "/validation")).await.expect(404);
        step(&house.meera, &alone).await;
        // Nobody stands in for an institution: any could affiliate the doctor now.
        let lake = t.hospital("Lake Hospital", 4).await;
        affiliate(&t, &house.doctor, &lake).await;
        for nurse in [&t.nurse(&lake).await, &house.nurse] {
            nurse.get(&v1(&alone, "/validation")).await.expect(404);
            nurse.post(&v1(&alone, "/validation"), json!({})).await.expect(404);
            assert!(queue(nurse).await.is_empty());
        }
        admit(&house.nurse, &house.hospital, &alone).await;
        let problem = house.nurse.post(&v1(&alone, "/validation"), json!({})).await.expect_about(409, "institution_id");
        assert!(text(&problem["detail"]).contains("PUT"), "{problem}");
        name(&house.meera, &alone, json!({"institution_id": house.hospital["id"]})).await;
        assert_eq!(queue(&house.nurse).await, [text(&alone["id"])]);
        assert_eq!(step(&house.nurse, &alone).await["institution_id"], house.hospital["id"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_who_was_sent_away_does_not_come_back_by_validating() {
    both(|t| async move {
        let house = house(&t).await;
        let patient = asked(&house, of(&house)).await;
        let own = t.account("patient", Some(&patient["id"])).await;
        let assignment = format!("/api/doctors/{}/patients/{}", text(&house.doctor["id"]), text(&patient["id"]));
        own.post(&assignment, json!({})).await.expect(201);
        t.clock.advance(chrono::TimeDelta::seconds(60));
        own.delete(&assignment).await.expect(204);
        let refused = async || {
            house.meera.get(&v1(&patient, "/validation")).await.expect(404);
            house.meera.post(&v1(&patient, "/validation"), json!({})).await.expect(404);
            assert!(queue(&house.meera).await.is_empty());
            let dashboard = house.meera.get("/api/v1/doctors/me/dashboard").await.expect(200);
            assert_eq!(dashboard["pending_reviews"], 0, "as many as the queue shows");
        };
        refused().await;
        // Nor as one of the named institution, when the patient names no doctor any more.
        assert_eq!(name(&own, &patient, json!({"doctor_id": null})).await["doctor_id"], Value::Null);
        refused().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn null_names_nobody_and_takes_no_name_away() {
    both(|t| async move {
        let house = house(&t).await;
        let patient = asked(&house, of(&house)).await;
        let own = t.account("patient", Some(&patient["id"])).await;
        for member in ["first_name", "last_name", "date_of_birth"] {
            own.put(&v1(&patient, ""), json!({member: null})).await.expect_about(422, member);
        }
        let left = name(&own, &patient, json!({"institution_id": null})).await;
        assert_eq!((&left["institution_id"], &left["doctor_id"]), (&Value::Null, &house.doctor["id"]));
        step(&house.meera, &patient).await;
        own.put(&v1(&patient, ""), json!({"doctor_id": null})).await.expect_about(409, "doctor_id");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_who_treats_the_patient_validates_without_having_been_named() {
    both(|t| async move {
        let house = house(&t).await;
        let patient = asked(&house, of(&house)).await;
        let (other, nair) = t.doctor("Dr. Nair").await;
        let own = t.account("patient", Some(&patient["id"])).await;
        let assign = format!("/api/doctors/{}/patients/{}", text(&other["id"]), text(&patient["id"]));
        own.post(&assign, json!({})).await.expect(201);
        let taken = step(&nair, &patient).await;
        assert_eq!((&taken["doctor_id"], &taken["history"][0]["holder_id"]), (&other["id"], &other["id"]));
        // The one who was named is asked no more, and no longer knows.
        house.meera.get(&v1(&patient, "/validation")).await.expect(404);
        let team = own.get(&v1(&patient, "/care-team")).await.expect(200);
        assert_eq!(each(&team["doctors"], "name"), ["Dr. Nair"]);
        assert_eq!(team["doctors"][0]["relations"], json!(["assigned_doctor"]));
        assert_eq!(team["institutions"][0]["relations"], json!(["requested"]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn others_may_be_named_until_one_has_validated() {
    both(|t| async move {
        let house = house(&t).await;
        let (other, nair) = t.doctor("Dr. Nair").await;
        let lake = t.hospital("Lake Hospital", 4).await;
        let patient = asked(&house, of(&house)).await;
        let to = |id: &Value| json!({"doctor_id": id});
        // An administrator makes doctors' accounts, and could name one of them to read a chart.
        house.admin.put(&v1(&patient, ""), to(&other["id"])).await.expect(403);
        let own = t.account("patient", Some(&patient["id"])).await;
        own.put(&v1(&patient, ""), to(&json!("nobody"))).await.expect_about(422, "doctor_id");
        own.put(&v1(&patient, ""), to(&other["id"])).await.expect(200);
        house.meera.get(&v1(&patient, "/validation")).await.expect(404);
        step(&nair, &patient).await;
        own.put(&v1(&patient, ""), to(&house.doctor["id"])).await.expect_about(409, "doctor_id");
        own.put(&v1(&patient, ""), to(&other["id"])).await.expect(200);
        let there = json!({"institution_id": lake["id"]});
        own.put(&v1(&patient, ""), there).await.expect(200);
        house.nurse.get(&v1(&patient, "/validation")).await.expect(404);
        step(&t.nurse(&lake).await, &patient).await;
        let back = json!({"institution_id": house.hospital["id"]});
        own.put(&v1(&patient, ""), back).await.expect_about(409, "institution_id");
    })
    .await;
}
