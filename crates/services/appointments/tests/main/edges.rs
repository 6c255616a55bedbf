//! What other services learn of appointments, and what happens to them when somebody leaves.
use serde_json::json;
use testkit::both;

use crate::{PATH, at, patient, text, visit, with};

#[tokio::test(flavor = "multi_thread")]
async fn a_doctors_booked_appointments_are_counted() {
    both(|t| async move {
        let w = t.ward().await;
        let mut booked = Vec::new();
        for minutes in [60, 120, 1500] {
            booked.push(w.nurse.post(PATH, visit(&t, &w, minutes)).await.expect(201));
        }
        let doctor = w.doctor_id().parse().expect("an id");
        let from = t.clock.now();
        let count =
            async |to| (t.app.edge::<doctors::Agenda>().0)(t.app.db(), doctor, from, to).await.expect("a count");
        let hours = chrono::TimeDelta::hours;
        assert_eq!((count(from + hours(24)).await, count(from + hours(48)).await), (2, 3));
        assert_eq!(count(from + hours(1)).await, 0, "the end is not included");
        w.nurse.delete(&at(&booked[0])).await.expect(204);
        assert_eq!(count(from + hours(24)).await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_has_no_appointments_any_more() {
    both(|t| async move {
        let w = t.ward().await;
        let (asha, client) = patient(&t, &w.nurse, "Asha Rao").await;
        let (record, nair) = t.doctor("Dr. Nair").await;
        let said = |minutes| with(visit(&t, &w, minutes), json!({"patient_id": asha["id"], "doctor_id": record["id"]}));
        let first = client.post(PATH, said(60)).await.expect(201);
        t.admin().await.delete(&format!("/api/doctors/{}", text(&record["id"]))).await.expect(204);
        let cancelled = client.get(&at(&first)).await.expect(200);
        assert_eq!((&cancelled["status"], &cancelled["doctor_name"]), (&json!("cancelled"), &json!("Dr. Nair")));
        nair.get(PATH).await.expect(401);
        client.post(PATH, said(60)).await.expect_about(422, "doctor_id");

        let with_meera =
            client.post(PATH, with(said(60), json!({"doctor_id": w.doctor_record["id"]}))).await.expect(201);
        client.delete(&format!("/api/patients/{}", text(&asha["id"]))).await.expect(204);
        let day = w.doctor.get(&format!("{PATH}?status=cancelled")).await.expect(200);
        assert_eq!((&day[0]["id"], &day[0]["title"]), (&with_meera["id"], &json!(null)));
        // Her time is free again.
        w.nurse.post(PATH, visit(&t, &w, 60)).await.expect(201);
        w.nurse.post(PATH, said(600)).await.expect(404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_doctor_takes_nothing_new_and_keeps_what_was_agreed() {
    both(|t| async move {
        let w = t.ward().await;
        let booked = w.nurse.post(PATH, visit(&t, &w, 60)).await.expect(201);
        let path = format!("/api/v1/doctors/{}/professional-status", w.doctor_id());
        let suspended = json!({"status": "suspended", "reason": "under review"});
        t.admin().await.put(&path, suspended).await.expect(200);
        w.nurse.post(PATH, visit(&t, &w, 600)).await.expect_about(422, "doctor_id");
        let elsewhere = json!({"scheduled_at": crate::later(&t, 90)});
        w.nurse.put(&at(&booked), elsewhere).await.expect_about(422, "doctor_id");
        w.nurse.put(&at(&booked), json!({"notes": "call first"})).await.expect(200);
        w.nurse.delete(&at(&booked)).await.expect(204);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dashboards_show_what_is_next() {
    both(|t| async move {
        let w = t.ward().await;
        for minutes in [0, 3000, 6000] {
            w.nurse.post(PATH, visit(&t, &w, minutes)).await.expect(201);
        }
        let own = w.doctor.get("/api/v1/doctors/me/dashboard").await.expect(200);
        assert_eq!(own["today_appointments"], 1);
        t.clock.advance(chrono::TimeDelta::minutes(1));
        let cancelled = w.nurse.post(PATH, visit(&t, &w, 9000)).await.expect(201);
        w.nurse.delete(&at(&cancelled)).await.expect(204);
        let shown = w.nurse.get(&format!("/api/v1/patients/{}/dashboard", w.patient_id())).await.expect(200);
        let listed = w.nurse.get(&format!("{PATH}?patient_id={}&skip=1&limit=2", w.patient_id())).await.expect(200);
        assert_eq!(shown["appointments"], listed, "the two that have not begun");
    })
    .await;
}
