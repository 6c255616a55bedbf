//! Changing and cancelling appointments.
use serde_json::{Value, json};
use testkit::both;

use crate::{PATH, at, each, later, patient, text, visit, with};

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_sent_changes() {
    both(|t| async move {
        let w = t.ward().await;
        let was = w.nurse.post(PATH, with(visit(&t, &w, 60), json!({"notes": "fasting"}))).await.expect(201);
        t.clock.advance(chrono::TimeDelta::minutes(1));
        let answer = w.nurse.put(&at(&was), json!({"title": "Check of the lungs", "notes": null})).await;
        assert_eq!(answer.header("etag"), Some("\"2\""));
        let now = answer.expect(200);
        let expected = json!({"title": "Check of the lungs", "notes": null, "updated_at": now["updated_at"]});
        assert_eq!(now, with(was.clone(), expected));
        assert_eq!(w.nurse.get(&at(&was)).await.expect(200), now);
        // Sent back as it was read, it stays the same but for its version.
        let again = w.nurse.put(&at(&was), now.clone()).await.expect(200);
        assert_eq!(with(again, json!({"updated_at": now["updated_at"]})), now);
        let unchanged = w.nurse.put(&at(&was), json!({})).await;
        assert_eq!(unchanged.header("etag"), Some("\"3\""));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_to_what_someone_else_has_changed_is_refused() {
    both(|t| async move {
        let w = t.ward().await;
        let booked = w.nurse.post(PATH, visit(&t, &w, 60)).await.expect(201);
        let (first, second) = (w.nurse.with_header("if-match", "\"1\""), w.doctor.with_header("if-match", "\"1\""));
        first.put(&at(&booked), json!({"location": "Room 3"})).await.expect(200);
        second.put(&at(&booked), json!({"location": "Room 4"})).await.expect(412);
        second.delete(&at(&booked)).await.expect(412);
        assert_eq!(w.doctor.get(&at(&booked)).await.expect(200)["location"], "Room 3");
        w.doctor.with_header("if-match", "\"2\"").delete(&at(&booked)).await.expect(204);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_clerks_with_the_same_version_do_not_overwrite_each_other() {
    both(|t| async move {
        let w = t.ward().await;
        let booked = w.nurse.post(PATH, visit(&t, &w, 60)).await.expect(201);
        let asks: Vec<_> = (0..6)
            .map(|n| {
                let (clerk, path) = (w.nurse.with_header("if-match", "\"1\""), at(&booked));
                tokio::spawn(
                    async move { clerk.put(&path, json!({"location": format!("Room {n}")})).await.status.as_u16() },
                )
            })
            .collect();
        let mut statuses = Vec::new();
        for ask in asks {
            statuses.push(ask.await.expect("an answer"));
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412, 412, 412, 412, 412]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_finds_the_new_time_taken_and_frees_the_old_one() {
    both(|t| async move {
        let w = t.ward().await;
        let first = w.nurse.post(PATH, visit(&t, &w, 60)).await.expect(201);
        let second = w.nurse.post(PATH, visit(&t, &w, 120)).await.expect(201);
        let refused = w.nurse.put(&at(&second), json!({"scheduled_at": later(&t, 75)})).await;
        refused.expect_about(409, "scheduled_at");
        w.nurse.put(&at(&first), json!({"duration_minutes": 61})).await.expect_about(409, "scheduled_at");
        assert_eq!(w.nurse.get(&at(&second)).await.expect(200), second);
        // It does not stand in its own way.
        w.nurse.put(&at(&first), json!({"scheduled_at": later(&t, 75)})).await.expect(200);
        w.nurse.put(&at(&second), json!({"scheduled_at": later(&t, 30)})).await.expect(200);
        w.nurse.put(&at(&first), json!({"scheduled_at": later(&t, -3000)})).await.expect_about(422, "scheduled_at");
        w.nurse.put(&at(&first), json!({"duration_minutes": 0})).await.expect_about(422, "duration_minutes");
        w.nurse.put(&at(&first), json!({"notes": "x".repeat(4001)})).await.expect_about(422, "notes");
        w.nurse.put(&at(&first), json!({"doctor_id": "nobody"})).await.expect_about(422, "doctor_id");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_frees_the_time_and_keeps_the_history() {
    both(|t| async move {
        let w = t.ward().await;
        let booked = w.nurse.post(PATH, visit(&t, &w, 60)).await.expect(201);
        w.nurse.post(PATH, visit(&t, &w, 60)).await.expect(409);
        w.nurse.delete(&at(&booked)).await.expect(204);
        w.nurse.post(PATH, visit(&t, &w, 60)).await.expect(201);
        let kept = w.nurse.get(&at(&booked)).await.expect(200);
        assert_eq!((&kept["status"], &kept["title"]), (&json!("cancelled"), &booked["title"]));
        w.nurse.delete(&at(&booked)).await.expect_about(409, "status");
        w.nurse.put(&at(&booked), json!({"title": "X"})).await.expect_about(409, "status");
        let path = format!("{PATH}?patient_id={}", w.patient_id());
        assert_eq!(each(&w.nurse.get(&path).await.expect(200), "status"), ["cancelled", "booked"]);
        let cancelled = w.nurse.get(&format!("{path}&status=cancelled")).await.expect(200);
        assert_eq!(each(&cancelled, "id"), [text(&booked["id"])]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_of_a_visit_is_said_by_those_who_were_there() {
    both(|t| async move {
        let w = t.ward().await;
        let lata = t.account("patient", Some(&w.patient["id"])).await;
        let booked = w.nurse.post(PATH, visit(&t, &w, 5)).await.expect(201);
        lata.put(&at(&booked), json!({"status": "completed"})).await.expect(403);
        w.doctor.put(&at(&booked), json!({"status": "no_show"})).await.expect_about(409, "status");
        w.doctor.put(&at(&booked), json!({"status": "lost"})).await.expect_about(422, "status");
        let far = w.nurse.post(PATH, visit(&t, &w, 3 * 24 * 60)).await.expect(201);
        w.doctor.put(&at(&far), json!({"status": "completed"})).await.expect_about(409, "status");
        t.clock.advance(chrono::TimeDelta::minutes(10));
        let done = w.doctor.put(&at(&booked), json!({"status": "completed", "notes": "well"})).await.expect(200);
        assert_eq!((&done["status"], &done["notes"]), (&json!("completed"), &json!("well")));
        w.doctor.put(&at(&booked), json!({"status": "booked"})).await.expect_about(409, "status");
        // What has no doctor of the directory is the patient's own matter, and so is staying away.
        let own = json!({"title": "Dentist", "scheduled_at": later(&t, -10)});
        let own = lata.post(PATH, own).await.expect(201);
        lata.put(&at(&own), json!({"status": "completed"})).await.expect(200);
        let off = lata.put(&at(&far), json!({"status": "cancelled"})).await.expect(200);
        assert_eq!(off["status"], "cancelled");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_doctor_takes_the_visit_over() {
    both(|t| async move {
        let w = t.ward().await;
        let (asha, _) = patient(&t, &w.nurse, "Asha Rao").await;
        let (second, nair) = t.doctor("Dr. Nair").await;
        let said = with(visit(&t, &w, 60), json!({"patient_id": asha["id"]}));
        let booked = w.nurse.post(PATH, said).await.expect(201);
        w.doctor.get(&at(&booked)).await.expect(200);
        nair.get(&at(&booked)).await.expect(404);
        let moved = w.nurse.put(&at(&booked), json!({"doctor_id": second["id"]})).await.expect(200);
        assert_eq!((&moved["doctor_id"], &moved["doctor_name"]), (&second["id"], &json!("Dr. Nair")));
        nair.get(&at(&booked)).await.expect(200);
        w.doctor.get(&at(&booked)).await.expect(404);
        let alone = w.nurse.put(&at(&booked), json!({"doctor_id": null})).await.expect(200);
        assert_eq!((&alone["doctor_id"], &alone["doctor_name"]), (&Value::Null, &Value::Null));
        nair.get(&at(&booked)).await.expect(404);
        // The patient is kept for good.
        w.nurse.put(&at(&booked), json!({"patient_id": w.patient["id"]})).await.expect_about(422, "patient_id");
        w.nurse.put(&at(&booked), json!({"patient_id": asha["patient_id"], "title": "X"})).await.expect(200);
    })
    .await;
}
