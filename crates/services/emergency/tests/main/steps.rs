//! Answering an emergency, step by step, forward only.
use chrono::TimeDelta;
use futures::future::join_all;
use serde_json::{Value, json};
use testkit::both;

use crate::{at, id_of, raise, text};

const STEPS: [(&str, &str); 4] = [
    ("/acknowledge", "acknowledged"),
    ("/respond", "responding"),
    ("/resolve", "resolved"),
    ("/false-alarm", "false_alarm"),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_step_says_who_took_it_and_when() {
    both(|t| async move {
        let w = t.ward().await;
        let (nurse, doctor) = (id_of(&w.nurse).await, id_of(&w.doctor).await);
        let emergency = raise(&w.nurse, &w.patient).await;
        t.clock.advance(TimeDelta::seconds(30));
        let seen = w.nurse.patch(&at(&emergency, "/acknowledge"), json!({})).await.expect(200);
        assert_eq!((&seen["status"], &seen["acknowledged_by"]), (&json!("acknowledged"), &nurse));
        assert_eq!(seen["acknowledged_at"], json!(t.clock.now()));
        assert_eq!((&seen["responder_id"], &seen["resolved_at"]), (&Value::Null, &Value::Null));
        t.clock.advance(TimeDelta::seconds(30));
        let going = w.doctor.patch(&at(&emergency, "/respond"), json!({"notes": "two minutes away"})).await.expect(200);
        assert_eq!((&going["status"], &going["responder_id"]), (&json!("responding"), &doctor));
        assert_eq!(
            (&going["responding_at"], &going["response_notes"]),
            (&json!(t.clock.now()), &json!("two minutes away"))
        );
        t.clock.advance(TimeDelta::minutes(9));
        let over =
            w.doctor.patch(&at(&emergency, "/resolve"), json!({"resolution_notes": "bruise only"})).await.expect(200);
        assert_eq!((&over["status"], &over["resolved_by"]), (&json!("resolved"), &doctor));
        assert_eq!((&over["resolved_at"], &over["resolution_notes"]), (&json!(t.clock.now()), &json!("bruise only")));
        // What was said before is kept.
        assert_eq!((&over["acknowledged_by"], &over["response_notes"]), (&nurse, &json!("two minutes away")));
        assert_eq!(over["acknowledged_at"], seen["acknowledged_at"]);
        assert_eq!(w.nurse.get(&at(&emergency, "")).await.expect(200), over);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_step_is_taken_back_or_twice() {
    both(|t| async move {
        let w = t.ward().await;
        for (taken, (first, status)) in STEPS.iter().enumerate() {
            let emergency = raise(&w.nurse, &w.patient).await;
            let reached = w.nurse.patch(&at(&emergency, first), json!({})).await.expect(200);
            assert_eq!(reached["status"], *status);
            t.clock.advance(TimeDelta::seconds(1));
            for (later, (next, _)) in STEPS.iter().enumerate() {
                let open = taken < 2;
                if open && later > taken {
                    continue;
                }
                let refused = w.nurse.patch(&at(&emergency, next), json!({"notes": "again"})).await;
                refused.expect_about(409, "status");
                assert_eq!(w.nurse.get(&at(&emergency, "")).await.expect(200), reached, "{first} then {next}");
            }
        }
        // Steps may be left out.
        let emergency = raise(&w.nurse, &w.patient).await;
        w.nurse.patch(&at(&emergency, "/respond"), json!({})).await.expect(200);
        w.nurse.patch(&at(&emergency, "/false-alarm"), json!({})).await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_is_said_in_the_query_or_in_the_body_or_not_at_all() {
    both(|t| async move {
        let w = t.ward().await;
        let (nurse, doctor) = (id_of(&w.nurse).await, id_of(&w.doctor).await);
        let emergency = raise(&w.nurse, &w.patient).await;
        // No body and no query: the signed-in user.
        let request = w.nurse.request(reqwest::Method::PATCH, &at(&emergency, "/acknowledge"));
        let seen: Value = request.send().await.expect("an answer").json().await.expect("JSON");
        assert_eq!(seen["acknowledged_by"], nurse);
        let query = format!("/respond?responder_id={}&notes=on%20my%20way", text(&doctor));
        let going = w.nurse.patch(&at(&emergency, &query), json!({})).await.expect(200);
        assert_eq!((&going["responder_id"], &going["response_notes"]), (&doctor, &json!("on my way")));
        let over =
            w.nurse.patch(&at(&emergency, "/resolve?resolution_notes=well"), json!({"responder_id": doctor})).await;
        let over = over.expect(200);
        assert_eq!((&over["resolved_by"], &over["resolution_notes"]), (&doctor, &json!("well")));
        // Where both speak, the body counts.
        let emergency = raise(&w.nurse, &w.patient).await;
        let both =
            w.nurse.patch(&at(&emergency, "/false-alarm?notes=query"), json!({"notes": "body"})).await.expect(200);
        assert_eq!((&both["resolution_notes"], &both["status"]), (&json!("body"), &json!("false_alarm")));
        let emergency = raise(&w.nurse, &w.patient).await;
        for (rest, body, member) in [
            ("?responder_id=7", json!({}), "responder_id"),
            ("", json!({"responder_id": "Dr. Iyer"}), "responder_id"),
            ("", json!({"notes": "x".repeat(2001)}), "notes"),
            ("", json!({"resolution_notes": 7}), "resolution_notes"),
        ] {
            w.nurse.patch(&at(&emergency, &format!("/acknowledge{rest}")), body).await.expect_about(422, member);
        }
        assert_eq!(w.nurse.get(&at(&emergency, "")).await.expect(200)["status"], "active");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_take_the_same_step_at_once_one_takes_it() {
    both(|t| async move {
        let w = t.ward().await;
        for (step, _) in STEPS {
            let emergency = raise(&w.nurse, &w.patient).await;
            let path = at(&emergency, step);
            let sent = join_all([&w.nurse, &w.doctor, &w.nurse, &w.doctor].map(|by| by.patch(&path, json!({}))));
            let mut statuses: Vec<u16> = sent.await.iter().map(|answer| answer.status.as_u16()).collect();
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 409, 409, 409], "{step}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_nobody_raised_has_no_steps() {
    both(|t| async move {
        let w = t.ward().await;
        for name in ["0191d3a0-0000-7000-8000-000000000000", "WATCH-404", "%00"] {
            for (step, _) in STEPS {
                w.nurse.patch(&format!("/api/emergency/alerts/{name}{step}"), json!({})).await.expect(404);
            }
            w.nurse.get(&format!("/api/emergency/alerts/{name}")).await.expect(404);
        }
    })
    .await;
}
