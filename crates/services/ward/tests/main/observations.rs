//! What doctors and nurses write down.
use chrono::TimeDelta;
use serde_json::{Value, json};
use testkit::both;

use crate::{overview, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_nurses_and_a_doctors_notes_are_listed_newest_first() {
    both(|t| async move {
        let w = t.ward().await;
        let path = format!("/encounters/{}/observations", w.encounter_id());
        assert_eq!(w.nurse.get(&path).await.expect(200)["data"]["observations"], json!([]));
        let mut written: Vec<Value> = Vec::new();
        for (by, note) in [(&w.nurse, "Slept well."), (&w.doctor, "Lungs clear. 🫁"), (&w.nurse, "Ate half of lunch.")]
        {
            t.clock.advance(TimeDelta::minutes(5));
            let body = json!({"encounter_id": w.encounter["id"], "note": note});
            let one = by.post("/observations", body).await.expect(201)["data"].clone();
            let me = by.get("/auth/me").await.expect(200)["data"]["id"].clone();
            assert_eq!((&one["note"], &one["author_id"]), (&json!(note), &me));
            assert_eq!((&one["encounter_id"], &one["created_at"]), (&w.encounter["id"], &json!(t.clock.now())));
            assert_eq!(overview(&w).await["last_observation"], one);
            written.insert(0, one);
        }
        let listed = |answer: Value| answer["data"]["observations"].as_array().expect("a list").clone();
        assert_eq!(listed(w.doctor.get(&path).await.expect(200)), written);
        assert_eq!(listed(w.doctor.get(&format!("{path}?limit=2")).await.expect(200)), written[..2]);
        let rest = format!("{path}?limit=2&cursor={}", text(&written[1]["id"]));
        assert_eq!(listed(w.doctor.get(&rest).await.expect(200)), written[2..]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_those_who_treat_write() {
    both(|t| async move {
        let w = t.ward().await;
        let body = json!({"encounter_id": w.encounter["id"], "note": "I was here."});
        let (_, other_doctor) = t.doctor("Dr. Other").await;
        let other_nurse = t.nurse(&t.hospital("Lake Hospital", 4).await).await;
        for (caller, status) in [
            (t.account("patient", Some(&w.patient["id"])).await, 403),
            (t.responder(&w.hospital).await, 403),
            (t.monitor(&w.hospital).await, 403),
            (t.admin().await, 403),
            (other_doctor, 404),
            (other_nurse, 404),
            (t.client(), 401),
        ] {
            caller.post("/observations", body.clone()).await.expect(status);
        }
        assert_eq!(overview(&w).await["last_observation"], Value::Null);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_observation_says_something_about_an_encounter() {
    both(|t| async move {
        let w = t.ward().await;
        let fine = json!({"encounter_id": w.encounter["id"], "note": "Fine."});
        for (member, value) in [
            ("note", json!("")),
            ("note", json!(" \n\t ")),
            ("note", json!("x".repeat(10_001))),
            ("note", json!(7)),
            ("encounter_id", json!("101")),
            ("encounter_id", json!(101)),
        ] {
            w.nurse
                .post("/observations", crate::with(fine.clone(), json!({member: value})))
                .await
                .expect_about(422, member);
        }
        let nowhere = json!({"encounter_id": "0191d3a0-0000-7000-8000-000000000000"});
        w.nurse.post("/observations", crate::with(fine.clone(), nowhere)).await.expect(404);
        assert_eq!(overview(&w).await["last_observation"], Value::Null);
        w.nurse.post("/observations", crate::with(fine, json!({"note": "x".repeat(10_000)}))).await.expect(201);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_of_notes_is_read_page_by_page_without_gaps() {
    both(|t| async move {
        let w = t.ward().await;
        for n in 1..=5 {
            let note = json!({"encounter_id": w.encounter["id"], "note": format!("note {n}")});
            w.nurse.post("/observations", note).await.expect(201);
        }
        let (mut notes, mut cursor) = (Vec::new(), String::new());
        for _ in 0..3 {
            let path = format!("/encounters/{}/observations?limit=2{cursor}", w.encounter_id());
            let page = w.nurse.get(&path).await.expect(200)["data"].clone();
            notes.extend(page["observations"].as_array().expect("notes").iter().map(|o| o["note"].clone()));
            cursor = page["next_cursor"].as_str().map(|c| format!("&cursor={c}")).unwrap_or_default();
        }
        assert_eq!(notes, ["note 5", "note 4", "note 3", "note 2", "note 1"]);
        assert_eq!(cursor, "", "the last page names no next one");
    })
    .await;
}
