//! Proving that a number is one's own, by a one-time code.
use chrono::TimeDelta;
use futures::future::join_all;
use serde_json::{Value, json};
use testkit::{Client, TestApp, both};

use crate::{NUMBERS, audit, done, registered, text, without_number};

const PATH: &str = "/api/v1/auth/verify-aadhar";

/// The codes in the outbox of a development server, the oldest first.
fn codes(t: &TestApp) -> Vec<String> {
    let Ok(directory) = std::fs::read_dir(t.settings.data.join("outbox")) else { return Vec::new() };
    let mut files: Vec<_> = directory.flatten().map(|file| file.path()).collect();
    files.sort();
    let code = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path).expect("a readable message");
        assert!(!NUMBERS.iter().any(|number| text.contains(number)), "{text}");
        let words = text.split(|c: char| !c.is_ascii_digit()).find(|word| word.len() == 6);
        words.expect("a code").to_owned()
    };
    files.iter().map(code).collect()
}

async fn begin(own: &Client, body: Value) -> Value {
    own.post(PATH, body).await.expect(200)
}

/// Asks for a code and answers it.
async fn code(t: &TestApp, own: &Client, body: Value) -> String {
    begin(own, body).await;
    codes(t).pop().expect("a code in the outbox")
}

fn other_than(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().expect("digits") + 1) % 1_000_000)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_proves_the_number() {
    both(|t| async move {
        let (made, own) = registered(&t, NUMBERS[0], "rajesh@example.com").await;
        let sent = begin(&own, json!({})).await;
        assert_eq!((text(&sent["status"]), text(&sent["aadhar_number"])), ("success", "XXXX XXXX 2346"));
        assert_eq!((&sent["aadhar_verified"], &sent["patient_uid"]), (&json!(false), &Value::Null));
        let code = codes(&t).pop().expect("a code");
        let body = json!({"code": code, "transaction_id": sent["transaction_id"]});
        let proved = own.post(PATH, body.clone()).await.expect(200);
        assert_eq!((&proved["aadhar_verified"], &proved["patient_uid"]), (&json!(true), &made["patient_uid"]));
        assert_eq!(own.get("/api/v1/patient/profile").await.expect(200)["aadhar_verified"], true);
        // Replayed, it proves nothing; and there is nothing left to prove.
        own.post(PATH, body).await.expect_about(422, "code");
        t.clock.advance(TimeDelta::minutes(2));
        own.post(PATH, json!({})).await.expect_about(409, "aadhar_number");
        assert_eq!(done(&t, "aadhaar.verify").await, 1);
        assert_eq!(done(&t, "aadhaar.open").await, 2, "to send the code, and to keep the number as proved");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_tried_five_times_and_then_never_again() {
    both(|t| async move {
        let (_, own) = registered(&t, NUMBERS[0], "rajesh@example.com").await;
        let right = code(&t, &own, json!({})).await;
        // At once: the count is taken before anybody looks at the code.
        let wrong = join_all((0..5).map(|_| own.post(PATH, json!({"otp": other_than(&right)})))).await;
        wrong.into_iter().for_each(|answer| drop(answer.expect_about(422, "code")));
        own.post(PATH, json!({"otp": right})).await.expect_about(422, "code");
        let refused = audit(&t).await.iter().filter(|e| e.action == "aadhaar.verify" && !e.allowed).count();
        assert_eq!(refused, 5);
        // Another one is good.
        t.clock.advance(TimeDelta::seconds(61));
        let next = code(&t, &own, json!({})).await;
        own.post(PATH, json!({"otp": format!(" {next} ")})).await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_who_use_a_code_at_once_one_proves_the_number() {
    both(|t| async move {
        let (_, own) = registered(&t, NUMBERS[0], "rajesh@example.com").await;
        let right = code(&t, &own, json!({})).await;
        let answers = join_all((0..20).map(|_| own.post(PATH, json!({"code": right})))).await;
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
        assert!(statuses.iter().all(|status| matches!(status, 200 | 422)), "{statuses:?}");
        assert_eq!(done(&t, "aadhaar.verify").await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_expires_and_belongs_to_one_transaction_and_one_patient() {
    both(|t| async move {
        let (_, own) = registered(&t, NUMBERS[0], "rajesh@example.com").await;
        let (_, other) = registered(&t, NUMBERS[1], "other@example.com").await;
        let first = begin(&own, json!({})).await;
        let old = codes(&t).pop().expect("a code");
        other.post(PATH, json!({"code": old})).await.expect_about(422, "code");
        t.clock.advance(TimeDelta::seconds(61));
        let second = begin(&own, json!({})).await;
        let new = codes(&t).pop().expect("a code");
        // The one before is replaced.
        let stale = json!({"code": new, "transaction_id": first["transaction_id"]});
        own.post(PATH, stale).await.expect_about(422, "code");
        t.clock.advance(TimeDelta::minutes(10));
        let late = json!({"code": new, "transaction_id": second["transaction_id"]});
        own.post(PATH, late).await.expect_about(422, "code");
        for odd in ["", "12345", "1234567", "abcdef"] {
            own.post(PATH, json!({"code": odd})).await.expect_about(422, "code");
        }
        assert_eq!(own.get("/api/v1/patient/profile").await.expect(200)["aadhar_verified"], false);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_does_not_ring_all_day() {
    both(|t| async move {
        let (_, own) = registered(&t, NUMBERS[0], "rajesh@example.com").await;
        begin(&own, json!({})).await;
        let soon = own.post(PATH, json!({})).await;
        assert_eq!(soon.header("retry-after"), Some("60"));
        soon.expect(429);
        for _ in 1..5 {
            t.clock.advance(TimeDelta::seconds(61));
            begin(&own, json!({})).await;
        }
        t.clock.advance(TimeDelta::seconds(61));
        own.post(PATH, json!({})).await.expect(429);
        // Nor do five others make it ring, and a sixth.
        for at in 0..5 {
            let stranger = without_number(&t, &format!("stranger{at}@example.com")).await;
            begin(&stranger, json!({"aadhar_number": NUMBERS[1]})).await;
        }
        let sixth = without_number(&t, "sixth@example.com").await;
        sixth.post(PATH, json!({"aadhar_number": NUMBERS[1]})).await.expect(429);
        sixth.post(PATH, json!({"aadhar_number": NUMBERS[2]})).await.expect(200);
        t.clock.advance(TimeDelta::hours(1));
        let own = t.client().login("rajesh@example.com", crate::PASSWORD).await;
        begin(&own, json!({})).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_comes_later_and_a_mistyped_one_is_put_right() {
    both(|t| async move {
        let late = without_number(&t, "lata@example.com").await;
        late.post(PATH, json!({})).await.expect_about(422, "aadhar_number");
        late.post(PATH, json!({"aadhar_number": "1234"})).await.expect_about(422, "aadhar_number");
        let right = code(&t, &late, json!({"aadhar_number": "9999 9999 0019"})).await;
        // Nothing is kept before it is proved.
        let shown = late.get("/api/v1/patient/profile").await.expect(200);
        assert_eq!(shown["aadhar_number"], Value::Null);
        let proved = late.post(PATH, json!({"code": right})).await.expect(200);
        assert_eq!((text(&proved["aadhar_number"]), text(&proved["patient_uid"]).len()), ("XXXX XXXX 0019", 64));

        let (mistyped, own) = registered(&t, NUMBERS[0], "rajesh@example.com").await;
        let right = code(&t, &own, json!({"aadhar_number": NUMBERS[2]})).await;
        let proved = own.post(PATH, json!({"code": right})).await.expect(200);
        assert_ne!(proved["patient_uid"], mistyped["patient_uid"]);
        let shown = own.get("/api/v1/patient/profile").await.expect(200);
        assert_eq!((&shown["aadhar_number"], &shown["aadhar_verified"]), (&json!("XXXX XXXX 5551"), &json!(true)));
        // The mistyped one is free for its owner.
        registered(&t, NUMBERS[0], "owner@example.com").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_proves_a_number_takes_it_from_who_only_claimed_it() {
    both(|t| async move {
        let (claimed, thief) = registered(&t, NUMBERS[0], "thief@example.com").await;
        let owner = without_number(&t, "owner@example.com").await;
        let right = code(&t, &owner, json!({"aadhar_number": NUMBERS[0]})).await;
        let proved = owner.post(PATH, json!({"code": right})).await.expect(200);
        assert_eq!(proved["patient_uid"], claimed["patient_uid"]);
        assert_eq!(thief.get("/api/v1/patient/profile").await.expect(200)["patient_uid"], Value::Null);
        assert_eq!(done(&t, "aadhaar.displace").await, 1);
        // And from a proved one nobody takes it.
        t.clock.advance(TimeDelta::minutes(2));
        thief.post(PATH, json!({"aadhar_number": NUMBERS[0]})).await.expect_about(409, "aadhar_number");
        let login = json!({"aadhar_number": NUMBERS[0], "password": crate::PASSWORD});
        let answer = t.client().post("/api/v1/auth/login", login).await.expect(200);
        let own = owner.get("/api/v1/patient/profile").await.expect(200);
        assert_eq!(answer["user"]["reference_id"], own["id"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_prove_one_number_at_once_one_has_it() {
    both(|t| async move {
        let one = without_number(&t, "one@example.com").await;
        let other = without_number(&t, "other@example.com").await;
        let first = code(&t, &one, json!({"aadhar_number": NUMBERS[3]})).await;
        let second = code(&t, &other, json!({"aadhar_number": NUMBERS[3]})).await;
        let (a, b) = tokio::join!(one.post(PATH, json!({"code": first})), other.post(PATH, json!({"code": second})));
        let mut statuses = [a.status.as_u16(), b.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_patients_prove_numbers() {
    both(|t| async move {
        let ward = t.ward().await;
        for (who, client) in [("nurse", &ward.nurse), ("doctor", &ward.doctor), ("admin", &t.admin().await)] {
            let status = client.post(PATH, json!({"aadhar_number": NUMBERS[0]})).await.status.as_u16();
            assert_eq!(status, 403, "{who}");
        }
        t.client().post(PATH, json!({"aadhar_number": NUMBERS[0]})).await.expect(401);
    })
    .await;
}
