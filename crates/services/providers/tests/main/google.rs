//! Google Health: its questions, its signatures, its data.
use std::time::{Duration, Instant};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use serde_json::{Value, json};
use signals::Metric;
use testkit::{Answer, TestApp};

use crate::maker::{AUTHORIZATION, Maker};
use crate::{GOOGLE, Person, a_while, each, text};

const PATH: &str = "/api/v1/webhooks/google-health";
const HEART: &str = "/v4/users/me/dataTypes/heart-rate/dataPoints";

/// A key of Google's, with its number.
struct Key(u32, EcdsaKeyPair);

impl Key {
    fn new(number: u32) -> Self {
        Self(number, EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key"))
    }

    fn sign(&self, body: &str) -> String {
        let der = self.1.sign(&SystemRandom::new(), body.as_bytes()).expect("a signature");
        STANDARD.encode([&[1][..], &self.0.to_be_bytes(), der.as_ref()].concat())
    }

    /// The public half as Tink writes it.
    fn public(&self) -> Value {
        let point = self.1.public_key().as_ref();
        let mut message = vec![0x12, 6, 8, 3, 16, 2, 24, 2];
        for (tag, coordinate) in [(0x1a, &point[1..33]), (0x22, &point[33..65])] {
            message.extend([tag, 33, 0]);
            message.extend_from_slice(coordinate);
        }
        let data = json!({"typeUrl": "type.googleapis.com/google.crypto.tink.EcdsaPublicKey",
            "value": STANDARD.encode(message), "keyMaterialType": "ASYMMETRIC_PUBLIC"});
        json!({"keyData": data, "status": "ENABLED", "keyId": self.0, "outputPrefixType": "TINK"})
    }
}

fn publish(maker: &Maker, keys: &[&Key]) {
    let all: Vec<_> = keys.iter().map(|key| key.public()).collect();
    maker.put("/keyset", json!({"primaryKeyId": keys[0].0, "key": all}));
}

async fn send(t: &TestApp, key: &Key, body: &Value) -> Answer {
    let body = body.to_string();
    let google = t.client().with_header("x-healthapi-signature", &key.sign(&body));
    google.post_text(PATH, "application/json", body).await
}

fn news(operation: &str, from: &str, to: &str) -> Value {
    let interval = json!({"physicalTimeInterval": {"startTime": from, "endTime": to}});
    json!({"data": {"version": "1", "clientProvidedSubscriptionName": "nadi", "healthUserId": "H-1", "operation": operation,
        "dataType": "heart-rate", "intervals": [interval]}})
}

/// News of another type of data.
fn news_of(data_type: &str, told: Value) -> Value {
    let mut told = told;
    told["data"]["dataType"] = data_type.into();
    told
}

fn beat(at: &str, value: &str) -> Value {
    json!({"heartRate": {"sampleTime": {"physicalTime": at}, "beatsPerMinute": value}})
}

#[tokio::test(flavor = "multi_thread")]
async fn google_finds_out_that_the_address_is_ours() {
    each(|t, _| async move {
        let asked = json!({"type": "verification"});
        let with = |authorization: &str| t.client().with_header("authorization", authorization);
        with(AUTHORIZATION).post(PATH, asked.clone()).await.expect(201);
        t.client().post(PATH, asked.clone()).await.expect(401);
        with("Bearer another").post(PATH, asked).await.expect(401);
        // What proves the address does not prove a notification.
        let told = news("UPSERT", "2026-10-20T09:00:00Z", "2026-10-20T10:00:00Z");
        with(AUTHORIZATION).post(PATH, told).await.expect(401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_google_tells_of_is_fetched_and_what_was_deleted_there_goes() {
    each(|t, maker| async move {
        let (lata, key) = (Person::new(&t, "Lata Joshi").await, Key::new(0x5eed_0001));
        publish(&maker, &[&key]);
        lata.connected(GOOGLE, "H-1").await;
        let (one, two) = (beat("2026-10-20T09:00:00Z", "72"), beat("2026-10-20T09:00:05Z", "74"));
        maker.put(HEART, json!({"dataPoints": [two, one]}));
        let told = news("UPSERT", "2026-10-20T09:00:00Z", "2026-10-20T10:00:00Z");
        send(&t, &key, &json!([told, told])).await.expect(204);
        lata.wait_for(&t, Metric::HeartRate, 2).await;
        let asked = maker.asked();
        let filter = "heart_rate.sample_time.physical_time+%3E%3D+%222026-10-20T09%3A00%3A00Z%22";
        assert_eq!(asked.iter().filter(|asked| asked.contains(filter)).count(), 1, "{asked:#?}");
        // Told again, as Google does for days, it is the same two.
        send(&t, &key, &told).await.expect(204);
        a_while().await;
        assert_eq!(lata.points(&t, Metric::HeartRate).await.len(), 2);
        maker.put(HEART, json!({"dataPoints": [one]}));
        send(&t, &key, &news("DELETE", "2026-10-20T09:00:00Z", "2026-10-20T10:00:00Z")).await.expect(204);
        let left = lata.wait_for(&t, Metric::HeartRate, 1).await;
        assert_eq!(left[0].value, Some(72.0));
        // A night, with its stages.
        let (begun, ended) = ("2026-10-19T22:00:00Z", "2026-10-20T05:00:00Z");
        let night = json!({"sleep": {"interval": {"startTime": begun, "endTime": ended},
            "stages": [{"startTime": begun, "endTime": ended, "type": "DEEP"}]}});
        let path = "/v4/users/me/dataTypes/sleep/dataPoints";
        maker.put(path, json!({"dataPoints": [night]}));
        send(&t, &key, &news_of("sleep", news("UPSERT", begun, "2026-10-20T06:00:00Z"))).await.expect(204);
        lata.wait_for(&t, Metric::SleepStage, 1).await;
        maker.put(path, json!({}));
        send(&t, &key, &news_of("sleep", news("DELETE", begun, "2026-10-20T06:00:00Z"))).await.expect(204);
        lata.wait_for(&t, Metric::SleepStage, 0).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_googles_keys_count_and_a_new_one_is_fetched_when_it_is_met() {
    each(|t, maker| async move {
        let (lata, old, new) = (Person::new(&t, "Lata Joshi").await, Key::new(1), Key::new(2));
        publish(&maker, &[&old]);
        lata.connected(GOOGLE, "H-1").await;
        let told = news("UPSERT", "2026-10-20T09:00:00Z", "2026-10-20T10:00:00Z");
        send(&t, &old, &told).await.expect(204);
        send(&t, &Key(1, new.1), &told).await.expect(401);
        let signed = t.client().with_header("x-healthapi-signature", &old.sign("another body"));
        signed.post(PATH, told.clone()).await.expect(401);
        for odd in ["", "no base64!", "AQ==", "AAAAAAE="] {
            t.client().with_header("x-healthapi-signature", odd).post(PATH, told.clone()).await.expect(401);
        }
        assert_eq!(maker.count("GET /keyset"), 1);
        let new = Key::new(2);
        t.clock.advance(TimeDelta::seconds(11));
        send(&t, &new, &told).await.expect(401);
        publish(&maker, &[&old, &new]);
        // Whoever makes up numbers does not have them fetched each time.
        send(&t, &Key::new(3), &told).await.expect(401);
        assert_eq!(maker.count("GET /keyset"), 2);
        t.clock.advance(TimeDelta::seconds(11));
        send(&t, &new, &told).await.expect(204);
        assert_eq!(maker.count("GET /keyset"), 3);
        send(&t, &new, &json!({"data": {"healthUserId": "nobody", "operation": "UPSERT", "dataType": "steps"}}))
            .await
            .expect(204);
        send(&t, &new, &json!({"data": 7})).await.expect(204);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_made_up_key_that_is_asked_for_holds_up_nobody_elses_news() {
    each(|t, maker| async move {
        let (lata, known) = (Person::new(&t, "Lata Joshi").await, Key::new(1));
        publish(&maker, &[&known]);
        lata.connected(GOOGLE, "H-1").await;
        let told = news("UPSERT", "2026-10-20T09:00:00Z", "2026-10-20T10:00:00Z");
        send(&t, &known, &told).await.expect(204);
        t.clock.advance(TimeDelta::seconds(11));
        maker.dawdle(Duration::from_secs(4));
        let (made_up, began) = (Key::new(9), Instant::now());
        let genuine = async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            send(&t, &known, &told).await.expect(204);
            began.elapsed()
        };
        let (refused, genuine) = tokio::join!(send(&t, &made_up, &told), genuine);
        refused.expect(401);
        assert!(began.elapsed() >= Duration::from_secs(4), "the made-up key was not asked for");
        assert!(genuine < Duration::from_secs(3), "{genuine:?}");
        maker.dawdle(Duration::ZERO);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_many_pages_is_read_to_its_end() {
    each(|t, maker| async move {
        let lata = Person::new(&t, "Lata Joshi").await;
        // Without a token for the next page it would go on for ever: the played provider always has one.
        maker.put(HEART, json!({"dataPoints": [beat("2026-10-20T09:00:00Z", "72")], "nextPageToken": "more"}));
        lata.connect(GOOGLE, "H-1").await;
        let shown = lata.wait_until(|shown| !shown["last_sync_at"].is_null()).await;
        assert_eq!(text(&shown["trouble"]), "the provider's answer has no end");
        assert_eq!(maker.count(&format!("GET {HEART}")), 100);
        assert_eq!(lata.points(&t, Metric::HeartRate).await.len(), 1);
    })
    .await;
}
