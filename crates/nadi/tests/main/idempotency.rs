//! `Idempotency-Key`: what is sent again is answered again, and done once.
use chrono::TimeDelta;
use futures::future::join_all;
use serde_json::{Value, json};
use store::{Statement, args};
use testkit::{Client, TestApp, both};

use crate::{text, with};

fn registration(name: &str) -> Value {
    json!({"name": name, "date_of_birth": "1970-04-12", "gender": "female", "contact": "+91 98221 54321"})
}

async fn nurse(t: &TestApp) -> Client {
    t.nurse(&t.hospital("City Hospital", 4).await).await
}

/// How many patients there are.
async fn patients(nurse: &Client) -> usize {
    nurse.get("/api/patients").await.expect(200).as_array().expect("a list").len()
}

fn keyed(client: &Client, key: &str) -> Client {
    client.with_header("idempotency-key", key)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_again_is_answered_again_and_done_once() {
    both(|t| async move {
        let nurse = nurse(&t).await;
        let sender = keyed(&nurse, "registration-17");
        let first = sender.post("/api/patients", registration("Asha Rao")).await;
        assert_eq!(first.header("idempotency-replayed"), None);
        let kind = first.header("content-type").map(str::to_owned);
        let made = first.text.clone();
        first.expect(201);
        for _ in 0..3 {
            let again = sender.post("/api/patients", registration("Asha Rao")).await;
            assert_eq!(again.header("idempotency-replayed"), Some("true"));
            assert_eq!(again.header("content-type").map(str::to_owned), kind);
            assert_eq!(again.text, made);
            again.expect(201);
        }
        assert_eq!(patients(&nurse).await, 1);
        // Another key, or none, is another request.
        keyed(&nurse, "registration-18").post("/api/patients", registration("Asha Rao")).await.expect(201);
        nurse.post("/api/patients", registration("Asha Rao")).await.expect(201);
        assert_eq!(patients(&nurse).await, 3);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_for_one_request_of_one_caller() {
    both(|t| async move {
        let nurse = nurse(&t).await;
        let sender = keyed(&nurse, "k");
        let made = sender.post("/api/patients", registration("Asha Rao")).await.expect(201);
        sender.post("/api/patients", registration("Ravi Rao")).await.expect_about(422, "Idempotency-Key");
        sender.post("/api/patients?x=1", registration("Asha Rao")).await.expect_about(422, "Idempotency-Key");
        assert_eq!(patients(&nurse).await, 1);
        // The same key on another path, or of another caller, is another key.
        let alert = json!({"label": "x", "patient_id": made["id"]});
        assert_ne!(sender.post("/api/v1/device-keys", alert).await.header("idempotency-replayed"), Some("true"));
        let other = t.nurse(&t.hospital("Lake Hospital", 4).await).await;
        let theirs = keyed(&other, "k").post("/api/patients", registration("Asha Rao")).await;
        assert_eq!(theirs.header("idempotency-replayed"), None);
        assert_ne!(theirs.expect(201)["id"], made["id"]);
        // Nobody learns an answer by knowing its key.
        let stranger = keyed(&t.client(), "k").post("/api/patients", registration("Asha Rao")).await;
        assert!(!stranger.text.contains(text(&made["id"])));
        stranger.expect(401);
        for wrong in ["", &"x".repeat(256)] {
            keyed(&nurse, wrong)
                .post("/api/patients", registration("Asha Rao"))
                .await
                .expect_about(422, "Idempotency-Key");
        }
        assert_eq!(keyed(&nurse, "k").get("/api/patients").await.header("idempotency-replayed"), None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_at_the_same_moment_are_done_once() {
    both(|t| async move {
        let nurse = nurse(&t).await;
        for round in 0..5 {
            let sender = keyed(&nurse, &format!("round-{round}"));
            let sent = join_all((0..8).map(|_| sender.post("/api/patients", registration("Asha Rao")))).await;
            let made: Vec<&str> = sent.iter().filter(|a| a.status.as_u16() == 201).map(|a| a.text.as_str()).collect();
            assert!(!made.is_empty() && made.iter().all(|one| *one == made[0]), "{made:?}");
            let others: Vec<u16> = sent.iter().map(|a| a.status.as_u16()).filter(|status| *status != 201).collect();
            assert!(others.iter().all(|status| *status == 409), "{others:?}");
            assert_eq!(patients(&nurse).await, round + 1);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_answered_again_too() {
    both(|t| async move {
        let nurse = nurse(&t).await;
        let sender = keyed(&nurse, "wrong");
        let wrong = with(registration("Asha Rao"), json!({"gender": "unheard of"}));
        let first = sender.post("/api/patients", wrong.clone()).await;
        let said = first.text.clone();
        first.expect(422);
        let again = sender.post("/api/patients", wrong).await;
        assert_eq!((again.header("idempotency-replayed"), &again.text), (Some("true"), &said));
        assert_eq!(again.header("content-type"), Some("application/problem+json"));
        again.expect(422);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_forgotten_after_a_day() {
    both(|t| async move {
        let nurse = nurse(&t).await;
        let me = nurse.get("/auth/me").await.expect(200)["data"]["email"].clone();
        keyed(&nurse, "k").post("/api/patients", registration("Asha Rao")).await.expect(201);
        t.clock.advance(TimeDelta::hours(23));
        nadi::http::sweep(&t.app, t.clock.now()).await.expect("swept");
        let nurse = t.client().login(text(&me), "a-good-password").await;
        let again = keyed(&nurse, "k").post("/api/patients", registration("Asha Rao")).await;
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        t.clock.advance(TimeDelta::hours(2));
        nadi::http::sweep(&t.app, t.clock.now()).await.expect("swept");
        let nurse = t.client().login(text(&me), "a-good-password").await;
        let new = keyed(&nurse, "k").post("/api/patients", registration("Asha Rao")).await;
        assert_eq!(new.header("idempotency-replayed"), None);
        assert_eq!(patients(&nurse).await, 2);
    })
    .await;
}

static BREAK_SQLITE: Statement = Statement::new(
    "BREAK_SQLITE",
    "CREATE TRIGGER broken BEFORE INSERT ON patients BEGIN SELECT RAISE(ABORT, 'broken'); END",
);
static MEND_SQLITE: Statement = Statement::new("MEND_SQLITE", "DROP TRIGGER broken");
static BREAKER: Statement = Statement::new(
    "BREAKER",
    "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''broken''; END'",
);
static BREAK: Statement =
    Statement::new("BREAK", "CREATE TRIGGER broken BEFORE INSERT ON patients FOR EACH ROW EXECUTE FUNCTION broken()");
static MEND: Statement = Statement::new("MEND", "DROP TRIGGER broken ON patients");

/// Changes the database behind the program's back.
async fn tamper(t: &TestApp, statements: &[&'static Statement]) {
    let mut tx = t.app.db().begin().await.expect("a transaction");
    for statement in statements {
        tx.run(statement, args![]).await.expect("a change");
    }
    tx.commit().await.expect("a commit");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_of_ours_is_not_kept_and_trying_again_tries_again() {
    both(|t| async move {
        let nurse = nurse(&t).await;
        let sender = keyed(&nurse, "k");
        let sqlite = t.app.db().is_sqlite();
        let (breaking, mending): (&[&'static Statement], _) = match sqlite {
            true => (&[&BREAK_SQLITE], &MEND_SQLITE),
            false => (&[&BREAKER, &BREAK], &MEND),
        };
        tamper(&t, breaking).await;
        for _ in 0..2 {
            let failed = sender.post("/api/patients", registration("Asha Rao")).await;
            assert_eq!(failed.header("idempotency-replayed"), None);
            let problem = failed.expect(500);
            assert!(!problem.to_string().contains("broken"), "the cause is shown: {problem}");
        }
        tamper(&t, &[mending]).await;
        let done = sender.post("/api/patients", registration("Asha Rao")).await;
        assert_eq!(done.header("idempotency-replayed"), None);
        done.expect(201);
        assert_eq!(patients(&nurse).await, 1);
    })
    .await;
}
