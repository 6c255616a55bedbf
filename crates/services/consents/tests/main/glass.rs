//! Breaking the glass: open at once, for a while, and answered for.
use chrono::TimeDelta;
use serde_json::json;
use testkit::both;

use crate::{PASSWORD, account, people, text, with};

fn why() -> serde_json::Value {
    json!({"reason": "Found unconscious at the station"})
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_says_why_reads_everything_at_once_and_charts_what_was_done() {
    both(|t| async move {
        let p = people(&t).await;
        let path = format!("/api/v1/patients/{}/break-glass", p.patient());
        p.nair.get(&p.vitals()).await.expect(404);
        let broken = p.nair.post(&path, why()).await.expect(201);
        assert_eq!((&broken["name"], &broken["role"]), (&json!("Dr. Nair"), &json!("doctor")));
        p.nair.get(&p.vitals()).await.expect(200);
        p.nair.get(&p.records()).await.expect(200);
        p.nair.get(&format!("/patients/{}/encounter", p.patient())).await.expect(200);
        p.nair.post("/vitals", json!({"patient_id": p.patient(), "hr_bpm": 70})).await.expect(201);
        let chart = format!("/api/patients/{}", p.patient());
        p.nair.post(&format!("{chart}/conditions"), json!({"condition_name": "concussion"})).await.expect(201);
        // What is not for treating stays closed.
        p.nair.put(&chart, json!({"contact": "+91 98221 00000"})).await.expect(403);
        for closed in ["audit", "break-glass", "delegates"] {
            p.nair.get(&format!("/api/v1/patients/{}/{closed}", p.patient())).await.expect(403);
        }
        p.nair.get(&format!("/api/v1/consents?patient={}", p.patient())).await.expect(200);
        // It is the one person's, and in no list.
        let colleague = t.account("doctor", Some(&p.record["id"])).await;
        colleague.get(&p.vitals()).await.expect(404);
        assert_eq!(p.nair.get("/api/patients").await.expect(200), json!([]));
        let seen = p.lata.get(&path).await.expect(200);
        assert_eq!(seen[0]["reason"], "Found unconscious at the station");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_glass_is_whole_again_after_an_hour() {
    both(|t| async move {
        let p = people(&t).await;
        let (email, reference) = ("nair@people.example", &p.record["id"]);
        let nair = account(&t, email, "doctor", reference).await;
        nair.post(&format!("/api/v1/patients/{}/break-glass", p.patient()), why()).await.expect(201);
        t.clock.advance(TimeDelta::minutes(59));
        let nair = t.client().login(email, PASSWORD).await;
        nair.get(&p.vitals()).await.expect(200);
        t.clock.advance(TimeDelta::minutes(1));
        nair.get(&p.vitals()).await.expect(404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_for_clinicians_who_say_why_and_ten_times_a_day() {
    both(|t| async move {
        let p = people(&t).await;
        let path = format!("/api/v1/patients/{}/break-glass", p.patient());
        for (who, name) in [
            (t.admin().await, "an administrator"),
            (p.lata.clone(), "the patient"),
            (t.responder(&p.w.hospital).await, "a responder"),
            (t.monitor(&p.w.hospital).await, "a monitor"),
        ] {
            let answer = who.post(&path, why()).await;
            assert_eq!(answer.status.as_u16(), 403, "{name}");
        }
        p.nair.post(&path, json!({"reason": "urgent"})).await.expect_about(422, "reason");
        p.nair.post(&path, json!({"reason": "           a"})).await.expect_about(422, "reason");
        p.nair.post("/api/v1/patients/nobody/break-glass", why()).await.expect(404);
        let tries = (0..14).map(|_| {
            let (nair, path) = (p.nair.clone(), path.clone());
            tokio::spawn(async move { nair.post(&path, why()).await.status.as_u16() })
        });
        let mut answers = Vec::new();
        for answer in tries.collect::<Vec<_>>() {
            answers.push(answer.await.expect("no panic"));
        }
        answers.sort_unstable();
        assert_eq!(answers, [[201; 10].as_slice(), &[429; 4]].concat());
        let late = p.nair.post(&path, why()).await;
        assert!(late.header("retry-after").is_some());
        late.expect(429);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_break_is_reviewed_once_and_an_unjustified_one_opens_nothing_more() {
    both(|t| async move {
        let p = people(&t).await;
        let admin = t.admin().await;
        let path = format!("/api/v1/patients/{}/break-glass", p.patient());
        let first = p.nair.post(&path, why()).await.expect(201);
        let second = p.w.nurse.post(&path, why()).await.expect(201);
        let queue = "/api/v1/break-glass?status=unreviewed";
        let waiting = admin.get(queue).await.expect(200);
        assert_eq!((&waiting[0]["id"], &waiting[1]["id"]), (&first["id"], &second["id"]));
        for other in [&p.nair, &p.lata, &p.w.nurse] {
            other.get(queue).await.expect(403);
        }
        let review = |one: &serde_json::Value| format!("/api/v1/break-glass/{}/review", text(&one["id"]));
        let verdict = json!({"outcome": "unjustified", "note": "The patient was at home"});
        p.nair.post(&review(&first), verdict.clone()).await.expect(403);
        admin
            .post(&review(&first), with(verdict.clone(), json!({"outcome": "fine"})))
            .await
            .expect_about(422, "outcome");
        let reviewed = admin.post(&review(&first), verdict.clone()).await.expect(200);
        assert_eq!(
            (&reviewed["outcome"], &reviewed["note"]),
            (&json!("unjustified"), &json!("The patient was at home"))
        );
        p.nair.get(&p.vitals()).await.expect(404);
        admin.post(&review(&first), verdict).await.expect_about(409, "outcome");
        admin.post(&review(&second), json!({"outcome": "justified"})).await.expect(200);
        assert_eq!(admin.get(queue).await.expect(200), json!([]));
        let told = p.lata.get(&path).await.expect(200);
        assert_eq!((&told[0]["outcome"], &told[1]["outcome"]), (&json!("justified"), &json!("unjustified")));
        admin
            .post("/api/v1/break-glass/0191d3a0-0000-7000-8000-000000000000/review", json!({"outcome": "justified"}))
            .await
            .expect(404);
    })
    .await;
}
