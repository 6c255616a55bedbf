//! Admissions as the ward sees them: one admission, two doors.
use serde_json::{Value, json};
use testkit::{Client, TestApp, both};

use crate::{discharge, reading, readings, text};

async fn beds(by: &Client, hospital: &Value) -> i64 {
    let now = by.get(&format!("/api/hospitals/{}", text(&hospital["id"]))).await.expect(200);
    now["available_beds"].as_i64().expect("a number")
}

async fn admitted_to(nurse: &Client, hospital: &Value) -> Vec<Value> {
    let listed = nurse.get(&format!("/api/hospitals/{}/patients", text(&hospital["id"]))).await.expect(200);
    listed.as_array().expect("a list").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encounter_is_an_admission_to_the_hospital() {
    both(|t| async move {
        let w = t.ward().await;
        assert_eq!((&w.encounter["status"], &w.encounter["hospital_id"]), (&json!("active"), &w.hospital["id"]));
        assert_eq!(beds(&w.nurse, &w.hospital).await, 9);
        let admitted = admitted_to(&w.nurse, &w.hospital).await;
        assert_eq!(admitted.len(), 1);
        assert!(admitted[0].to_string().contains(w.encounter_id()), "{}", admitted[0]);
        // The other door finds the patient admitted already, and takes no second bed.
        let door = format!("/api/hospitals/{}/patients/{}/admit", text(&w.hospital["id"]), w.patient_id());
        w.nurse.post(&door, json!({"department": "medicine", "reason": "again"})).await.expect(409);
        let again = json!({"patient_id": w.patient["id"], "doctor_id": w.doctor_id()});
        w.nurse.post("/encounters", again).await.expect(409);
        assert_eq!(beds(&w.nurse, &w.hospital).await, 9);
        discharge(&w).await;
        assert_eq!(beds(&w.nurse, &w.hospital).await, 10);
        assert!(admitted_to(&w.nurse, &w.hospital).await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admission_by_the_hospitals_door_is_an_encounter() {
    both(|t| async move {
        let hospital = t.hospital("City Hospital", 4).await;
        let nurse = t.nurse(&hospital).await;
        let patient = t.patient(&nurse, "Lata Joshi").await;
        let of_patient = format!("/patients/{}/encounter", text(&patient["id"]));
        nurse.get(&of_patient).await.expect(403);
        let lata = t.account("patient", Some(&patient["id"])).await;
        lata.get(&of_patient).await.expect(404);
        let door = format!("/api/hospitals/{}/patients/{}/admit", text(&hospital["id"]), text(&patient["id"]));
        let admission = nurse.post(&door, json!({"department": "medicine", "reason": "fever"})).await.expect(201);
        let encounter = nurse.get(&of_patient).await.expect(200)["data"].clone();
        assert_eq!((&encounter["id"], &encounter["hospital_id"]), (&admission["id"], &hospital["id"]));
        assert_eq!(lata.get(&of_patient).await.expect(200)["data"], encounter);
        let body = json!({"patient_id": patient["id"], "encounter_id": admission["id"], "hr_bpm": 70});
        nurse.post("/vitals", body).await.expect(201);
        let overview = nurse.get(&format!("/encounters/{}/overview", text(&admission["id"]))).await.expect(200);
        assert_eq!(overview["data"]["latest_vitals"]["hr_bpm"], 70.0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_bed_is_given_once_whichever_door() {
    both(|t| async move {
        let hospital = t.hospital("Small Hospital", 1).await;
        let nurse = t.nurse(&hospital).await;
        let (doctor, _) = t.doctor("Dr. Iyer").await;
        let (one, two) = (t.patient(&nurse, "Lata Joshi").await, t.patient(&nurse, "Ravi Rao").await);
        let door = format!("/api/hospitals/{}/patients/{}/admit", text(&hospital["id"]), text(&one["id"]));
        let encounter = json!({"patient_id": two["id"], "doctor_id": doctor["id"]});
        let (first, second) = tokio::join!(
            nurse.post(&door, json!({"department": "medicine", "reason": "fever"})),
            nurse.post("/encounters", encounter)
        );
        let mut statuses = [first.status.as_u16(), second.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409], "{} {}", first.text, second.text);
        assert_eq!(beds(&nurse, &hospital).await, 0);
    })
    .await;
}

/// A doctor affiliated with a hospital.
async fn affiliated(t: &TestApp, hospital: &Value) -> (Value, Client) {
    let (record, doctor) = t.doctor("Dr. Affiliated").await;
    let path = format!("/api/doctors/{}/hospitals/{}", text(&record["id"]), text(&hospital["id"]));
    t.admin().await.post(&path, json!({"department": "medicine"})).await.expect(201);
    (record, doctor)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_affiliated_doctor_admits_to_the_one_hospital_or_names_which() {
    both(|t| async move {
        let (one, two) = (t.hospital("One", 4).await, t.hospital("Two", 4).await);
        let nurse = t.nurse(&one).await;
        let (record, doctor) = affiliated(&t, &one).await;
        let patient = t.patient(&nurse, "Lata Joshi").await;
        let body = json!({"patient_id": patient["id"], "doctor_id": record["id"]});
        let made = doctor.post("/encounters", body).await.expect(201)["data"].clone();
        assert_eq!((&made["hospital_id"], &made["doctor_id"]), (&one["id"], &record["id"]));
        let path = format!("/api/doctors/{}/hospitals/{}", text(&record["id"]), text(&two["id"]));
        t.admin().await.post(&path, json!({})).await.expect(201);
        let other = t.patient(&nurse, "Ravi Rao").await;
        let body = json!({"patient_id": other["id"], "doctor_id": record["id"]});
        doctor.post("/encounters", body.clone()).await.expect_about(422, "hospital_id");
        let named = crate::with(body, json!({"hospital_id": two["id"]}));
        assert_eq!(doctor.post("/encounters", named).await.expect(201)["data"]["hospital_id"], two["id"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_admits_to_a_hospital_they_do_not_work_at() {
    both(|t| async move {
        let (own, other) = (t.hospital("Own", 4).await, t.hospital("Other", 4).await);
        let nurse = t.nurse(&own).await;
        let (record, doctor) = t.doctor("Dr. Nowhere").await;
        // Somebody else's patient: whoever admits them reads their chart.
        let patient = t.patient(&t.nurse(&other).await, "Lata Joshi").await;
        let body = json!({"patient_id": patient["id"], "doctor_id": record["id"], "hospital_id": other["id"]});
        nurse.post("/encounters", body.clone()).await.expect(403);
        doctor.post("/encounters", body.clone()).await.expect(403);
        let unknown = crate::with(body.clone(), json!({"hospital_id": "0191d3a0-0000-7000-8000-000000000000"}));
        let refused = nurse.post("/encounters", unknown).await;
        assert!([403, 404, 422].contains(&refused.status.as_u16()), "{}", refused.text);
        assert_eq!(beds(&nurse, &other).await, 4);
        doctor.get(&format!("/api/patients/{}?include=records", text(&patient["id"]))).await.expect(404);
        for who in [t.admin().await, t.responder(&other).await, t.account("patient", Some(&patient["id"])).await] {
            who.post("/encounters", body.clone()).await.expect(403);
        }
        t.client().post("/encounters", body).await.expect(401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encounter_names_a_patient_and_a_doctor_who_exist() {
    both(|t| async move {
        let w = t.ward().await;
        let patient = t.patient(&w.nurse, "Ravi Rao").await;
        let nobody = "0191d3a0-0000-7000-8000-000000000000";
        let fine = json!({"patient_id": patient["id"], "doctor_id": w.doctor_id()});
        for (member, value, status) in [
            ("doctor_id", json!(nobody), 422),
            ("doctor_id", json!("Dr. Iyer"), 422),
            ("doctor_id", Value::Null, 422),
            ("patient_id", json!(""), 422),
            ("patient_id", json!(7), 422),
            ("room_number", json!(""), 422),
            ("reason", json!("x".repeat(2001)), 422),
        ] {
            let body = crate::with(fine.clone(), json!({member: value}));
            w.nurse.post("/encounters", body).await.expect_about(status, member);
        }
        let unknown = crate::with(fine.clone(), json!({"patient_id": nobody}));
        w.nurse.post("/encounters", unknown).await.expect(404);
        assert_eq!(beds(&w.nurse, &w.hospital).await, 9);
        w.nurse.post("/encounters", fine).await.expect(201);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_discharged_encounter_takes_no_more() {
    both(|t| async move {
        let w = t.ward().await;
        let lata = t.account("patient", Some(&w.patient["id"])).await;
        let (record, assigned) = t.doctor("Dr. Assigned").await;
        let path = format!("/api/doctors/{}/patients/{}", text(&record["id"]), w.patient_id());
        w.nurse.post(&path, json!({})).await.expect(201);
        w.nurse.post("/vitals", reading(&w, json!({"hr_bpm": 70}))).await.expect(201);
        discharge(&w).await;
        t.clock.advance(chrono::TimeDelta::minutes(1));
        let late = reading(&w, json!({"hr_bpm": 70, "encounter_id": w.encounter["id"]}));
        for by in [&lata, &assigned] {
            by.post("/vitals", late.clone()).await.expect_about(409, "encounter_id");
        }
        let note = json!({"encounter_id": w.encounter["id"], "note": "went home"});
        assigned.post("/observations", note.clone()).await.expect_about(409, "encounter_id");
        // Whose right rested on the admission has none left.
        for by in [&w.nurse, &w.doctor] {
            by.post("/vitals", late.clone()).await.expect(if by.token == w.nurse.token { 403 } else { 404 });
        }
        w.doctor.post("/observations", note).await.expect(404);
        w.doctor.get(&format!("/encounters/{}/overview", w.encounter_id())).await.expect(404);
        let after = assigned.get(&format!("/encounters/{}/overview", w.encounter_id())).await.expect(200);
        assert_eq!(after["data"]["status"], "discharged");
        let history = assigned.get(&format!("/patients/{}/vitals", w.patient_id())).await.expect(200);
        assert_eq!(history["data"]["readings"].as_array().map(Vec::len), Some(1));
        lata.get(&format!("/patients/{}/encounter", w.patient_id())).await.expect(404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_patients_encounter_does_not_fit() {
    both(|t| async move {
        let w = t.ward().await;
        let other = crate::another(&w, json!({})).await;
        for encounter in [&other.encounter["id"], &json!("0191d3a0-0000-7000-8000-000000000000")] {
            let body = reading(&w, json!({"hr_bpm": 140, "encounter_id": encounter}));
            w.nurse.post("/vitals", body).await.expect_about(422, "encounter_id");
        }
        assert!(readings(&w).await.is_empty() && readings(&other).await.is_empty());
        assert!(crate::alerts(&w).await.is_empty() && crate::alerts(&other).await.is_empty());
    })
    .await;
}
