//! A patient's readings read back: the newest, and the whole history in pages.
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use testkit::{TestApp, Ward, both};

use crate::{reading, send, text};

/// A ward with readings a second apart, each moment told by two sources. Answers the ward and when the first was.
async fn recorded(t: &TestApp, moments: i64) -> (Ward, DateTime<Utc>) {
    let w = t.ward().await;
    let monitor = t.monitor(&w.hospital).await;
    let start = t.clock.now() - TimeDelta::hours(1);
    for second in 0..moments {
        let at = json!({"hr_bpm": 60 + second, "timestamp": start + TimeDelta::seconds(second)});
        send(&w.nurse, &w, at.clone()).await;
        send(&monitor, &w, at).await;
    }
    (w, start)
}

fn query(at: DateTime<Utc>) -> String {
    at.to_rfc3339().replace('+', "%2B")
}

async fn page(w: &Ward, query: &str) -> (Vec<Value>, Option<String>) {
    let answer = w.nurse.get(&format!("/patients/{}/vitals?{query}", w.patient_id())).await.expect(200);
    let readings = answer["data"]["readings"].as_array().expect("a list").clone();
    (readings, answer["data"]["next_cursor"].as_str().map(str::to_owned))
}

/// Every page of a span.
async fn pages(w: &Ward, span: &str, limit: usize) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let (readings, next) = page(w, &format!("{span}&limit={limit}{cursor}")).await;
        assert!(readings.len() <= limit);
        all.extend(readings);
        match next {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_hold_every_reading_once_and_in_order() {
    both(|t| async move {
        let (w, start) = recorded(&t, 12).await;
        let (all, none) = page(&w, "limit=1000").await;
        assert_eq!((all.len(), none), (24, None));
        let order: Vec<(&str, &str)> = all.iter().map(|r| (text(&r["timestamp"]), text(&r["source"]))).collect();
        assert!(order.is_sorted(), "{order:?}");
        // An odd page cuts between two sources of the same moment; an even one does not.
        for limit in [1, 2, 3, 5, 7, 23, 24, 25] {
            assert_eq!(pages(&w, "", limit).await, all, "in pages of {limit}");
        }
        let at = |second| start + TimeDelta::seconds(second);
        let span = format!("from={}&to={}", query(at(3)), query(at(9)));
        assert_eq!(pages(&w, &span, 5).await, all[6..18], "from is within the span, to is not");
        assert_eq!(pages(&w, &format!("from={}", query(at(11))), 5).await, all[22..]);
        assert_eq!(pages(&w, &format!("to={}", query(at(1))), 5).await, all[..2]);
        assert_eq!(pages(&w, &format!("from={0}&to={0}", query(at(4))), 5).await, [Value::Null; 0]);
        let between = format!("from={}&to={}", query(at(3) + TimeDelta::microseconds(1)), query(at(4)));
        assert_eq!(pages(&w, &between, 5).await, [Value::Null; 0]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_in_while_one_reads_moves_nothing() {
    both(|t| async move {
        let (w, start) = recorded(&t, 4).await;
        let (first, next) = page(&w, "limit=3").await;
        send(&w.nurse, &w, json!({"hr_bpm": 50, "timestamp": start - TimeDelta::seconds(5)})).await;
        send(&w.nurse, &w, json!({"hr_bpm": 99, "timestamp": start + TimeDelta::seconds(60)})).await;
        let (second, end) = page(&w, &format!("limit=100&cursor={}", next.expect("a next page"))).await;
        assert_eq!(end, None);
        let rates: Vec<f64> = first.iter().chain(&second).map(|r| r["hr_bpm"].as_f64().expect("a number")).collect();
        assert_eq!(rates, [60.0, 60.0, 61.0, 61.0, 62.0, 62.0, 63.0, 63.0, 99.0]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_readings_come_first() {
    both(|t| async move {
        let (w, _) = recorded(&t, 8).await;
        let recent = |query: &'static str| {
            let path = format!("/patients/{}/vitals/recent{query}", w.patient_id());
            let nurse = w.nurse.clone();
            async move { nurse.get(&path).await.expect(200)["data"]["vitals"].as_array().expect("a list").clone() }
        };
        let (mut all, _) = page(&w, "limit=1000").await;
        all.reverse();
        assert_eq!(recent("").await, all[..10], "ten unless asked otherwise");
        assert_eq!(recent("?limit=3").await, all[..3]);
        assert_eq!(recent("?limit=1000").await, all);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_span_that_makes_no_sense_is_refused() {
    both(|t| async move {
        let w = t.ward().await;
        w.nurse.post("/vitals", reading(&w, json!({"hr_bpm": 70}))).await.expect(201);
        let of = |rest: &str| format!("/patients/{}/vitals{rest}", w.patient_id());
        for (rest, member) in [
            ("?limit=0", "limit"),
            ("?limit=1001", "limit"),
            ("?limit=-1", "limit"),
            ("?limit=ten", "limit"),
            ("?from=yesterday", "from"),
            ("?to=soon", "to"),
            ("?from=2024-01-02T00:00:00Z&to=2024-01-01T00:00:00Z", "to"),
            ("?from=0001-01-01T00:00:00Z", "from"),
            ("?to=9999-12-31T23:59:59Z", "to"),
            ("?cursor=nonsense", "cursor"),
            ("?cursor=AAAA", "cursor"),
            ("/recent?limit=0", "limit"),
            ("/recent?limit=1001", "limit"),
            ("/recent?limit=x", "limit"),
        ] {
            w.nurse.get(&of(rest)).await.expect_about(422, member);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn readings_are_read_by_those_who_treat_respond_and_the_patient_alone() {
    both(|t| async move {
        let w = t.ward().await;
        w.nurse.post("/vitals", reading(&w, json!({"hr_bpm": 70}))).await.expect(201);
        let lata = t.account("patient", Some(&w.patient["id"])).await;
        let other = crate::another(&w, json!({})).await;
        let other_patient = t.account("patient", Some(&other.patient["id"])).await;
        let (_, other_doctor) = t.doctor("Dr. Other").await;
        let (monitor, responder) = (t.monitor(&w.hospital).await, t.responder(&w.hospital).await);
        for rest in ["", "/recent"] {
            let path = format!("/patients/{}/vitals{rest}", w.patient_id());
            for (caller, status) in [
                (&w.nurse, 200),
                (&w.doctor, 200),
                (&lata, 200),
                (&other_patient, 404),
                (&other_doctor, 404),
                (&responder, 404),
                (&monitor, 403),
                (&t.admin().await, 403),
                (&t.client(), 401),
            ] {
                caller.get(&path).await.expect(status);
            }
        }
        // A responder sees them as long as the emergency lasts.
        t.clock.advance(TimeDelta::seconds(1));
        let alert = send(&w.nurse, &w, json!({"hr_bpm": 140})).await["alerts"][0].clone();
        let path = format!("/patients/{}/vitals/recent", w.patient_id());
        responder.get(&path).await.expect(200);
        w.nurse.patch(&format!("/alerts/{}/resolve", text(&alert["id"])), json!({})).await.expect(200);
        responder.get(&path).await.expect(404);
    })
    .await;
}
