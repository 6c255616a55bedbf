//! Calendars that nobody fills, and bookings that no doctor prolongs.
use serde_json::json;
use testkit::both;

use crate::{PATH, at, later, patient, visit, with};

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_takes_three_hours_of_a_doctor_at_most() {
    both(|t| async move {
        let w = t.ward().await;
        let (asha, client) = patient(&t, &w.nurse, "Asha Rao").await;
        let said = |minutes| with(visit(&t, &w, minutes), json!({"patient_id": asha["id"]}));
        client.post(PATH, with(said(60), json!({"duration_minutes": 61}))).await.expect_about(422, "duration_minutes");
        let first = client.post(PATH, with(said(60), json!({"duration_minutes": 60}))).await.expect(201);
        client.put(&at(&first), json!({"duration_minutes": 90})).await.expect_about(422, "duration_minutes");
        for minutes in [200, 300] {
            client.post(PATH, said(minutes)).await.expect(201);
        }
        client.post(PATH, said(400)).await.expect_about(409, "doctor_id");
        let (second, _) = t.doctor("Dr. Nair").await;
        let elsewhere = json!({"doctor_id": second["id"]});
        let other = client.post(PATH, with(said(400), elsewhere)).await.expect(201);
        client.put(&at(&other), json!({"doctor_id": w.doctor_id()})).await.expect_about(409, "doctor_id");
        // The front desk knows what it does.
        w.nurse.post(PATH, with(said(500), json!({"duration_minutes": 240}))).await.expect(201);
        client.delete(&at(&first)).await.expect(204);
        client.post(PATH, said(60)).await.expect_about(409, "doctor_id");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_is_at_one_place_at_a_time() {
    both(|t| async move {
        let w = t.ward().await;
        let first = w.nurse.post(PATH, visit(&t, &w, 60)).await.expect(201);
        let (second, _) = t.doctor("Dr. Nair").await;
        let other = with(visit(&t, &w, 75), json!({"doctor_id": second["id"]}));
        w.nurse.post(PATH, other.clone()).await.expect_about(409, "scheduled_at");
        let later_on = with(other, json!({"scheduled_at": later(&t, 90)}));
        let other = w.nurse.post(PATH, later_on).await.expect(201);
        w.nurse.put(&at(&other), json!({"scheduled_at": later(&t, 89)})).await.expect_about(409, "scheduled_at");
        w.nurse.put(&at(&first), json!({"duration_minutes": 31})).await.expect_about(409, "scheduled_at");
        w.nurse.delete(&at(&first)).await.expect(204);
        w.nurse.put(&at(&other), json!({"scheduled_at": later(&t, 60)})).await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stands_on_a_booking_alone_does_not_prolong_it() {
    both(|t| async move {
        let w = t.ward().await;
        let (asha, client) = patient(&t, &w.nurse, "Asha Rao").await;
        let (record, nair) = t.doctor("Dr. Nair").await;
        let (third, _) = t.doctor("Dr. Sen").await;
        const DAY: i64 = 24 * 60;
        let said = json!({"patient_id": asha["id"], "doctor_id": record["id"], "title": "Rash",
            "scheduled_at": later(&t, 20 * DAY)});
        let booked = client.post(PATH, said.clone()).await.expect(201);
        nair.post(PATH, with(said, json!({"scheduled_at": later(&t, 30 * DAY)}))).await.expect(403);
        for other in [json!({"doctor_id": third["id"]}), json!({"doctor_id": null})] {
            nair.put(&at(&booked), other).await.expect(403);
        }
        nair.put(&at(&booked), json!({"scheduled_at": later(&t, 35 * DAY)})).await.expect(403);
        nair.put(&at(&booked), json!({"scheduled_at": later(&t, 33 * DAY)})).await.expect(200);
        // It counts from what was agreed, however often it is moved.
        nair.put(&at(&booked), json!({"scheduled_at": later(&t, 40 * DAY)})).await.expect(403);
        nair.put(&at(&booked), json!({"scheduled_at": later(&t, 7 * DAY), "notes": "sooner"})).await.expect(200);
        // What the patient moves is agreed anew.
        client.put(&at(&booked), json!({"scheduled_at": later(&t, 45 * DAY)})).await.expect(200);
        nair.put(&at(&booked), json!({"scheduled_at": later(&t, 50 * DAY)})).await.expect(200);
        nair.put(&at(&booked), json!({"status": "cancelled"})).await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_doctor_works_one_sees_when_and_not_whom() {
    both(|t| async move {
        let w = t.ward().await;
        let (asha, client) = patient(&t, &w.nurse, "Asha Rao").await;
        let booked = client.post(PATH, with(visit(&t, &w, 60), json!({"patient_id": asha["id"]}))).await.expect(201);
        w.nurse.post(PATH, visit(&t, &w, 3 * 24 * 60)).await.expect(201);
        let cancelled = w.nurse.post(PATH, visit(&t, &w, 300)).await.expect(201);
        w.nurse.delete(&at(&cancelled)).await.expect(204);
        let desk = t.account("hospital", Some(&w.hospital["id"])).await;
        let place = format!("/api/doctors/{}/hospitals/{}", w.doctor_id(), crate::text(&w.hospital["id"]));
        let path = format!("{PATH}/busy?doctor_id={}&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z", w.doctor_id());
        desk.get(&path).await.expect(403);
        desk.post(&place, json!({"department": "medicine"})).await.expect(201);
        let lake = t.hospital("Lake Hospital", 4).await;
        let elsewhere = t.nurse(&lake).await;
        let (from, to) = (later(&t, 70).replace('+', "%2B"), later(&t, 24 * 60).replace('+', "%2B"));
        let path = format!("{PATH}/busy?doctor_id={}&from={from}&to={to}&total=true", w.doctor_id());
        let expected = json!([{"id": booked["id"], "from": booked["scheduled_at"], "to": booked["ends_at"]}]);
        for client in [&desk, &w.nurse, &w.doctor] {
            let answer = client.get(&path).await;
            assert_eq!(answer.header("x-total-count"), Some("1"));
            assert_eq!(answer.expect(200), expected);
        }
        let (_, nair) = t.doctor("Dr. Nair").await;
        for client in [&elsewhere, &client, &nair, &t.admin().await] {
            client.get(&path).await.expect(403);
        }
        let far = later(&t, 60 * 24 * 60).replace('+', "%2B");
        desk.get(&format!("{PATH}/busy?doctor_id={}&from={from}&to={far}", w.doctor_id()))
            .await
            .expect_about(422, "to");
    })
    .await;
}
