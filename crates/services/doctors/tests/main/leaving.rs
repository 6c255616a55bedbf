//! Doctors who leave: what ends, and what stays.
use serde_json::{Value, json};
use testkit::both;

use crate::{at, pair, registration, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_who_leaves_keeps_nothing_open() {
    both(|t| async move {
        let (admin, hospital) = (t.admin().await, t.hospital("One", 1).await);
        let nurse = t.nurse(&hospital).await;
        let patient = t.patient(&nurse, "Lata Joshi").await;
        let (record, doctor) = t.doctor("Dr. Rao").await;
        nurse.post(&pair(&record, &patient), json!({})).await.expect(201);
        let place = at(&record, &format!("/hospitals/{}", text(&hospital["id"])));
        admin.post(&place, json!({})).await.expect(201);
        doctor.delete(&at(&record, "")).await.expect(403);
        admin.delete(&at(&record, "")).await.expect(204);
        doctor.get(&at(&record, "")).await.expect(401);
        nurse.get(&at(&record, "")).await.expect(404);
        admin.delete(&at(&record, "")).await.expect(404);
        let kept = admin.get(&at(&record, "")).await.expect(200);
        assert_eq!((&kept["is_active"], &kept["is_available"]), (&json!(false), &json!(false)));
        assert_eq!(admin.get("/api/doctors").await.expect(200), json!([]));
        let staff = nurse.get(&format!("/api/hospitals/{}/doctors", text(&hospital["id"]))).await.expect(200);
        assert_eq!(staff, json!([]));
        nurse.post(&pair(&record, &patient), json!({})).await.expect(404);
        admin.post(&place, json!({})).await.expect(404);
        let again = json!({"email": "new@doctors.example", "license_number": record["license_number"]});
        admin
            .post("/api/doctors", crate::with(registration("Dr. Rao", "L-1"), &again))
            .await
            .expect_about(409, "license_number");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_does_not_leave_an_admitted_patient() {
    both(|t| async move {
        let (admin, hospital) = (t.admin().await, t.hospital("One", 1).await);
        let nurse = t.nurse(&hospital).await;
        let patient = t.patient(&nurse, "Lata Joshi").await;
        let (record, _) = t.doctor("Dr. Rao").await;
        let path = |what| format!("/api/hospitals/{}/patients/{}/{what}", text(&hospital["id"]), text(&patient["id"]));
        let body = json!({"department": "medicine", "reason": "fever", "doctor_id": record["id"]});
        nurse.post(&path("admit"), body).await.expect(201);
        admin.delete(&at(&record, "")).await.expect(409);
        assert_eq!(nurse.get(&at(&record, "")).await.expect(200)["is_active"], true);
        nurse.post(&path("discharge"), json!({})).await.expect(200);
        admin.delete(&at(&record, "")).await.expect(204);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_and_admitting_at_once_never_leave_a_patient_with_nobody() {
    both(|t| async move {
        let (admin, hospital) = (t.admin().await, t.hospital("One", 20).await);
        let nurse = t.nurse(&hospital).await;
        for n in 0..8 {
            let patient = t.patient(&nurse, &format!("Patient {n}")).await;
            let doctor = admin.post("/api/doctors", registration("Dr. Rao", &format!("L-{n}"))).await.expect(201);
            let path = format!("/api/hospitals/{}/patients/{}/admit", text(&hospital["id"]), text(&patient["id"]));
            let body = json!({"department": "medicine", "reason": "fever", "doctor_id": doctor["id"]});
            let gone = at(&doctor, "");
            let (admitted, left) = tokio::join!(nurse.post(&path, body), admin.delete(&gone));
            let happened: (u16, u16) = (admitted.status.as_u16(), left.status.as_u16());
            assert!([(201, 409), (422, 204)].contains(&happened), "{happened:?}");
        }
        let here: Value = nurse.get(&format!("/api/hospitals/{}", text(&hospital["id"]))).await.expect(200);
        let listed = nurse.get(&format!("/api/hospitals/{}/patients", text(&hospital["id"]))).await.expect(200);
        assert_eq!(here["occupied_beds"].as_u64(), listed.as_array().map(|all| all.len() as u64));
    })
    .await;
}
