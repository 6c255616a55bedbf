//! Bringing connections up to date by the clock: patience, renewed tokens, a consent that is taken back.
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use signals::Metric;

use crate::maker::SECRET;
use crate::telling::{news, send};
use crate::{FITBIT, Person, a_while, each, text};

const STEPS: &str = "GET /1/user/-/activities/steps/";

fn time(value: &serde_json::Value) -> DateTime<Utc> {
    text(value).parse().expect("a time")
}

#[tokio::test(flavor = "multi_thread")]
async fn each_account_is_brought_up_to_date_every_quarter_of_an_hour() {
    each(|t, maker| async move {
        let lata = Person::new(&t, "Lata Joshi").await;
        lata.connected(FITBIT, "228S74").await;
        let (first, shown) = (maker.count(STEPS), lata.shown().await);
        let wait = time(&shown["next_sync_at"]) - t.clock.now();
        assert!(wait >= TimeDelta::minutes(15) && wait <= TimeDelta::minutes(16), "{wait}");
        t.clock.advance(TimeDelta::minutes(14));
        a_while().await;
        assert_eq!(maker.count(STEPS), first);
        t.clock.advance(TimeDelta::minutes(3));
        let last = text(&shown["last_sync_at"]).to_owned();
        lata.wait_until(|shown| text(&shown["last_sync_at"]) != last).await;
        // A day or two, three after midnight, and not the week again.
        assert!((1..=3).contains(&(maker.count(STEPS) - first)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_account_that_fails_does_not_stop_the_others_and_is_asked_less_and_less() {
    each(|t, maker| async move {
        let (lata, asha) = (Person::new(&t, "Lata Joshi").await, Person::new(&t, "Asha Rao").await);
        lata.connected(FITBIT, "bad-luck").await;
        asha.connected(FITBIT, "good-luck").await;
        maker.fail_for("bad-luck", 503);
        let last = text(&asha.shown().await["last_sync_at"]).to_owned();
        t.clock.advance(TimeDelta::minutes(17));
        asha.wait_until(|shown| text(&shown["last_sync_at"]) != last).await;
        let failing = lata.wait_until(|shown| shown["failures"] == 1).await;
        assert_eq!((text(&failing["state"]), text(&failing["trouble"])), ("failing", "the provider is not available"));
        let first = time(&failing["next_sync_at"]) - t.clock.now();
        assert!(first >= TimeDelta::minutes(1) && first <= TimeDelta::seconds(90), "{first}");
        t.clock.advance(TimeDelta::seconds(91));
        let failing = lata.wait_until(|shown| shown["failures"] == 2).await;
        let second = time(&failing["next_sync_at"]) - t.clock.now();
        assert!(second >= TimeDelta::minutes(2) && second <= TimeDelta::minutes(3), "{second}");
        // News are no reason to ask sooner; they wait.
        let asked = maker.asked().len();
        send(&t, SECRET, &json!([news("bad-luck", "activities", "2026-10-20")])).await.expect(204);
        a_while().await;
        assert_eq!(maker.asked().len(), asked);
        maker.recover();
        maker.put_steps("2026-10-20", &[("09:00:00", 30)]);
        t.clock.advance(TimeDelta::minutes(4));
        lata.wait_until(|shown| shown["state"] == "connected" && shown["trouble"].is_null()).await;
        lata.wait_for(&t, Metric::Steps, 1).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_asks_to_wait_is_not_asked_before() {
    each(|t, maker| async move {
        let lata = Person::new(&t, "Lata Joshi").await;
        lata.connected(FITBIT, "228S74").await;
        maker.fail(429, Some(3600));
        let before = maker.asked().len();
        t.clock.advance(TimeDelta::minutes(17));
        let shown = lata.wait_until(|shown| shown["failures"] == 1).await;
        assert_eq!(text(&shown["trouble"]), "the provider asks to wait");
        assert!(time(&shown["next_sync_at"]) >= t.clock.now() + TimeDelta::hours(1));
        // It was asked once, and not again at once.
        assert_eq!(maker.asked().len(), before + 1);
        // A little while is waited for.
        maker.recover();
        t.clock.advance(TimeDelta::hours(2));
        lata.wait_until(|shown| shown["failures"] == 0).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_end_are_renewed_once_and_one_that_is_not_renewed_ends_the_connection() {
    each(|t, maker| async move {
        let lata = Person::new(&t, "Lata Joshi").await;
        lata.connected(FITBIT, "228S74").await;
        let synced = |last: String| move |shown: &serde_json::Value| text(&shown["last_sync_at"]) != last;
        // Early, by the provider's own will: it is found out by asking.
        maker.expire_tokens();
        let last = text(&lata.shown().await["last_sync_at"]).to_owned();
        t.clock.advance(TimeDelta::minutes(17));
        lata.wait_until(synced(last)).await;
        assert_eq!(maker.count("POST /oauth2/token"), 2);
        // At its time, before anything is asked.
        let last = text(&lata.shown().await["last_sync_at"]).to_owned();
        t.clock.advance(TimeDelta::hours(9));
        lata.wait_until(synced(last)).await;
        assert_eq!(maker.count("POST /oauth2/token"), 3);
        maker.forget_tokens();
        t.clock.advance(TimeDelta::minutes(17));
        lata.wait_until(|shown| shown["failures"] == 1).await;
        t.clock.advance(TimeDelta::minutes(2));
        let ended = lata.wait_until(|shown| shown["state"] == "ended").await;
        assert_eq!(text(&ended["ended_why"]), "the access is not given any more");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_that_is_taken_back_stops_the_fetching() {
    each(|t, maker| async move {
        let lata = Person::new(&t, "Lata Joshi").await;
        lata.connected(FITBIT, "228S74").await;
        lata.consent(false).await;
        t.clock.advance(TimeDelta::minutes(10));
        let before = maker.asked().len();
        maker.put_steps("2026-10-20", &[("09:00:00", 30)]);
        send(&t, SECRET, &json!([news("228S74", "activities", "2026-10-20")])).await.expect(204);
        let why = "the patient does not agree that what wearables send is kept";
        lata.wait_until(|shown| shown["trouble"] == why).await;
        assert_eq!(maker.asked().len(), before, "{:?}", maker.asked());
        // What was told and measured meanwhile is not fetched or kept afterwards either.
        let measured = t.clock.now() + TimeDelta::minutes(330 - 2);
        let (day, time) = (measured.date_naive().to_string(), measured.format("%H:%M:00").to_string());
        maker.put_steps(&day, &[(&time, 30)]);
        lata.consent(true).await;
        t.clock.advance(TimeDelta::minutes(17));
        lata.wait_until(|shown| shown["trouble"].is_null()).await;
        assert_eq!(
            (maker.count("GET /1/user/-/activities/steps/date/2026-10-20"), lata.points(&t, Metric::Steps).await.len()),
            (0, 0)
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_acts_for_a_patient_connects_and_what_they_connected_ends_with_them() {
    each(|t, maker| async move {
        let (lata, sita) = (Person::new(&t, "Lata Joshi").await, Person::new(&t, "Sita Joshi").await);
        let me = sita.client.get("/auth/me").await.expect(200)["data"]["id"].clone();
        let acts = json!({"user": me, "relationship": "parent", "may": "manage"});
        let path = format!("/api/v1/patients/{}/delegates", lata.id);
        let delegate = lata.client.post(&path, acts).await.expect(201);
        let begun = sita.client.post(&format!("{FITBIT}/connect"), json!({"patient_id": lata.id})).await.expect(200);
        let url = reqwest::Url::parse(text(&begun["authorization_url"])).expect("an address");
        let state = url.query_pairs().find(|(name, _)| name == "state").expect("a state").1.into_owned();
        let back = json!({"state": state, "code": "228S74"});
        sita.client.post(&format!("{FITBIT}/callback"), back).await.expect(201);
        lata.wait_until(|shown| !shown["last_sync_at"].is_null()).await;
        let answer = lata.client.delete(&format!("{path}/{}", text(&delegate["id"]))).await;
        assert!(answer.status.is_success(), "{}", answer.text);
        let before = maker.asked().len();
        t.clock.advance(TimeDelta::minutes(17));
        let ended = lata.wait_until(|shown| shown["state"] == "ended").await;
        assert_eq!(text(&ended["ended_why"]), "whoever connected it may not any more");
        assert_eq!(maker.asked().len(), before);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_never_fetch_from_one_account_at_once() {
    each(|t, maker| async move {
        let next = t.beside(|_| {}).await;
        let people = futures::future::join_all((0..4).map(|n| {
            let t = t.clone();
            async move {
                let person = Person::new(&t, &format!("Patient {n}")).await;
                person.connected(FITBIT, &format!("owner-{n}")).await;
                person
            }
        }))
        .await;
        let before = maker.count("GET /1/user/-/profile.json");
        t.clock.advance(TimeDelta::minutes(17));
        for person in &people {
            let now = t.clock.now();
            person.wait_until(|shown| time(&shown["last_sync_at"]) == now).await;
        }
        a_while().await;
        assert_eq!(maker.count("GET /1/user/-/profile.json") - before, 4);
        drop(next);
    })
    .await;
}
