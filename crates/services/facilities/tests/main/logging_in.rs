//! Logging in by an Aadhaar number.
use serde_json::json;
use testkit::both;

use crate::{NUMBERS, PASSWORD, audit, rajesh, registered, text, with};

const LOGIN: &str = "/api/v1/auth/login";

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_logs_in_by_the_number_however_it_is_written() {
    both(|t| async move {
        let (made, _) = registered(&t, NUMBERS[0], "rajesh@example.com").await;
        for body in [
            json!({"aadhar_number": "2341 2341 2346"}),
            json!({"aadhar_number": 234_123_412_346_u64}),
            json!({"aadhaar_number": "२३४१ २३४१ २३४६"}),
            json!({"identifier": "234123412346"}),
            json!({"identifier": "2341-2341-2346"}),
            json!({"username": "२३४१२३४१२३४६"}),
        ] {
            let answer = t.client().post(LOGIN, with(body.clone(), json!({"password": PASSWORD}))).await.expect(200);
            assert_eq!(answer["user"]["reference_id"], made["patient_id"], "{body}");
            let wrong = with(body, json!({"password": "not the password"}));
            t.client().post(LOGIN, wrong).await.expect(401);
            // Right logins are not counted, wrong ones are: five a minute.
            t.clock.advance(chrono::TimeDelta::seconds(12));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_nobody_has_is_refused_as_a_wrong_password_is() {
    both(|t| async move {
        registered(&t, NUMBERS[0], "rajesh@example.com").await;
        let refusal = |number: &'static str| {
            let (client, body) = (t.client(), json!({"aadhar_number": number, "password": "not the password"}));
            async move { client.post(LOGIN, body).await.expect(401)["detail"].clone() }
        };
        let known = refusal(NUMBERS[0]).await;
        assert_eq!(known, refusal(NUMBERS[1]).await);
        assert_eq!(known, refusal("not a number").await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_takes_a_number_away_by_calling_it_a_phone() {
    both(|t| async move {
        let (made, _) = registered(&t, NUMBERS[0], "rajesh@example.com").await;
        // The same twelve digits, as somebody else's phone.
        let mut other = with(rajesh(NUMBERS[1], ""), json!({"phone": NUMBERS[0], "password": "AnotherPassword1"}));
        other.as_object_mut().expect("an object").remove("email");
        t.client().post("/api/v1/patient/register", other).await.expect(201);
        let body = json!({"aadhar_number": NUMBERS[0], "password": PASSWORD});
        let answer = t.client().post(LOGIN, body).await.expect(200);
        assert_eq!(answer["user"]["reference_id"], made["patient_id"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_by_number_leaves_no_number_behind() {
    both(|t| async move {
        registered(&t, NUMBERS[0], "rajesh@example.com").await;
        for number in NUMBERS {
            let body = json!({"aadhar_number": number, "password": "not the password"});
            t.client().post(LOGIN, body).await.expect(401);
        }
        for entry in audit(&t).await {
            let shown = serde_json::to_string(&entry).expect("an entry");
            assert!(!NUMBERS.iter().any(|number| shown.contains(number)), "{shown}");
        }
        let refused = |entry: &&access::Record| entry.action == "login" && !entry.allowed;
        assert_eq!(audit(&t).await.iter().filter(refused).count(), NUMBERS.len());
        assert!(audit(&t).await.iter().filter(refused).all(|entry| !text(&json!(entry.reason)).is_empty()));
    })
    .await;
}
