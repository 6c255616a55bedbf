//! Fitbit's notifications.
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use signals::Metric;
use testkit::{Answer, TestApp};

use crate::maker::{CODE, SECRET};
use crate::{FITBIT, Person, a_while, each, text};

const PATH: &str = "/api/v1/webhooks/fitbit";

/// Sends a body as Fitbit does, signed with a secret.
pub async fn send(t: &TestApp, secret: &str, body: &Value) -> Answer {
    let (body, key) = (body.to_string(), format!("{secret}&"));
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key.as_bytes());
    let signature = STANDARD.encode(aws_lc_rs::hmac::sign(&key, body.as_bytes()));
    let fitbit = t.client().with_header("x-fitbit-signature", &signature);
    fitbit.post_text(PATH, "application/json", body).await
}

pub fn news(owner: &str, collection: &str, day: &str) -> Value {
    json!({"collectionType": collection, "date": day, "ownerId": owner, "ownerType": "user", "subscriptionId": "1234"})
}

#[tokio::test(flavor = "multi_thread")]
async fn fitbit_finds_out_that_the_address_is_ours() {
    each(|t, _| async move {
        t.client().get(&format!("{PATH}?verify={CODE}")).await.expect(204);
        t.client().get(&format!("{PATH}?verify=another")).await.expect(404);
        t.client().get(PATH).await.expect(422);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fitbit_tells_of_is_fetched_once_however_often_it_tells() {
    each(|t, maker| async move {
        let lata = Person::new(&t, "Lata Joshi").await;
        lata.connected(FITBIT, "228S74").await;
        maker.put_steps("2026-10-20", &[("09:00:00", 30), ("09:01:00", 60)]);
        let told = json!([
            news("228S74", "activities", "2026-10-20"),
            news("228S74", "activities", "2026-10-20"),
            news("nobody", "activities", "2026-10-20"),
            {"collectionType": "dreams", "ownerId": "228S74"},
        ]);
        send(&t, SECRET, &told).await.expect(204);
        let steps = lata.wait_for(&t, Metric::Steps, 2).await;
        assert_eq!(
            steps[0].from,
            "2026-10-20T03:30:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp_micros()
        );
        let asked = "GET /1/user/-/activities/steps/date/2026-10-20/";
        assert_eq!(maker.count(asked), 1);
        // Told again, it is asked for again, and nothing is doubled.
        send(&t, SECRET, &told).await.expect(204);
        for _ in 0..100 {
            if maker.count(asked) == 2 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!((maker.count(asked), lata.points(&t, Metric::Steps).await.len()), (2, 2));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_notification_is_refused_and_nothing_is_fetched() {
    each(|t, maker| async move {
        let lata = Person::new(&t, "Lata Joshi").await;
        lata.connected(FITBIT, "228S74").await;
        let before = maker.asked().len();
        let told =
            json!([news("228S74", "activities", "2026-10-20"), news("228S74", "userRevokedAccess", "2026-10-20")]);
        send(&t, "another secret", &told).await.expect(401);
        t.client().post(PATH, told.clone()).await.expect(401);
        let odd = t.client().with_header("x-fitbit-signature", "no base64");
        odd.post(PATH, told).await.expect(401);
        send(&t, SECRET, &json!({"collectionType": "activities"})).await.expect(400);
        a_while().await;
        assert_eq!((maker.asked().len(), text(&lata.shown().await["state"])), (before, "connected"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_dawdles_does_not_keep_fitbit_waiting() {
    each(|t, maker| async move {
        let lata = Person::new(&t, "Lata Joshi").await;
        lata.connected(FITBIT, "228S74").await;
        maker.put_steps("2026-10-20", &[("09:00:00", 30)]);
        maker.dawdle(Duration::from_secs(2));
        let begun = Instant::now();
        send(&t, SECRET, &json!([news("228S74", "activities", "2026-10-20")])).await.expect(204);
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
        maker.dawdle(Duration::ZERO);
        lata.wait_for(&t, Metric::Steps, 1).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_that_is_taken_back_at_fitbit_ends_the_connection() {
    each(|t, maker| async move {
        let lata = Person::new(&t, "Lata Joshi").await;
        lata.connected(FITBIT, "228S74").await;
        let before = maker.asked().len();
        send(&t, SECRET, &json!([news("228S74", "userRevokedAccess", "2026-10-20")])).await.expect(204);
        let shown = lata.shown().await;
        assert_eq!(
            (text(&shown["state"]), text(&shown["ended_why"])),
            ("ended", "the access was taken back at Fitbit")
        );
        send(&t, SECRET, &json!([news("228S74", "activities", "2026-10-20")])).await.expect(204);
        a_while().await;
        assert_eq!(maker.asked().len(), before);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_told_before_a_process_ended_is_fetched_by_the_next() {
    each(|t, maker| async move {
        let lata = Person::new(&t, "Lata Joshi").await;
        lata.connected(FITBIT, "228S74").await;
        // Nobody works here any more: all there is of it is in the database.
        jobs::stop(&t.app).await;
        maker.put_steps("2026-10-20", &[("09:00:00", 30)]);
        send(&t, SECRET, &json!([news("228S74", "activities", "2026-10-20")])).await.expect(204);
        a_while().await;
        assert!(lata.points(&t, Metric::Steps).await.is_empty());
        let next = t.beside(|_| {}).await;
        lata.wait_for(&next, Metric::Steps, 1).await;
    })
    .await;
}
