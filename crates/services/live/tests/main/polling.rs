//! Socket.IO by polling, packet by packet, to do what no client's library does.
use reqwest::header;
use serde_json::{Value, json};
use testkit::{Client, TestApp, both, both_with};
use tokio::time::{Duration, Instant, sleep};
use ward::Live;

use crate::{people, whom};

/// A client that polls when the test says so.
struct Poller {
    by: Client,
    path: String,
}

impl Poller {
    /// The first packet: who it is comes later.
    async fn shake_hands(t: &TestApp) -> Result<Self, u16> {
        let (by, path) = (t.client(), "/socket.io/?EIO=4&transport=polling");
        let answer = by.get(path).await;
        if answer.status.as_u16() != 200 {
            return Err(answer.status.as_u16());
        }
        let open: Value = serde_json::from_str(answer.text.strip_prefix('0').expect("an open packet")).expect("JSON");
        Ok(Self { by, path: format!("{path}&sid={}", open["sid"].as_str().expect("a session")) })
    }

    async fn signed_in(t: &TestApp, token: &str) -> Self {
        let poller = Self::shake_hands(t).await.expect("a session");
        poller.send(&format!("40{}", json!({"token": token}))).await;
        poller.hears("40{").await;
        poller
    }

    async fn send(&self, packet: &str) -> u16 {
        self.by.post_text(&self.path, "text/plain;charset=UTF-8", packet.to_owned()).await.status.as_u16()
    }

    /// Polls until this was said; there may be pings before.
    async fn hears(&self, words: &str) -> String {
        let (mut heard, began) = (String::new(), Instant::now());
        loop {
            heard.push_str(&self.poll().await);
            if heard.contains(words) {
                return heard;
            }
            assert!(began.elapsed() < Duration::from_secs(60) && !heard.contains("44{"), "no {words}: {heard}");
            if heard.ends_with('2') {
                self.send("3").await;
            }
        }
    }

    async fn poll(&self) -> String {
        let poll = self.by.request(reqwest::Method::GET, &self.path).header(header::ACCEPT, "*/*").send();
        poll.await.expect("an answer").text().await.expect("a body")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_read_is_dropped_and_told_why_by_and_by() {
    both(|t| async move {
        let p = people(&t).await;
        let poller = Poller::signed_in(&t, p.w.nurse.token.as_deref().expect("a token")).await;
        poller.send(&format!("42{}", json!(["subscribe_patient", whom(&p)]))).await;
        poller.hears("subscribed").await;
        let patient = p.patient().parse().expect("an id");
        for n in 0..400 {
            t.app.edge::<Live>().tell_wearables(patient, || json!({"points": [{"value": n}]}));
            sleep(Duration::from_millis(1)).await;
        }
        let (mut heard, began) = (String::new(), Instant::now());
        while !heard.ends_with("41") {
            heard.push_str(&poller.poll().await);
            assert!(began.elapsed() < Duration::from_secs(30), "never disconnected: {heard}");
        }
        assert!(heard.contains("more slowly than things happen"), "{heard}");
        assert!(heard.matches("wearables").count() < 200, "it all waited for a client that does not read");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_opens_so_many_sessions_that_nobody_signed_in_to() {
    both_with(
        |settings| settings.anonymous_per_minute = 3,
        |t| async move {
            for _ in 0..3 {
                Poller::shake_hands(&t).await.expect("a session");
            }
            assert_eq!(Poller::shake_hands(&t).await.err(), Some(429));
            // Whoever shows a token that is none is a stranger still; whoever shows a good one is none.
            let path = "/socket.io/?EIO=4&transport=polling";
            for made_up in ["x", "Bearer x", "Bearer a.b.c"] {
                t.client().with_header("authorization", made_up).get(path).await.expect(429);
            }
            let known = t.admin().await;
            let answer = known.get(path).await;
            assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_packet_or_too_large_ends_a_session_and_nothing_else() {
    both(|t| async move {
        let p = people(&t).await;
        let token = p.w.nurse.token.clone().expect("a token");
        let large = format!("42{}", json!(["subscribe_patient", {"patient_id": "x".repeat(100_000)}]));
        let deep = format!("42[\"subscribe_patient\",{}{}]", "[".repeat(5000), "]".repeat(5000));
        for harm in ["", "9", "42[", "42{}", "451-[\"subscribe_patient\"]", "bnonsense", &large, &deep, "42[\"shout\"]"]
        {
            let poller = Poller::signed_in(&t, &token).await;
            let status = poller.send(harm).await;
            assert!(status < 500, "{status} for {}", harm.chars().take(40).collect::<String>());
        }
        let poller = Poller::signed_in(&t, &token).await;
        poller.send(&format!("42{}", json!(["subscribe_patient", "no object"]))).await;
        poller.hears("send an object").await;
        // A session that nobody signed in to is ended by whatever else it sends.
        let stranger = Poller::shake_hands(&t).await.expect("a session");
        stranger.send(&format!("42{}", json!(["subscribe_patient", whom(&p)]))).await;
        assert!(!stranger.poll().await.contains("subscribed"));
        let stranger = Poller::shake_hands(&t).await.expect("a session");
        stranger.send("40").await;
        assert!(stranger.hears("44{").await.contains("no bearer token"));
    })
    .await;
}
