//! Coming back to the stream: what is told again is what the caller may still know.
use chrono::TimeDelta;
use serde_json::json;
use testkit::both;

use crate::stream::{Stream, is_refused};
use crate::{at, people, raise, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_responder_hears_again_what_is_open_or_ended_just_now() {
    both(|t| async move {
        let p = people(&t).await;
        let open = raise(&p.here.nurse, &p.here.patient).await;
        let over = raise(&p.there.nurse, &p.there.patient).await;
        p.there.nurse.patch(&at(&over, "/resolve"), json!({})).await.expect(200);
        let mut soon = Stream::resume(&p.responder, 0).await;
        let told = soon.take(3).await;
        assert_eq!((&told[2].data["id"], &told[2].data["event"]), (&over["id"], &json!("alert_resolved")));
        t.clock.advance(TimeDelta::minutes(16));
        let last = raise(&p.here.nurse, &p.here.patient).await;
        let mut late = Stream::resume(&p.responder, 0).await;
        let told = late.take(2).await;
        assert_eq!((&told[0].data["id"], &told[1].data["id"]), (&open["id"], &last["id"]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_treated_the_patient_once_hears_nothing_again() {
    both(|t| async move {
        let p = people(&t).await;
        let w = &p.here;
        raise(&w.nurse, &w.patient).await;
        let path = format!("/api/hospitals/{}/patients/{}/discharge", text(&w.hospital["id"]), w.patient_id());
        w.nurse.post(&path, json!({})).await.expect(200);
        t.clock.advance(TimeDelta::minutes(16));
        let mut patient = Stream::resume(&p.patient, 0).await;
        assert_eq!(patient.next().await.data["patient_id"], w.patient["id"]);
        let mut doctor = Stream::resume(&w.doctor, 0).await;
        let other = t.patient(&w.nurse, "Ravi Rao").await;
        let encounter = json!({"patient_id": other["id"], "doctor_id": w.doctor_id()});
        w.nurse.post("/encounters", encounter).await.expect(201);
        let next = raise(&w.nurse, &other).await;
        assert_eq!(doctor.next().await.data["id"], next["id"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_older_than_a_day_is_not_told_again() {
    both(|t| async move {
        let w = t.ward().await;
        let account = json!({"email": "night@example.org", "password": "a-good-password", "user_type": "nurse",
            "reference_id": w.hospital["id"]});
        t.admin().await.post("/users/create", account).await.expect(201);
        raise(&w.nurse, &w.patient).await;
        t.clock.advance(TimeDelta::hours(25));
        let nurse = t.client().login("night@example.org", "a-good-password").await;
        let today = raise(&nurse, &w.patient).await;
        let mut stream = Stream::resume(&nurse, 0).await;
        assert_eq!(stream.next().await.data["id"], today["id"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_was_never_given_out_hides_nothing_and_a_negative_one_is_refused() {
    both(|t| async move {
        let w = t.ward().await;
        let mut stream = Stream::resume(&w.nurse, 1_000_000).await;
        let raised = raise(&w.nurse, &w.patient).await;
        assert_eq!(stream.next().await.data["id"], raised["id"]);
        let path = "/api/emergency/stream";
        is_refused(w.nurse.with_header("last-event-id", "-1").get(path).await, 422);
        is_refused(w.nurse.get(&format!("{path}?last_event_id=-1")).await, 422);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_session_is_told_nothing_more() {
    both(|t| async move {
        let w = t.ward().await;
        let leaving = t.nurse(&w.hospital).await;
        let stream = Stream::open(&leaving, "").await;
        leaving.post("/auth/logout", json!({})).await.expect(200);
        raise(&w.nurse, &w.patient).await;
        assert_eq!(stream.ends().await, "");
    })
    .await;
}
