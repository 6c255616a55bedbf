//! Signing in and out, as a phone does.
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;
use serde_json::json;
use testkit::both;

use crate::{PASSWORD, Patient, plainly, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_signs_in_and_stays_signed_in_with_one_refresh_token() {
    both(|t| async move {
        let patient = Patient::new(&t).await;
        let tokens = patient.log_in(&t, json!({"fcmToken": "f-1"})).await.expect(201);
        let expiry: DateTime<Utc> = text(&tokens["expiry"]).parse().expect("a time");
        assert_eq!(expiry - t.clock.now(), TimeDelta::hours(12));
        let mut phone = patient.phone(&t).await;
        phone.counts().await;
        t.clock.advance(TimeDelta::hours(13));
        plainly(phone.client.get("/api/v2/counts").await, 401, "the token is not valid or has expired");
        // As often as it is needed, for months: a phone in use is not signed out.
        for _ in 0..4 {
            phone.renew().await;
            phone.counts().await;
            t.clock.advance(TimeDelta::days(20));
        }
        t.clock.advance(TimeDelta::days(20));
        let late = t.client().post("/api/v2/refresh", json!({"refresh": phone.refresh})).await;
        plainly(late, 403, "invalid refresh token");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_signs_in_here() {
    both(|t| async move {
        let patient = Patient::new(&t).await;
        let login = async |body| t.client().post("/api/v2/login", body).await;
        for body in [
            json!({}),
            json!({"username": "x"}),
            json!({"password": "x"}),
            json!([]),
            json!({"username": 1, "password": 2}),
        ] {
            plainly(login(body).await, 400, "invalid request");
        }
        plainly(t.client().post_text("/api/v2/login", "application/json", "{").await, 400, "invalid request");
        let wrong = json!({"username": patient.email, "password": "not-the-password"});
        plainly(login(wrong).await, 403, "invalid password");
        let unfit = json!({"username": "a\u{0}b", "password": "c\u{0}d"});
        plainly(login(unfit).await, 403, "invalid password");
        // Nobody is registered by trying.
        plainly(login(json!({"username": "a-new-name", "password": PASSWORD})).await, 403, "invalid password");
        plainly(login(json!({"username": "x".repeat(10_000), "password": PASSWORD})).await, 403, "invalid password");
        let nurse = json!({"email": "asha@ward.example", "password": PASSWORD, "user_type": "nurse",
            "reference_id": patient.ward.hospital["id"]});
        t.admin().await.post("/users/create", nurse).await.expect(201);
        let nurse = json!({"username": "asha@ward.example", "password": PASSWORD});
        plainly(login(nurse).await, 403, "only a patient's account can send from a phone");
        let refresh = async |refresh: &str| t.client().post("/api/v2/refresh", json!({"refresh": refresh})).await;
        plainly(refresh("made-up").await, 403, "invalid refresh token");
        plainly(t.client().post("/api/v2/refresh", json!({})).await, 400, "invalid request");
        // Nor does a refresh token of another surface buy a phone's token, or a phone's one theirs.
        let pair =
            t.client().post("/auth/login", json!({"email": patient.email, "password": PASSWORD})).await.expect(200);
        plainly(refresh(text(&pair["refresh_token"])).await, 403, "invalid refresh token");
        let phone = patient.phone(&t).await;
        t.client().post("/api/auth/refresh", json!({"refresh_token": phone.refresh})).await.expect(401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_patients_consent_no_phone_signs_in_or_sends() {
    both(|t| async move {
        let patient = Patient::new(&t).await;
        let phone = patient.phone(&t).await;
        phone.sync("Steps", json!([])).await.expect(200);
        patient.agree(false).await;
        let refused = "the patient has not agreed that what wearables send is kept";
        plainly(patient.log_in(&t, json!({})).await, 403, refused);
        plainly(phone.sync("Steps", json!([])).await, 403, refused);
        let record = crate::heart_rate("a", "2026-11-19T05:00", &[70]);
        plainly(phone.sync("HeartRate", record.clone()).await, 403, refused);
        assert_eq!(phone.counts().await, json!({}));
        patient.agree(true).await;
        phone.sync("HeartRate", record).await.expect(200);
        assert_eq!(phone.counts().await, json!({"HeartRate": 1}));
        // What is there may be looked at and taken out whatever is agreed to.
        patient.agree(false).await;
        assert_eq!(phone.unsync("HeartRate", json!(["a"])).await, json!({"success": true}));
        assert_eq!(phone.counts().await, json!({}));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_signed_out_is_out() {
    both(|t| async move {
        let patient = Patient::new(&t).await;
        for method in [Method::DELETE, Method::POST] {
            let (phone, other) = (patient.phone(&t).await, patient.phone(&t).await);
            let answer = phone.client.request(method, "/api/v2/revoke").send().await.expect("an answer");
            assert_eq!(answer.status(), 200);
            assert_eq!(answer.json::<serde_json::Value>().await.expect("JSON"), json!({"success": true}));
            plainly(phone.sync("Steps", json!([])).await, 401, "the session has ended");
            let late = t.client().post("/api/v2/refresh", json!({"refresh": phone.refresh})).await;
            plainly(late, 403, "invalid refresh token");
            other.counts().await;
        }
        // A session that the patient ends from elsewhere is over for the phone as well.
        let phone = patient.phone(&t).await;
        patient.account.delete("/api/v1/auth/sessions").await.expect(204);
        plainly(phone.client.get("/api/v2/counts").await, 401, "the session has ended");
        plainly(t.client().get("/api/v2/counts").await, 401, "sign in first: no bearer token was sent");
        assert_eq!(t.client().get("/api/v2/health").await.expect(200), json!({"status": "ok"}));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_is_slowed_down_as_at_every_login() {
    both(|t| async move {
        let patient = Patient::new(&t).await;
        for _ in 0..5 {
            patient.log_in(&t, json!({"password": "guess"})).await.expect(403);
        }
        let answer = patient.log_in(&t, json!({"password": "guess"})).await;
        assert!(answer.header("retry-after").is_some());
        plainly(answer, 429, "too many tries to sign in; wait a little");
    })
    .await;
}
