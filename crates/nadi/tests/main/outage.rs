//! PostgreSQL goes away for a moment: requests say so, nothing is lost, and nobody has to restart anything.
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use access::Verdict;
use chrono::TimeDelta;
use serde_json::{Value, json};
use store::{Db, Options, Sql as _, Statement, args};
use testkit::{Engine, TestApp, on};

use crate::{reading, readings, until};

static TERMINATE: Statement = Statement::new(
    "TERMINATE",
    "SELECT pg_terminate_backend(pid) AS value FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()",
);

/// Cuts every connection of the program.
async fn cut(t: &TestApp) {
    let url = t.settings.database_url.clone().expect("a PostgreSQL");
    let mut beside =
        Db::open(&url, &Options { connections: 1, ..Options::default() }).await.expect("another connection");
    let cut: Vec<bool> = beside.all(&TERMINATE, args![]).await.expect("terminated");
    assert!(!cut.is_empty());
    beside.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_connections_were_cut_everything_goes_on() {
    on(Engine::Postgres, |t| async move {
        let w = t.ward().await;
        for round in 0..3 {
            cut(&t).await;
            // Each request is done or says that it was not; after a few it is done again.
            for (n, path) in ["/ready", "/health"].iter().enumerate() {
                let status = t.client().get(path).await.status.as_u16();
                assert!([200, 503].contains(&status), "{n}: {status}");
            }
            until("a reading is taken again", || async {
                t.clock.advance(TimeDelta::seconds(1));
                let answer = w.nurse.post("/vitals", reading(&w, json!({"hr_bpm": 70 + round}))).await;
                let status = answer.status.as_u16();
                assert!([201, 503].contains(&status), "{}", answer.text);
                if status == 503 {
                    assert!(answer.header("retry-after").is_some());
                    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
                }
                status == 201
            })
            .await;
            until("the process is ready", || async { t.client().get("/ready").await.status.as_u16() == 200 }).await;
            until("a look is granted", || async {
                let answer = w.doctor.get(&format!("/encounters/{}/overview", w.encounter_id())).await;
                assert!([200, 503].contains(&answer.status.as_u16()), "{}", answer.text);
                answer.status.as_u16() == 200
            })
            .await;
            let seen: BTreeSet<String> =
                readings(&w.nurse, w.patient_id()).await.iter().map(|r| r["hr_bpm"].to_string()).collect();
            assert!(seen.contains(&format!("{}.0", 70 + round)), "{seen:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_around_a_cut_is_there_and_the_chain_is_whole() {
    on(Engine::Postgres, |t| async move {
        let w = t.ward().await;
        let (start, stop) = (t.clock.now() - TimeDelta::hours(2), Arc::new(AtomicBool::new(false)));
        let senders: Vec<_> = (0..8)
            .map(|sender| {
                let (nurse, stop, patient) = (w.nurse.clone(), stop.clone(), w.patient["id"].clone());
                tokio::spawn(async move {
                    let mut acknowledged = Vec::new();
                    let mut n = 0;
                    while !stop.load(Ordering::SeqCst) {
                        let at = start + TimeDelta::milliseconds(n * 8 + sender);
                        n += 1;
                        let body = json!({"patient_id": patient, "hr_bpm": 70, "timestamp": at});
                        let answer = nurse.post("/vitals", body).await;
                        match answer.status.as_u16() {
                            201 => acknowledged.push(answer.json()["data"]["id"].clone()),
                            503 => tokio::task::yield_now().await,
                            other => panic!("{other}: {}", answer.text),
                        }
                    }
                    acknowledged
                })
            })
            .collect();
        for _ in 0..4 {
            let before = count(&t).await;
            until("readings come in", || async { count(&t).await > before + 20 }).await;
            cut(&t).await;
        }
        let before = count(&t).await;
        until("readings come in again", || async { count(&t).await > before + 20 }).await;
        stop.store(true, Ordering::SeqCst);
        let mut acknowledged = Vec::new();
        for sender in senders {
            acknowledged.extend(sender.await.expect("no panic"));
        }
        let stored = readings(&w.nurse, w.patient_id()).await;
        let ids: BTreeSet<String> = stored.iter().map(|r| r["id"].to_string()).collect();
        assert_eq!(ids.len(), stored.len(), "a reading is there twice");
        let lost: Vec<&Value> = acknowledged.iter().filter(|id| !ids.contains(&id.to_string())).collect();
        assert!(lost.is_empty(), "{} of {} acknowledged readings are gone", lost.len(), acknowledged.len());
        let verdict = access::verify(&mut t.app.db(), |_| {}).await.expect("a verdict");
        assert!(matches!(verdict, Verdict::Whole { .. }), "{verdict:?}");
    })
    .await;
}

static COUNT: Statement = Statement::new("COUNT_READINGS", "SELECT count(*) AS value FROM readings");

/// How many readings are stored; 0 while the database cannot say.
async fn count(t: &TestApp) -> i64 {
    t.app.db().one(&COUNT, args![]).await.ok().flatten().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_stream_outlives_a_cut() {
    on(Engine::Postgres, |t| async move {
        let w = t.ward().await;
        let request = w.doctor.request(reqwest::Method::GET, "/api/emergency/stream");
        let mut stream = request.send().await.expect("an answer");
        assert_eq!(stream.status().as_u16(), 200);
        cut(&t).await;
        let call = json!({"patient_id": w.patient["id"], "alert_type": "other", "severity": "high",
            "description": "After the cut", "triggered_by": "manual"});
        until("the emergency is raised", || async {
            let answer = w.nurse.post("/api/emergency/alerts", call.clone()).await;
            assert!([201, 503].contains(&answer.status.as_u16()), "{}", answer.text);
            answer.status.as_u16() == 201
        })
        .await;
        let mut told = String::new();
        let telling = async {
            while !told.contains("After the cut") {
                let chunk = stream.chunk().await.expect("a readable stream").expect("the stream goes on");
                told.push_str(&String::from_utf8_lossy(&chunk));
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(30), telling).await.expect("the stream tells of it");
    })
    .await;
}
