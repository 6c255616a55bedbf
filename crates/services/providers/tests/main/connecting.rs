//! Connecting an account and disconnecting it.
use chrono::TimeDelta;
use serde_json::json;
use signals::Metric;
use testkit::both;

use crate::{FITBIT, GOOGLE, Person, a_while, each, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_connects_an_account_and_its_days_are_fetched() {
    each(|t, maker| async move {
        let lata = Person::new(&t, "Lata Joshi").await;
        let today = (t.clock.now() + TimeDelta::minutes(330)).date_naive();
        maker.put_steps(&today.to_string(), &[("00:00:00", 12), ("00:01:00", 0)]);
        maker.put_steps(&(today - TimeDelta::days(7)).to_string(), &[("10:00:00", 40), ("10:01:00", 41)]);
        let connected = lata.connect(FITBIT, "228S74").await;
        assert_eq!((text(&connected["provider"]), text(&connected["state"])), ("fitbit", "connected"));
        let steps = lata.wait_for(&t, Metric::Steps, 3).await;
        assert_eq!(steps.iter().filter_map(|point| point.value).sum::<f64>(), 93.0);
        let shown = lata.wait_until(|shown| !shown["last_sync_at"].is_null()).await;
        assert_eq!((&shown["failures"], &shown["trouble"]), (&json!(0), &json!(null)));
        assert_eq!(maker.count("POST /1/user/-/apiSubscriptions/"), 1);
        // A second one at the same provider is none.
        lata.client.post(&format!("{FITBIT}/connect"), json!({})).await.expect(409);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_connects_without_the_patients_consent_or_for_somebody_else() {
    each(|t, maker| async move {
        let lata = Person::new(&t, "Lata Joshi").await;
        lata.consent(false).await;
        lata.client.post(&format!("{FITBIT}/connect"), json!({})).await.expect(403);
        lata.consent(true).await;
        let state = lata.set_out(FITBIT).await;
        lata.consent(false).await;
        let back = json!({"state": state, "code": "228S74"});
        lata.client.post(&format!("{FITBIT}/callback"), back).await.expect(403);
        let (_, doctor) = t.doctor("Dr. Nair").await;
        doctor.post(&format!("{FITBIT}/connect"), json!({"patient_id": lata.id})).await.expect(403);
        let stranger = Person::new(&t, "Asha Rao").await;
        let named = json!({"patient_id": lata.id});
        stranger.client.post(&format!("{FITBIT}/connect"), named).await.expect(404);
        stranger.client.get(&format!("/api/v1/wearables/providers?patient_id={}", lata.id)).await.expect(404);
        lata.client.post("/api/v1/wearables/providers/jawbone/connect", json!({})).await.expect(404);
        assert_eq!(maker.count("POST /oauth2/token"), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_back_is_who_set_out_and_comes_back_once() {
    each(|t, maker| async move {
        let (lata, asha) = (Person::new(&t, "Lata Joshi").await, Person::new(&t, "Asha Rao").await);
        let path = format!("{FITBIT}/callback");
        let state = lata.set_out(FITBIT).await;
        let back = json!({"state": state, "code": "228S74"});
        // Whoever was talked into allowing it for another's record.
        asha.client.post(&path, back.clone()).await.expect(403);
        t.client().get(&format!("{path}?state={state}&code=228S74")).await.expect(403);
        lata.client.post(&format!("{GOOGLE}/callback"), back.clone()).await.expect_about(422, "state");
        lata.client.post(&path, json!({"state": "made-up", "code": "228S74"})).await.expect_about(422, "state");
        assert_eq!(maker.count("POST /oauth2/token"), 0);
        lata.client.post(&path, back.clone()).await.expect(201);
        lata.client.post(&path, back).await.expect_about(422, "state");
        // The same account is nobody else's.
        let taken = json!({"state": asha.set_out(FITBIT).await, "code": "228S74"});
        asha.client.post(&path, taken).await.expect(409);
        let wrong = json!({"state": asha.set_out(FITBIT).await, "code": "bad"});
        asha.client.post(&path, wrong).await.expect_about(422, "code");
        let late = json!({"state": asha.set_out(FITBIT).await, "code": "229S75"});
        t.clock.advance(TimeDelta::minutes(11));
        asha.client.post(&path, late).await.expect_about(422, "state");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_comes_back_with_its_cookie() {
    each(|t, _| async move {
        let lata = Person::new(&t, "Lata Joshi").await;
        let begun = lata.client.post(&format!("{GOOGLE}/connect"), json!({})).await;
        let cookie = begun.header("set-cookie").expect("a cookie").to_owned();
        for part in ["HttpOnly", "SameSite=Lax", "Secure"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        let begun = begun.expect(200);
        let url = reqwest::Url::parse(text(&begun["authorization_url"])).expect("an address");
        let said: std::collections::HashMap<_, _> = url.query_pairs().into_owned().collect();
        assert_eq!((said["code_challenge_method"].as_str(), said["access_type"].as_str()), ("S256", "offline"));
        let pair = cookie.split(';').next().expect("a pair");
        let browser = t.client().with_header("cookie", &format!("theme=dark; {pair}"));
        let connected = browser.get(&format!("{GOOGLE}/callback?state={}&code=H-1", said["state"])).await.expect(200);
        assert_eq!(connected["provider"], "google_health");
        lata.wait_until(|shown| !shown["last_sync_at"].is_null()).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disconnected_account_gives_its_tokens_back_and_is_fetched_no_more() {
    each(|t, maker| async move {
        let lata = Person::new(&t, "Lata Joshi").await;
        lata.connected(FITBIT, "228S74").await;
        lata.client.delete(FITBIT).await.expect(204);
        lata.client.delete(FITBIT).await.expect(404);
        let shown = lata.wait_until(|_| !maker.revoked().is_empty()).await;
        assert_eq!((text(&shown["state"]), &shown["next_sync_at"]), ("ended", &json!(null)));
        assert_eq!(maker.revoked(), ["refresh-1"]);
        assert_eq!(maker.count("DELETE /1/user/-/apiSubscriptions/"), 1);
        let before = maker.asked().len();
        t.clock.advance(TimeDelta::minutes(20));
        a_while().await;
        assert_eq!(maker.asked().len(), before);
        // And is connected anew.
        lata.connected(FITBIT, "228S74").await;
        assert_eq!(lata.client.get("/api/v1/wearables/providers").await.expect(200).as_array().map(Vec::len), Some(2));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_not_set_up_is_not_pretended() {
    both(|t| async move {
        let lata = Person::new(&t, "Lata Joshi").await;
        lata.client.post(&format!("{FITBIT}/connect"), json!({})).await.expect(404);
        t.client().get("/api/v1/webhooks/fitbit?verify=x").await.expect(404);
        t.client().post("/api/v1/webhooks/fitbit", json!([])).await.expect(404);
        t.client().post("/api/v1/webhooks/google-health", json!({"type": "verification"})).await.expect(404);
        assert_eq!(lata.client.get("/api/v1/wearables/providers").await.expect(200), json!([]));
    })
    .await;
}
