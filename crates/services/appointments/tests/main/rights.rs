//! Who sees and books whose appointments.
use serde_json::json;
use testkit::both;

use crate::{PATH, at, later, patient, visit, with};

#[tokio::test(flavor = "multi_thread")]
async fn to_strangers_an_appointment_does_not_exist() {
    both(|t| async move {
        let w = t.ward().await;
        let booked = w.nurse.post(PATH, visit(&t, &w, 60)).await.expect(201);
        let other_hospital = t.hospital("Lake Hospital", 4).await;
        let other_nurse = t.nurse(&other_hospital).await;
        let desk = t.account("hospital", Some(&other_hospital["id"])).await;
        let (_, doctor) = t.doctor("Dr. Stranger").await;
        let (_, asha) = patient(&t, &other_nurse, "Asha Rao").await;
        let nobody = format!("{PATH}/0191d3a0-0000-7000-8000-000000000000");
        for stranger in [&other_nurse, &desk, &doctor, &asha] {
            let refused = stranger.get(&at(&booked)).await.expect(404);
            // The same words as of an appointment that never was.
            assert_eq!(refused["detail"], stranger.get(&nobody).await.expect(404)["detail"]);
            stranger.put(&at(&booked), json!({"title": "Mallory"})).await.expect(404);
            stranger.delete(&at(&booked)).await.expect(404);
            stranger.get(&format!("{PATH}?patient_id={}", w.patient_id())).await.expect(404);
            stranger.post(PATH, visit(&t, &w, 600)).await.expect(404);
        }
        let by_doctor = format!("{PATH}?doctor_id={}", w.doctor_id());
        for stranger in [&other_nurse, &desk, &doctor, &asha] {
            assert_eq!(stranger.get(&by_doctor).await.expect(200), json!([]));
        }
        assert_eq!(w.nurse.get(&at(&booked)).await.expect(200), booked);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_responders_and_devices_keep_no_appointments() {
    both(|t| async move {
        let w = t.ward().await;
        let booked = w.nurse.post(PATH, visit(&t, &w, 60)).await.expect(201);
        for other in [t.admin().await, t.responder(&w.hospital).await, t.monitor(&w.hospital).await] {
            other.get(&at(&booked)).await.expect(403);
            other.get(PATH).await.expect(403);
            other.post(PATH, visit(&t, &w, 600)).await.expect(403);
            other.put(&at(&booked), json!({"title": "X"})).await.expect(403);
            other.delete(&at(&booked)).await.expect(403);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_front_desk_that_registered_books_without_seeing_the_chart() {
    both(|t| async move {
        let w = t.ward().await;
        let (asha, client) = patient(&t, &w.nurse, "Asha Rao").await;
        let said = with(visit(&t, &w, 60), json!({"patient_id": asha["patient_id"]}));
        let booked = w.nurse.post(PATH, said).await.expect(201);
        assert_eq!(client.get(&at(&booked)).await.expect(200), booked);
        let patient = crate::text(&asha["id"]);
        w.nurse.get(&format!("/api/patients/{patient}/records")).await.expect(403);
        let desk = t.account("hospital", Some(&w.hospital["id"])).await;
        desk.delete(&at(&booked)).await.expect(204);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_booked_doctor_sees_who_comes_and_nothing_that_is_charted() {
    both(|t| async move {
        let w = t.ward().await;
        let (asha, client) = patient(&t, &w.nurse, "Asha Rao").await;
        let (record, nair) = t.doctor("Dr. Nair").await;
        let chart = format!("/api/patients/{}", crate::text(&asha["id"]));
        nair.get(&chart).await.expect(404);
        let said = json!({"title": "Rash", "doctor_id": record["id"], "scheduled_at": later(&t, 60)});
        let booked = client.post(PATH, said).await.expect(201);
        assert_eq!(nair.get(&at(&booked)).await.expect(200)["title"], "Rash");
        assert_eq!(nair.get(&chart).await.expect(200)["name"], "Asha Rao");
        for hidden in ["/records", "/conditions", "?include=records"] {
            nair.get(&format!("{chart}{hidden}")).await.expect(403);
        }
        nair.put(&chart, json!({"name": "Mallory"})).await.expect(403);
        client.delete(&at(&booked)).await.expect(204);
        nair.get(&chart).await.expect(404);
        nair.get(&at(&booked)).await.expect(404);
        // Of his own time he still sees that it was asked for.
        let own = nair.get(&format!("{PATH}?doctor_id=me")).await.expect(200);
        assert_eq!((&own[0]["id"], &own[0]["status"]), (&booked["id"], &json!("cancelled")));
        assert!(own[0]["title"].is_null() && own[0]["doctor_name"].is_null(), "{own}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_week_after_the_visit_the_doctor_is_let_go() {
    both(|t| async move {
        let w = t.ward().await;
        let (asha, client) = patient(&t, &w.nurse, "Asha Rao").await;
        let said = with(visit(&t, &w, 60), json!({"patient_id": asha["id"]}));
        client.post(PATH, said).await.expect(201);
        let id: kernel::PatientId = crate::text(&asha["id"]).parse().expect("an id");
        let expected = async || {
            let relations = access::of_patient(&mut t.app.db(), id).await.expect("relations");
            relations.iter().filter(|relation| relation.kind == access::Kind::BookedDoctor).count()
        };
        t.clock.advance(chrono::TimeDelta::days(7));
        assert_eq!((appointments::let_go(&t.app).await.expect("a sweep"), expected().await), (0, 1));
        t.clock.advance(chrono::TimeDelta::minutes(91));
        assert_eq!((appointments::let_go(&t.app).await.expect("a sweep"), expected().await), (1, 0));
        assert_eq!(appointments::let_go(&t.app).await.expect("a sweep"), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_look_and_deed_is_on_the_chain() {
    both(|t| async move {
        let w = t.ward().await;
        let nurse = w.nurse.with_header("x-request-id", "desk");
        let booked = nurse.post(PATH, visit(&t, &w, 60)).await.expect(201);
        nurse.put(&at(&booked), json!({"notes": "secret words"})).await.expect(200);
        nurse.get(&format!("{PATH}?doctor_id={}", w.doctor_id())).await.expect(200);
        nurse.delete(&at(&booked)).await.expect(204);
        let mut all = Vec::new();
        while let Ok(page) = access::list(&mut t.app.db(), all.last().map_or(0, |r: &access::Record| r.seq)).await
            && !page.is_empty()
        {
            all.extend(page);
        }
        let entries: Vec<_> = all.iter().filter(|entry| entry.request_id == "desk").collect();
        let deeds: Vec<&str> = entries.iter().map(|entry| entry.action.as_str()).collect();
        let expected = [
            "write appointments",
            "appointment.book",
            "write appointments",
            "appointment.change",
            "read appointments",
            "list appointments",
            "write appointments",
            "appointment.cancel",
        ];
        assert_eq!(deeds, expected);
        let of_patient = entries.iter().filter(|entry| entry.action != "list appointments");
        let patients = of_patient.map(|entry| entry.patient_id.map(|id| id.to_string()));
        assert!(patients.into_iter().all(|id| id.as_deref() == Some(w.patient_id())));
        assert!(!entries.iter().any(|entry| entry.object.contains("secret")), "{entries:?}");
        let heard = t.app.edge::<events::Log>().after(&mut t.app.db(), "appointments", 0, 10).await.expect("events");
        let kinds: Vec<_> = heard.iter().map(|event| event.body["kind"].clone()).collect();
        assert_eq!(kinds, ["appointment.booked", "appointment.changed", "appointment.cancelled"]);
        assert!(
            heard
                .iter()
                .all(|event| event.body["appointment_id"] == booked["id"] && !event.body.to_string().contains("heart"))
        );
    })
    .await;
}
