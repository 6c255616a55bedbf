//! Readings that cannot be true, or cannot be read: refused by name, and nothing changes.
use chrono::TimeDelta;
use serde_json::{Value, json};
use testkit::{Answer, TestApp, Ward, both};

use crate::{alerts, emergencies, is_flagged, overview, reading, readings, send, with};

/// Everything that a reading could have changed.
async fn all(w: &Ward) -> (Vec<Value>, Vec<Value>, Vec<Value>, Value, bool) {
    (readings(w).await, alerts(w).await, emergencies(w).await, overview(w).await, is_flagged(w).await)
}

/// A ward whose patient has a reading and an alert already.
async fn ward(t: &TestApp) -> Ward {
    let w = t.ward().await;
    send(&w.nurse, &w, json!({"hr_bpm": 140})).await;
    t.clock.advance(TimeDelta::seconds(10));
    w
}

/// Problem details with this status and nothing of ours inside.
#[track_caller]
fn is_problem(answer: Answer, status: u16) {
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{}", answer.text);
    assert!(answer.header("x-request-id").is_some());
    let problem = answer.expect(status);
    for member in ["type", "title", "detail", "instance", "request_id", "error"] {
        assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{member} of {problem}");
    }
    assert_eq!(problem["status"], status);
    assert_eq!((&problem["instance"], &problem["error"]), (&json!("/vitals"), &problem["detail"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_impossible_reading_is_refused_by_the_member_that_does_not_fit() {
    both(|t| async move {
        let w = ward(&t).await;
        let before = all(&w).await;
        let late = t.clock.now() + TimeDelta::minutes(5) + TimeDelta::microseconds(1);
        for (member, value) in [
            ("spo2_pct", json!(140)),
            ("spo2_pct", json!(100.1)),
            ("spo2_pct", json!(-0.1)),
            ("hr_bpm", json!(-1)),
            ("hr_bpm", json!(300.5)),
            ("hr_bpm", json!(1e300)),
            ("temp_c", json!(19.9)),
            ("temp_c", json!(98.6)),
            ("bp_systolic", json!(301)),
            ("bp_diastolic", json!(-5)),
            ("bp_mean", json!(1000)),
            ("resp_rate", json!(101)),
            ("timestamp", json!(late)),
            ("timestamp", json!("2999-01-01T00:00:00Z")),
            ("timestamp", json!("1969-12-31T23:59:59Z")),
            ("timestamp", json!("yesterday")),
            ("timestamp", json!(1_700_000_000)),
            ("timestamp", json!("2024-02-30T10:00:00Z")),
            ("hr_bpm", json!("fast")),
            ("hr_bpm", json!([80])),
            ("spo2_pct", json!({"value": 98})),
            ("on_oxygen", json!("yes")),
            ("consciousness", json!("sleepy")),
            ("device_flags", json!("motion")),
            ("encounter_id", json!(10)),
            ("encounter_id", json!("ten")),
            ("patient_id", json!(1)),
            ("patient_id", json!("")),
            ("patient_id", json!("x".repeat(101))),
            ("patient_id", Value::Null),
        ] {
            let body = with(reading(&w, json!({"bp_mean": 90})), json!({member: value}));
            let said = w.nurse.post("/vitals", body.clone()).await;
            assert!(said.status.as_u16() == 422, "{body} is taken: {}", said.text);
            said.expect_about(422, member);
            is_problem(w.nurse.post("/vitals", body).await, 422);
        }
        for flags in [json!([""]), json!(["x".repeat(101)]), json!(vec!["motion"; 21])] {
            let answer = w.nurse.post("/vitals", reading(&w, json!({"hr_bpm": 80, "device_flags": flags}))).await;
            let problem = answer.expect(422);
            assert!(
                problem["errors"][0]["member"].as_str().is_some_and(|m| m.starts_with("device_flags")),
                "{problem}"
            );
        }
        assert_eq!(all(&w).await, before);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reading_without_a_measurement_is_none() {
    both(|t| async move {
        let w = ward(&t).await;
        let before = all(&w).await;
        for empty in [
            json!({}),
            json!({"hr_bpm": null, "spo2_pct": null}),
            json!({"device_flags": ["lead off"]}),
            json!({"timestamp": t.clock.now(), "weight_kg": 70}),
        ] {
            w.nurse.post("/vitals", reading(&w, empty)).await.expect(422);
        }
        w.nurse.post("/vitals", json!({"hr_bpm": 70})).await.expect(422);
        assert_eq!(all(&w).await, before);
        send(&w.nurse, &w, json!({"consciousness": "voice"})).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_no_json_is_refused_whole() {
    both(|t| async move {
        let w = ward(&t).await;
        let before = all(&w).await;
        let fine = reading(&w, json!({"hr_bpm": 80})).to_string();
        let cut = &fine[..fine.len() - 1];
        let twice = format!("{fine}{fine}");
        let nul = fine.replace("{\"", "{\"note\":\"\\u0000\",\"");
        let nan = fine.replace("80", "NaN");
        for malformed in ["", "hr_bpm=80", cut, &twice, &nan, "\u{feff}"] {
            is_problem(w.nurse.post_text("/vitals", "application/json", malformed.to_owned()).await, 400);
        }
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        for wrong in [deep.as_str(), "[]", "null", "7", "\"reading\"", &nul, &format!("[{fine}]")] {
            is_problem(w.nurse.post_text("/vitals", "application/json", wrong.to_owned()).await, 422);
        }
        let latin: Vec<u8> = fine.replace(w.patient_id(), "Jos\u{e9}").chars().map(|c| c as u8).collect();
        is_problem(w.nurse.post_text("/vitals", "application/json", latin).await, 400);
        for kind in ["text/plain", "application/xml", "application/x-www-form-urlencoded", "json", ""] {
            is_problem(w.nurse.post_text("/vitals", kind, fine.clone()).await, 415);
        }
        let mut large = fine.clone().into_bytes();
        large.resize(t.settings.max_body_bytes + 1, b' ');
        is_problem(w.nurse.post_text("/vitals", "application/json", large.clone()).await, 413);
        assert_eq!(all(&w).await, before);
        large.truncate(t.settings.max_body_bytes);
        w.nurse.post_text("/vitals", "application/json; charset=utf-8", large).await.expect(201);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_who_does_not_exist_and_one_who_is_not_yours_are_alike() {
    both(|t| async move {
        let w = ward(&t).await;
        let before = all(&w).await;
        let stranger = t.nurse(&t.hospital("Lake Hospital", 4).await).await;
        let body = |patient: &str| json!({"patient_id": patient, "hr_bpm": 140});
        let nobody = "0191d3a0-0000-7000-8000-000000000000";
        let details: Vec<Value> = [
            w.nurse.post("/vitals", body(nobody)).await,
            w.nurse.post("/vitals", body("MRN-404")).await,
            w.nurse.post("/vitals", body("not a reference at all / ☃")).await,
            stranger.post("/vitals", body(w.patient_id())).await,
        ]
        .map(|answer| answer.expect(404)["detail"].clone())
        .to_vec();
        assert!(details.iter().all(|detail| detail == "patient not found"), "{details:?}");
        assert_eq!(all(&w).await, before);
    })
    .await;
}
