//! Facilities that patients link and unlink, and what their staff sees meanwhile.
use futures::future::join_all;
use serde_json::{Value, json};
use testkit::both;

use crate::{NUMBERS, PASSWORD, done, registered, text, with};

const LINK: &str = "/api/v1/patient/link-facility";
const LIST: &str = "/api/v1/patient/facilities";

#[tokio::test(flavor = "multi_thread")]
async fn a_linked_facility_knows_who_comes_and_reads_no_chart() {
    both(|t| async move {
        let (made, own) = registered(&t, NUMBERS[0], "rajesh@example.com").await;
        let hospital = t.hospital("Ruby Hall", 4).await;
        let (nurse, desk) = (t.nurse(&hospital).await, t.account("hospital", Some(&hospital["id"])).await);
        let stranger = t.nurse(&t.hospital("Sahyadri", 4).await).await;
        let (_, doctor) = t.doctor("Dr. Nair").await;
        let id = text(&made["patient_id"]);
        let path = format!("/api/patients/{id}");
        nurse.get(&path).await.expect(404);
        assert_eq!(own.get(LIST).await.expect(200), json!([]));

        let said = json!({"facility_id": hospital["id"], "facility_patient_id": " MRN-7 "});
        let linked = own.post(LINK, said).await.expect(201);
        assert_eq!((text(&linked["facility_name"]), text(&linked["facility_patient_id"])), ("Ruby Hall", "MRN-7"));
        assert_eq!((&linked["is_active"], &linked["last_visit"]), (&json!(true), &Value::Null));
        assert_eq!(own.get(LIST).await.expect(200), json!([linked]));
        for staff in [&nurse, &desk] {
            staff.get(&path).await.expect(200);
            staff.get(&format!("{path}/family-contacts")).await.expect(200);
            staff.get(&format!("/api/v1/patients/{id}/care-team")).await.expect(200);
            for closed in ["conditions", "records"] {
                staff.get(&format!("{path}/{closed}")).await.expect(403);
            }
            staff.get(&format!("/patients/{id}/vitals")).await.expect(403);
            staff.get(&format!("/api/v1/patients/{id}/medical-record")).await.expect(403);
            staff.put(&path, json!({"name": "Somebody Else"})).await.expect(403);
            staff.post(&format!("{path}/conditions"), json!({"condition_name": "x"})).await.expect(403);
        }
        // Nor does it let a doctor of its choice in.
        let (record, _) = t.doctor("Dr. Rao").await;
        let assign = format!("/api/doctors/{}/patients/{id}", text(&record["id"]));
        desk.post(&assign, json!({})).await.expect(403);
        for other in [&stranger, &doctor] {
            other.get(&path).await.expect(404);
        }
        let team = own.get(&format!("/api/v1/patients/{id}/care-team")).await.expect(200);
        assert_eq!(team["institutions"][0]["relations"], json!(["linked_facility"]));
        assert_eq!(done(&t, "facility.link").await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unlinked_facility_sees_nothing_at_once() {
    both(|t| async move {
        let (made, own) = registered(&t, NUMBERS[0], "rajesh@example.com").await;
        let hospital = t.hospital("Ruby Hall", 4).await;
        let nurse = t.nurse(&hospital).await;
        let path = format!("/api/patients/{}", text(&made["patient_id"]));
        let linked = own.post(LINK, json!({"facility_id": "Ruby Hall"})).await.expect(201);
        nurse.get(&path).await.expect(200);
        own.delete(&format!("{LIST}/{}", text(&hospital["id"]))).await.expect(204);
        nurse.get(&path).await.expect(404);
        assert_eq!(nurse.get("/api/patients").await.expect(200), json!([]));
        assert_eq!(own.get(LIST).await.expect(200), json!([]));
        own.delete(&format!("{LIST}/{}", text(&hospital["id"]))).await.expect(404);
        // And linked anew, by another link; which names itself too.
        let again = own.post(LINK, json!({"facility_id": hospital["id"]})).await.expect(201);
        assert_ne!(linked["id"], again["id"]);
        nurse.get(&path).await.expect(200);
        own.delete(&format!("{LIST}/{}", text(&again["id"]))).await.expect(204);
        nurse.get(&path).await.expect(404);
        assert_eq!(done(&t, "facility.unlink").await, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unlinking_takes_away_the_link_and_no_admission() {
    both(|t| async move {
        let ward = t.ward().await;
        let own = t.account("patient", Some(&ward.patient["id"])).await;
        let linked = own.post(LINK, json!({"facility_id": ward.hospital["id"]})).await.expect(201);
        assert!(linked["last_visit"].is_string(), "{linked}");
        own.delete(&format!("{LIST}/{}", text(&ward.hospital["id"]))).await.expect(204);
        ward.nurse.get(&format!("/api/patients/{}/conditions", ward.patient_id())).await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn linking_twice_is_linking_once() {
    both(|t| async move {
        let (_, own) = registered(&t, NUMBERS[0], "rajesh@example.com").await;
        let hospital = t.hospital("Ruby Hall", 4).await;
        let said = json!({"facility_id": hospital["id"]});
        let answers = join_all((0..10).map(|_| own.post(LINK, said.clone()))).await;
        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 200, 200, 200, 200, 200, 200, 200, 200, 201]);
        let known_as = with(said.clone(), json!({"facility_patient_id": "MRN-8"}));
        let renamed = own.post(LINK, known_as).await.expect(200);
        assert_eq!(renamed["facility_patient_id"], "MRN-8");
        // Left out, the number stays.
        assert_eq!(own.post(LINK, said).await.expect(200), renamed);
        assert_eq!(own.get(LIST).await.expect(200).as_array().map(Vec::len), Some(1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_linked_is_refused() {
    both(|t| async move {
        let (_, own) = registered(&t, NUMBERS[0], "rajesh@example.com").await;
        for (body, member) in [
            (json!({"facility_id": "no such place"}), "facility_id"),
            (json!({"facility_id": " "}), "facility_id"),
            (json!({"facility_id": "0191d3a0-0000-7000-8000-000000000000"}), "facility_id"),
            (json!({"facility_id": "x", "facility_patient_id": ""}), "facility_patient_id"),
        ] {
            own.post(LINK, body).await.expect_about(422, member);
        }
        let pending = json!({"user_type": "hospital", "hospital_name": "Brand New", "registration_number": "R-9",
            "email": "desk@new.example", "password": PASSWORD});
        let pending = t.client().post("/api/v1/auth/register", pending).await.expect(201);
        // Its name might be another's; who has its id knows whom it is of.
        own.post(LINK, json!({"facility_id": "Brand New"})).await.expect_about(422, "facility_id");
        own.post(LINK, json!({"facility_id": pending["hospital_id"]})).await.expect(409);
        let hospital = t.hospital("Ruby Hall", 4).await;
        let closed = format!("/api/hospitals/{}", text(&hospital["id"]));
        own.post(LINK, json!({"facility_id": hospital["id"]})).await.expect(201);
        t.admin().await.delete(&closed).await.expect(204);
        assert_eq!(own.get(LIST).await.expect(200)[0]["is_active"], false);
        own.delete(&format!("{LIST}/{}", text(&hospital["id"]))).await.expect(204);
        own.post(LINK, json!({"facility_id": hospital["id"]})).await.expect_about(422, "facility_id");
        let ward = t.ward().await;
        for client in [&ward.nurse, &ward.doctor, &t.admin().await] {
            client.post(LINK, json!({"facility_id": ward.hospital["id"]})).await.expect(403);
            client.get(LIST).await.expect(403);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_unlinks_for_another() {
    both(|t| async move {
        let (_, own) = registered(&t, NUMBERS[0], "rajesh@example.com").await;
        let (_, other) = registered(&t, NUMBERS[1], "other@example.com").await;
        let hospital = t.hospital("Ruby Hall", 4).await;
        let linked = own.post(LINK, json!({"facility_id": hospital["id"]})).await.expect(201);
        for id in [&linked["id"], &hospital["id"]] {
            other.delete(&format!("{LIST}/{}", text(id))).await.expect(404);
        }
        assert_eq!(own.get(LIST).await.expect(200), json!([linked]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_linked_facility_sees_the_record_that_was_linked_and_none_that_is_merged_with_it() {
    both(|t| async move {
        let (hospital, elsewhere) = (t.hospital("Ruby Hall", 4).await, t.hospital("Sahyadri", 4).await);
        let (nurse, desk) = (t.nurse(&hospital).await, t.account("hospital", Some(&elsewhere["id"])).await);
        let (one, twin) = (t.patient(&desk, "Rajesh Kumar").await, t.patient(&desk, "Rajesh Kumar").await);
        let own = t.account("patient", Some(&one["id"])).await;
        own.post(LINK, json!({"facility_id": hospital["id"]})).await.expect(201);
        let merge = json!({"absorbed_id": twin["id"], "reason": "the same person"});
        desk.post(&format!("/api/v1/patients/{}/merge", text(&one["id"])), merge).await.expect(201);
        let path = |patient: &Value| format!("/api/patients/{}", text(&patient["id"]));
        nurse.get(&path(&one)).await.expect(200);
        nurse.get(&path(&twin)).await.expect(404);
        // Nor does a link that is made afterwards open it.
        let second = t.hospital("Jehangir", 4).await;
        own.post(LINK, json!({"facility_id": second["id"]})).await.expect(201);
        let nurse = t.nurse(&second).await;
        nurse.get(&path(&one)).await.expect(200);
        nurse.get(&path(&twin)).await.expect(404);
    })
    .await;
}
