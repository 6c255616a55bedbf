//! `Idempotency-Key` when something goes wrong around it.
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Errors, Service};
use nadi::http::{self, Limits, Patience};
use serde_json::json;
use testkit::{Client, TestApp, both};
use tokio::net::TcpListener;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// How often each route was run for one test.
#[derive(Default)]
struct Runs {
    mishap: AtomicUsize,
    bytes: AtomicUsize,
    much: AtomicUsize,
}

/// Panics the first time.
#[utoipa::path(post, path = "/mishap", responses((status = 201, description = "Done"), Errors))]
async fn mishap(State(app): State<App>) -> StatusCode {
    assert!(count(&app).mishap.fetch_add(1, Ordering::SeqCst) > 0, "the first time goes wrong");
    StatusCode::CREATED
}

/// Answers what cannot be kept.
#[utoipa::path(post, path = "/bytes", responses((status = 200, description = "Bytes"), Errors))]
async fn bytes(State(app): State<App>) -> Vec<u8> {
    count(&app).bytes.fetch_add(1, Ordering::SeqCst);
    vec![0xff, 0xfe]
}

/// Answers more than is kept.
#[utoipa::path(post, path = "/much", responses((status = 201, description = "Much"), Errors))]
async fn much(State(app): State<App>) -> (StatusCode, String) {
    count(&app).much.fetch_add(1, Ordering::SeqCst);
    (StatusCode::CREATED, "0123456789abcdef".repeat(MUCH / 16))
}

const MUCH: usize = 5 * 1024 * 1024;

/// Each test's program has keys of its own, which tell it from the others.
fn count(app: &App) -> &'static Runs {
    static ALL: std::sync::Mutex<Vec<(String, &'static Runs)>> = std::sync::Mutex::new(Vec::new());
    let key = app.edge::<vault::Vault>().tokens().jwks().to_string();
    let mut all = ALL.lock().expect("no test failed inside");
    if let Some((_, runs)) = all.iter().find(|(k, _)| *k == key) {
        return runs;
    }
    let runs: &'static Runs = Box::leak(Box::default());
    all.push((key, runs));
    runs
}

/// A second door to the test's program, with the routes above, for the first administrator.
async fn mishaps(t: &TestApp) -> Client {
    let routes = || OpenApiRouter::new().routes(routes!(mishap)).routes(routes!(bytes)).routes(routes!(much));
    let limits = Limits { body: 1024, trust_proxy: false };
    let router = http::router(&t.app, &[Service::new("mishaps", routes)], limits);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(http::serve(listener, router, 100, Patience::default(), std::future::pending()));
    let admin = t.admin().await.token.expect("a token");
    Client::new(&base).with_token(&admin).with_header("idempotency-key", "k")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_panicked_is_run_again_with_the_same_key() {
    both(|t| async move {
        let client = mishaps(&t).await;
        let problem = client.post("/mishap", json!({})).await.expect(500);
        assert!(!problem.to_string().contains("goes wrong"), "the cause is shown: {problem}");
        client.post("/mishap", json!({})).await.expect(201);
        let again = client.post("/mishap", json!({})).await;
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        assert_eq!(count(&t.app).mishap.load(Ordering::SeqCst), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_cannot_be_kept_is_given_and_the_deed_not_done_again() {
    both(|t| async move {
        let client = mishaps(&t).await;
        client.post("/bytes", json!({})).await.expect(200);
        client.post("/bytes", json!({})).await.expect(409);
        assert_eq!(count(&t.app).bytes.load(Ordering::SeqCst), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_too_large_to_keep_arrives_whole_and_the_key_says_that_it_was_done() {
    both(|t| async move {
        let client = mishaps(&t).await;
        let answer = client.post("/much", json!({})).await;
        assert_eq!((answer.status.as_u16(), answer.text.len()), (201, MUCH));
        assert!(answer.text.as_bytes().chunks(16).all(|part| part == b"0123456789abcdef"));
        let again = client.post("/much", json!({})).await;
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        let problem = again.expect(409);
        assert_eq!((&problem["done"], &problem["answered"]), (&json!(true), &json!(201)), "{problem}");
        assert_eq!(count(&t.app).much.load(Ordering::SeqCst), 1);
        client.post("/much", json!({"other": 1})).await.expect_about(422, "Idempotency-Key");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_larger_than_the_limit_is_refused_with_a_key_as_without() {
    both(|t| async move {
        let client = mishaps(&t).await;
        client.post("/mishap", json!({"text": "x".repeat(2000)})).await.expect(413);
        assert_eq!(count(&t.app).mishap.load(Ordering::SeqCst), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_done_under_a_key_while_the_caller_cannot_be_looked_up() {
    both(|t| async move {
        let client = mishaps(&t).await;
        if t.app.db().is_sqlite() {
            static GONE: store::Statement = store::Statement::new("GONE", "ALTER TABLE sessions RENAME TO mislaid");
            let mut tx = t.app.db().begin().await.expect("a transaction");
            tx.run(&GONE, Vec::new()).await.expect("a change");
            tx.commit().await.expect("a commit");
        } else {
            t.app.db().close().await;
        }
        let answer = client.post("/bytes", json!({})).await;
        assert!(answer.status.is_server_error(), "{answer:?}");
        assert_eq!(count(&t.app).bytes.load(Ordering::SeqCst), 0);
    })
    .await;
}
