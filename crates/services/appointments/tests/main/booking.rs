//! Booking appointments.
use serde_json::{Value, json};
use testkit::both;

use crate::{PATH, at, each, later, patient, text, visit, with};

#[tokio::test(flavor = "multi_thread")]
async fn a_booked_appointment_is_read_back_in_utc() {
    both(|t| async move {
        let w = t.ward().await;
        let begins = t.clock.now() + chrono::TimeDelta::minutes(90);
        let in_pune = begins.with_timezone(&chrono::FixedOffset::east_opt(19_800).expect("an offset"));
        let said = json!({"title": " Check of the heart ", "location": "Room 12", "notes": "fasting",
            "duration_minutes": 45, "reminder_minutes_before": 60, "scheduled_at": in_pune.to_rfc3339(),
            "patient_id": w.patient["id"], "doctor_id": w.doctor_record["id"]});
        let answer = w.nurse.post(PATH, said).await;
        assert_eq!(answer.header("etag"), Some("\"1\""));
        let booked = answer.expect(201);
        assert_eq!(
            (&booked["title"], &booked["doctor_name"]),
            (&json!("Check of the heart"), &json!("Dr. Meera Iyer"))
        );
        assert_eq!((&booked["status"], &booked["duration_minutes"]), (&json!("booked"), &json!(45)));
        let time = |member: &str| text(&booked[member]).parse::<chrono::DateTime<chrono::Utc>>().expect("a time");
        assert_eq!((time("scheduled_at"), time("ends_at")), (begins, begins + chrono::TimeDelta::minutes(45)));
        assert!(text(&booked["scheduled_at"]).ends_with('Z'), "{booked}");
        let read = w.doctor.get(&at(&booked)).await;
        assert_eq!(read.header("etag"), Some("\"1\""));
        assert_eq!(read.expect(200), booked);
        let listed = w.nurse.get(&format!("{PATH}?patient_id={}", w.patient_id())).await.expect(200);
        assert_eq!(listed, json!([booked]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_books_for_themselves_without_a_doctor_of_the_directory() {
    both(|t| async move {
        let w = t.ward().await;
        let (asha, client) = patient(&t, &w.nurse, "Asha Rao").await;
        let said = json!({"title": "Dentist", "doctor_name": "Dr. Sen", "location": "MG Road",
            "scheduled_at": later(&t, 60)});
        let booked = client.post(PATH, said.clone()).await.expect(201);
        assert_eq!((&booked["patient_id"], &booked["doctor_id"]), (&asha["id"], &Value::Null));
        assert_eq!(booked["duration_minutes"], 30);
        // Nobody is at two places at once.
        client.post(PATH, said.clone()).await.expect_about(409, "scheduled_at");
        client.post(PATH, with(said, json!({"scheduled_at": later(&t, 90)}))).await.expect(201);
        assert_eq!(each(&client.get(PATH).await.expect(200), "doctor_name"), ["Dr. Sen", "Dr. Sen"]);
        // Staff says whose it is.
        w.nurse.post(PATH, json!({"title": "X", "scheduled_at": later(&t, 60)})).await.expect_about(422, "patient_id");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_is_not_booked_twice_at_once() {
    both(|t| async move {
        let w = t.ward().await;
        let (other, _) = patient(&t, &w.nurse, "Asha Rao").await;
        w.nurse.post(PATH, visit(&t, &w, 60)).await.expect(201);
        let of_other = |minutes| with(visit(&t, &w, minutes), json!({"patient_id": other["id"]}));
        for minutes in [31, 45, 60, 75, 89] {
            w.nurse.post(PATH, of_other(minutes)).await.expect_about(409, "scheduled_at");
        }
        // One that began long before and still lasts.
        let long = with(of_other(-600), json!({"duration_minutes": 1440}));
        w.nurse.post(PATH, long).await.expect_about(409, "scheduled_at");
        // Right before and right after are free, and so is another doctor.
        for minutes in [30, 90] {
            w.nurse.post(PATH, of_other(minutes)).await.expect(201);
        }
        let (second, _) = t.doctor("Dr. Nair").await;
        let elsewhere = with(of_other(60), json!({"doctor_id": second["doctor_id"]}));
        assert_eq!(w.nurse.post(PATH, elsewhere).await.expect(201)["doctor_id"], second["id"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_who_want_the_same_time_one_gets_it() {
    both(|t| async move {
        let w = t.ward().await;
        let asks: Vec<_> = (0..20)
            .map(|n| {
                let (nurse, said) = (w.nurse.clone(), visit(&t, &w, 60 + n % 5));
                tokio::spawn(async move { nurse.post(PATH, said).await.status.as_u16() })
            })
            .collect();
        let mut statuses = Vec::new();
        for ask in asks {
            statuses.push(ask.await.expect("an answer"));
        }
        statuses.sort_unstable();
        assert_eq!((statuses[0], &statuses[1..]), (201, &[409; 19][..]));
        let listed = w.doctor.get(&format!("{PATH}?doctor_id=me")).await.expect(200);
        assert_eq!(each(&listed, "status"), ["booked"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_refused_and_books_nothing() {
    both(|t| async move {
        let w = t.ward().await;
        for (member, value) in [
            ("title", json!(" ")),
            ("title", json!("x".repeat(201))),
            ("doctor_name", json!("x".repeat(201))),
            ("location", json!("x".repeat(501))),
            ("notes", json!("x".repeat(4001))),
            ("scheduled_at", json!("tomorrow")),
            ("scheduled_at", json!("2026-01-01T10:00:00")),
            ("scheduled_at", json!(later(&t, -24 * 60 - 1))),
            ("scheduled_at", json!(later(&t, 6 * 365 * 24 * 60))),
            ("scheduled_at", json!("+262142-01-01T00:00:00Z")),
            ("duration_minutes", json!(0)),
            ("duration_minutes", json!(1441)),
            ("reminder_minutes_before", json!(-1)),
            ("reminder_minutes_before", json!(40_321)),
            ("doctor_id", json!("nobody")),
            ("doctor_id", json!("0191d3a0-0000-7000-8000-000000000000")),
        ] {
            let said = with(visit(&t, &w, 60), json!({member: value}));
            w.nurse.post(PATH, said).await.expect_about(422, member);
        }
        w.nurse.post(PATH, with(visit(&t, &w, 60), json!({"patient_id": "nobody"}))).await.expect(404);
        assert_eq!(w.doctor.get(PATH).await.expect(200), json!([]));
        // What happened this morning may be written down.
        w.nurse.post(PATH, visit(&t, &w, -23 * 60)).await.expect(201);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_booking_sent_again_with_its_key_is_one_booking() {
    both(|t| async move {
        let w = t.ward().await;
        let nurse = w.nurse.with_header("idempotency-key", "desk-7");
        let said = visit(&t, &w, 60);
        let first = nurse.post(PATH, said.clone()).await.expect(201);
        assert_eq!(nurse.post(PATH, said).await.expect(201), first);
        assert_eq!(w.doctor.get(PATH).await.expect(200).as_array().map(Vec::len), Some(1));
    })
    .await;
}
