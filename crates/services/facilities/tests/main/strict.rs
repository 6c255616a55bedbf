//! A server in production: numbers as UIDAI issues them, and codes by a gateway.
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use testkit::{Engine, both_with, on_with};

use crate::{NUMBERS, audit, rajesh, registered, with};

const PROVE: &str = "/api/v1/auth/verify-aadhar";

#[tokio::test(flavor = "multi_thread")]
async fn so_many_register_from_one_address_and_no_more() {
    both_with(
        |settings| settings.registrations_per_hour = 3,
        |t| async move {
            let register = |at: usize| {
                let (client, body) = (t.client(), rajesh(NUMBERS[at % 4], &format!("rajesh{at}@example.com")));
                async move { client.post("/api/v1/patient/register", body).await }
            };
            register(0).await.expect(201);
            // Whether a number is here can be tried out no more often.
            register(4).await.expect(409);
            register(1).await.expect(201);
            let refused = register(2).await;
            assert_eq!(refused.header("retry-after"), Some("1200"));
            refused.expect(429);
            let other = json!({"user_type": "patient"});
            t.client()
                .post("/api/v1/auth/register", with(rajesh(NUMBERS[2], "x@example.com"), other))
                .await
                .expect(429);
            t.clock.advance(chrono::TimeDelta::minutes(20));
            register(2).await.expect(201);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_production_a_number_has_to_be_one_that_uidai_issues() {
    on_with(
        Engine::Sqlite,
        |settings| settings.production = true,
        |t| async move {
            let path = "/api/v1/patient/register";
            for bad in ["1234 5678 9012", "111122223333", "123412341234", "210987654321", "१२३४ ५६७८ ९०१२"]
            {
                t.client().post(path, rajesh(bad, "rajesh@example.com")).await.expect_about(422, "aadhar_number");
            }
            for (at, good) in NUMBERS.into_iter().enumerate() {
                t.client().post(path, rajesh(good, &format!("rajesh{at}@example.com"))).await.expect(201);
            }
            // Nobody would be sent the code.
            let own = t.client().login("rajesh0@example.com", crate::PASSWORD).await;
            own.post(PROVE, json!({})).await.expect(501);
        },
    )
    .await;
}

/// What a gateway was asked: path, authorization, body.
type Asked = Arc<Mutex<Vec<(&'static str, String, Value)>>>;

fn put_down(asked: &Asked, path: &'static str, headers: &HeaderMap, body: &Value) {
    let authorization = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    asked.lock().expect("a list").push((path, authorization.to_owned(), body.clone()));
}

async fn send(State(asked): State<Asked>, headers: HeaderMap, Json(body): Json<Value>) -> StatusCode {
    put_down(&asked, "/otp", &headers, &body);
    match body["aadhaar_number"] == NUMBERS[4] {
        true => StatusCode::BAD_GATEWAY,
        false => StatusCode::OK,
    }
}

async fn verify(State(asked): State<Asked>, headers: HeaderMap, Json(body): Json<Value>) -> Json<Value> {
    put_down(&asked, "/otp/verify", &headers, &body);
    Json(json!({"verified": body["otp"] == "424242"}))
}

/// A gateway as an installation would have one.
async fn gateway() -> (String, Asked) {
    let asked = Asked::default();
    let router =
        Router::new().route("/uid/otp", post(send)).route("/uid/otp/verify", post(verify)).with_state(asked.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    (format!("http://{address}/uid/"), asked)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_sends_the_codes_and_checks_them() {
    let (url, asked) = gateway().await;
    let set = |settings: &mut testkit::Settings| {
        settings.uidai_api_enabled = true;
        settings.uidai_api_url = Some(url.clone());
        settings.uidai_api_key = Some("gateway-key".into());
    };
    both_with(set, |t| {
        let asked = asked.clone();
        async move {
            asked.lock().expect("a list").clear();
            let (_, own) = registered(&t, NUMBERS[0], "rajesh@example.com").await;
            let sent = own.post(PROVE, json!({})).await.expect(200);
            own.post(PROVE, json!({"code": "000000"})).await.expect_about(422, "code");
            let proved = own.post(PROVE, json!({"code": "424242"})).await.expect(200);
            assert_eq!(proved["aadhar_verified"], true);
            own.post(PROVE, json!({"code": "424242"})).await.expect_about(422, "code");
            let seen = std::mem::take(&mut *asked.lock().expect("a list"));
            let paths: Vec<&str> = seen.iter().map(|(path, ..)| *path).collect();
            assert_eq!(paths, ["/otp", "/otp/verify", "/otp/verify"]);
            assert!(seen.iter().all(|(_, authorization, body)| {
                authorization == "Bearer gateway-key"
                    && body["aadhaar_number"] == NUMBERS[0]
                    && body["transaction_id"] == sent["transaction_id"]
            }));
            assert!(std::fs::read_dir(t.settings.data.join("outbox")).is_err(), "nothing is in an outbox");
            // Opened to be sent, for each try, and to be kept as proved: each is on record.
            let opened = audit(&t).await.iter().filter(|entry| entry.action == "aadhaar.open").count();
            assert_eq!(opened, 4);
            // A gateway that fails is no failure of ours.
            let other = rajesh(NUMBERS[4], "other@example.com");
            t.client().post("/api/v1/patient/register", with(other, json!({}))).await.expect(201);
            let other = t.client().login("other@example.com", crate::PASSWORD).await;
            let answer = other.post(PROVE, json!({})).await;
            assert!(!answer.text.contains(NUMBERS[4]) && !answer.text.contains("127.0.0.1"), "{}", answer.text);
            answer.expect(503);
        }
    })
    .await;
}
