//! Admitting: beds taken, rights given, and the last bed given once.
use futures::future::join_all;
use serde_json::{Value, json};
use testkit::both;

use crate::{admit, affiliate, at, beds, discharge, text};

#[tokio::test(flavor = "multi_thread")]
async fn an_admitted_patient_takes_a_bed() {
    both(|t| async move {
        let hospital = t.hospital("One", 2).await;
        let nurse = t.nurse(&hospital).await;
        let patient = t.patient(&nurse, "Lata Joshi").await;
        let admission = admit(&nurse, &hospital, &patient, json!({"room_number": "101"})).await.expect(201);
        assert_eq!((&admission["status"], &admission["treatment_type"]), (&json!("active"), &json!("inpatient")));
        assert_eq!((&admission["department"], &admission["room"]["room_number"]), (&json!("medicine"), &json!("101")));
        assert_eq!((&admission["patient_id"], &admission["discharged_at"]), (&patient["id"], &Value::Null));
        assert_eq!(beds(&nurse, &hospital).await, (1, 1));
        let other = t.patient(&nurse, "Asha Rao").await;
        let next = admit(&nurse, &hospital, &other, json!({"room_number": " 101 "})).await.expect(201);
        assert_eq!(next["room"], admission["room"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_hospital_admits_nobody() {
    both(|t| async move {
        let hospital = t.hospital("One", 2).await;
        let nurse = t.nurse(&hospital).await;
        nurse.patch(&at(&hospital, "/beds?available_beds=1"), json!({})).await.expect(200);
        let (first, second) = (t.patient(&nurse, "Lata Joshi").await, t.patient(&nurse, "Asha Rao").await);
        admit(&nurse, &hospital, &first, json!({})).await.expect(201);
        let problem = admit(&nurse, &hospital, &second, json!({})).await.expect(409);
        assert_eq!(problem["detail"], "No beds available in the hospital");
        assert_eq!(problem["error"], "No beds available in the hospital");
        discharge(&nurse, &hospital, &first).await.expect(200);
        admit(&nurse, &hospital, &second, json!({})).await.expect(201);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_admissions_onto_ten_beds_admit_ten() {
    both(|t| async move {
        let hospital = t.hospital("One", 10).await;
        let nurse = t.nurse(&hospital).await;
        let patients = join_all((0..200).map(|n| {
            let (t, nurse) = (t.clone(), nurse.clone());
            async move { t.patient(&nurse, &format!("Patient {n}")).await }
        }));
        let patients = patients.await;
        let answers = join_all(patients.iter().map(|patient| admit(&nurse, &hospital, patient, json!({})))).await;
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 10, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 190, "{statuses:?}");
        assert_eq!(beds(&nurse, &hospital).await, (0, 10));
        let here = nurse.get(&at(&hospital, "/patients")).await.expect(200);
        assert_eq!(here.as_array().map(Vec::len), Some(10));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_lies_in_one_bed_at_a_time() {
    both(|t| async move {
        let (one, two) = (t.hospital("One", 5).await, t.hospital("Two", 5).await);
        let (nurse, other) = (t.nurse(&one).await, t.nurse(&two).await);
        let patient = t.patient(&nurse, "Lata Joshi").await;
        let tries = join_all((0..8).map(|n| match n % 2 {
            0 => admit(&nurse, &one, &patient, json!({})),
            _ => admit(&other, &two, &patient, json!({})),
        }));
        let statuses: Vec<u16> = tries.await.iter().map(|answer| answer.status.as_u16()).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 7, "{statuses:?}");
        admit(&nurse, &one, &patient, json!({})).await.expect_about(409, "patient_id");
        let (first, second) = (beds(&nurse, &one).await, beds(&other, &two).await);
        assert_eq!(first.1 + second.1, 1);
        assert_eq!(first.0 + second.0, 9);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_staff_of_a_hospital_admits_to_it() {
    both(|t| async move {
        let (hospital, other) = (t.hospital("One", 5).await, t.hospital("Two", 5).await);
        let nurse = t.nurse(&hospital).await;
        let patient = t.patient(&nurse, "Lata Joshi").await;
        let (record, doctor) = t.doctor("Dr. Rao").await;
        let oneself = t.account("patient", Some(&patient["id"])).await;
        let strangers = [t.nurse(&other).await, t.account("hospital", Some(&other["id"])).await, doctor.clone()];
        for client in strangers.iter().chain([&oneself, &t.admin().await]) {
            admit(client, &hospital, &patient, json!({})).await.expect(403);
        }
        affiliate(&t.admin().await, &record, &hospital).await;
        admit(&doctor, &hospital, &patient, json!({})).await.expect(201);
        let desk = t.account("hospital", Some(&other["id"])).await;
        let known = t.patient(&desk, "Asha Rao").await;
        admit(&desk, &other, &known, json!({})).await.expect(201);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_attending_doctor_sees_the_patient_until_the_discharge() {
    both(|t| async move {
        let hospital = t.hospital("One", 5).await;
        let nurse = t.nurse(&hospital).await;
        let patient = t.patient(&nurse, "Lata Joshi").await;
        let (record, doctor) = t.doctor("Dr. Rao").await;
        let (_, unrelated) = t.doctor("Dr. Sen").await;
        let chart = format!("/api/patients/{}?include=records", text(&patient["id"]));
        doctor.get(&chart).await.expect(404);
        nurse.get(&chart).await.expect(403);
        admit(&nurse, &hospital, &patient, json!({"doctor_id": record["id"]})).await.expect(201);
        doctor.get(&chart).await.expect(200);
        nurse.get(&chart).await.expect(200);
        unrelated.get(&chart).await.expect(404);
        discharge(&nurse, &hospital, &patient).await.expect(200);
        doctor.get(&chart).await.expect(404);
        nurse.get(&chart).await.expect(403);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_named_in_an_admission_exists() {
    both(|t| async move {
        let hospital = t.hospital("One", 5).await;
        let (nurse, admin) = (t.nurse(&hospital).await, t.admin().await);
        let patient = t.patient(&nurse, "Lata Joshi").await;
        let (record, _) = t.doctor("Dr. Rao").await;
        let nobody = json!({"doctor_id": hospital["id"]});
        admit(&nurse, &hospital, &patient, nobody).await.expect_about(422, "doctor_id");
        admin.delete(&format!("/api/doctors/{}", text(&record["id"]))).await.expect(204);
        admit(&nurse, &hospital, &patient, json!({"doctor_id": record["id"]})).await.expect_about(422, "doctor_id");
        admit(&nurse, &hospital, &hospital, json!({})).await.expect(404);
        admit(&nurse, &hospital, &patient, json!({"department": " "})).await.expect_about(422, "department");
        admit(&nurse, &hospital, &patient, json!({"reason": "x".repeat(2001)})).await.expect_about(422, "reason");
        admit(&nurse, &hospital, &patient, json!({"room_number": ""})).await.expect_about(422, "room_number");
        admit(&nurse, &hospital, &patient, json!({"doctor_id": 7})).await.expect_about(422, "doctor_id");
        assert_eq!(beds(&nurse, &hospital).await, (5, 0));
        admin.delete(&format!("/api/patients/{}", text(&patient["id"]))).await.expect(204);
        admit(&nurse, &hospital, &patient, json!({})).await.expect(409);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_is_admitted_by_their_own_reference_and_cannot_leave_the_register() {
    both(|t| async move {
        let hospital = t.hospital("One", 5).await;
        let nurse = t.nurse(&hospital).await;
        let body = json!({"patient_id": "MRN 0042/7", "name": "Lata Joshi", "date_of_birth": "1970-04-12",
            "gender": "female", "contact": "+91 98221 54321"});
        let patient = nurse.post("/api/patients", body).await.expect(201);
        let path = at(&hospital, "/patients/MRN%200042%2F7/admit");
        let admission = nurse.post(&path, json!({"department": "medicine", "reason": "observation"})).await.expect(201);
        assert_eq!(admission["patient_id"], patient["id"]);
        t.admin().await.delete("/api/patients/MRN%200042%2F7").await.expect(409);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guessed_reference_admits_nobody_and_tells_nothing() {
    both(|t| async move {
        let (here, there) = (t.hospital("One", 5).await, t.hospital("Two", 5).await);
        let (nurse, other) = (t.nurse(&here).await, t.nurse(&there).await);
        let body = json!({"patient_id": "MRN-1", "name": "Lata Joshi", "date_of_birth": "1970-04-12",
            "gender": "female", "contact": "+91 98221 54321"});
        let patient = nurse.post("/api/patients", body).await.expect(201);
        let why = json!({"department": "medicine", "reason": "observation"});
        for name in ["MRN-1", "MRN-2"] {
            for deed in ["admit", "discharge"] {
                let path = at(&there, &format!("/patients/{name}/{deed}"));
                let refused = other.post(&path, why.clone()).await.expect(404);
                assert_eq!(refused["detail"], "patient not found", "{deed} {name}");
            }
        }
        assert_eq!(discharge(&other, &there, &patient).await.expect(404)["detail"], "patient not found");
        assert_eq!(discharge(&nurse, &here, &patient).await.expect(404)["detail"], "admission not found");
        assert_eq!(beds(&other, &there).await, (5, 0));
        // Who brings our id has it from the patient or from whoever registered them.
        admit(&other, &there, &patient, json!({})).await.expect(201);
    })
    .await;
}
