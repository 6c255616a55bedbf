//! What one client may take up.
use access::Streams;
use serde_json::json;
use testkit::{both, both_with};
use tokio::time::Duration;
use ward::Live;

use crate::socket::Ws;
use crate::{people, whom};

#[tokio::test(flavor = "multi_thread")]
async fn an_account_has_so_many_streams_and_sockets_and_no_more() {
    both_with(
        |settings| settings.streams_per_account = 2,
        |t| async move {
            let p = people(&t).await;
            let path = format!("/patients/{}/vitals/stream", p.patient());
            let follow = |path: &str| p.w.nurse.request(reqwest::Method::GET, path).send();
            let stream = follow(&path).await.expect("an answer");
            assert_eq!(stream.status().as_u16(), 200);
            let ws = Ws::following(&t, &p.w.nurse, &whom(&p)).await;
            assert_eq!(Ws::try_open(&t.base, p.w.nurse.token.as_deref(), "").await.err(), Some(429));
            for path in [path.as_str(), "/api/emergency/stream"] {
                let refused = p.w.nurse.get(path).await;
                assert!(refused.header("retry-after").is_some());
                let problem = refused.expect(429);
                assert!(problem["detail"].as_str().is_some_and(|why| why.contains("2 streams")), "{problem}");
            }
            // Another account has places of its own.
            Ws::following(&t, &p.w.doctor, &whom(&p)).await;
            drop(ws);
            drop(stream);
            // A server sees that a client is gone when it next reads from it.
            let mut tries = 0;
            while Ws::try_open(&t.base, p.w.nurse.token.as_deref(), "").await.is_err() {
                tries += 1;
                assert!(tries < 200, "the places of closed streams are never free again");
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_answered_and_ends_nothing() {
    both(|t| async move {
        let p = people(&t).await;
        let mut ws = Ws::open(&t, &p.w.nurse).await;
        for nonsense in ["", "{", "7", "[]", r#"{"shout": {}}"#, r#"{"subscribe": 7}"#, r#"{"subscribe": {}}"#] {
            ws.send_text(nonsense.to_owned()).await;
            assert!(ws.hears("error").await["message"].is_string());
        }
        for odd in ["\0", " ", &"x".repeat(200), "'; DROP TABLE patients; --", "नाड़ी"] {
            ws.send(json!({"subscribe": {"patient_id": odd}})).await;
            assert!(ws.hears("error").await["message"].is_string());
        }
        ws.send(json!({"subscribe": whom(&p)})).await;
        ws.hears("subscribed").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_more_than_a_name_ends_the_connection() {
    both(|t| async move {
        let p = people(&t).await;
        let mut ws = Ws::following(&t, &p.w.nurse, &whom(&p)).await;
        ws.send(json!({"subscribe": {"patient_id": "x".repeat(100_000)}})).await;
        ws.rest_of_it().await;
        Ws::following(&t, &p.w.nurse, &whom(&p)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_breaks_the_protocol_is_told_how() {
    both(|t| async move {
        let p = people(&t).await;
        // Masked with zeros: a text of two bytes that are no UTF-8, a frame with a bit that is nobody's, one that is not masked.
        let too_large = [&[0x81, 0xfe, 0x4e, 0x20, 0, 0, 0, 0][..], &[b' '; 20_000]].concat();
        let no_text = vec![0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28];
        let odd_bit = vec![0xc1, 0x81, 0, 0, 0, 0, b'x'];
        let unmasked = vec![0x81, 0x01, b'x'];
        for (bytes, code) in [(too_large, 1009), (no_text, 1007), (odd_bit, 1002), (unmasked, 1002)] {
            let mut ws = Ws::following(&t, &p.w.nurse, &whom(&p)).await;
            ws.send_bytes(&bytes).await;
            ws.rest_of_it().await;
            assert_eq!(ws.closed.as_ref().map(|(code, _)| *code), Some(code), "{:?}", ws.closed);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_nobody_reads_from_is_dropped() {
    both(|t| async move {
        let p = people(&t).await;
        let _ws = Ws::following(&t, &p.w.nurse, &whom(&p)).await;
        let patient = p.patient().parse().expect("an id");
        // More than the network holds back.
        let much = json!({"points": "x".repeat(200_000)});
        for _ in 0..200 {
            t.app.edge::<Live>().tell_wearables(patient, || much.clone());
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let dropped = t.app.edge::<Streams>().all_ended();
        tokio::time::timeout(Duration::from_secs(60), dropped).await.expect("the server waits for ever");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_for_too_many_patients_at_once_is_told_to_wait() {
    both(|t| async move {
        let p = people(&t).await;
        let mut ws = Ws::open(&t, &p.nair).await;
        for _ in 0..241 {
            ws.send(json!({"subscribe": {"patient_id": "nobody"}})).await;
        }
        for _ in 0..240 {
            assert_eq!(ws.hears("error").await["message"], "patient not found");
        }
        let told = ws.hears("error").await;
        assert!(told["message"].as_str().is_some_and(|why| why.contains("wait")), "{told}");
        // A new connection does not begin to count anew.
        let mut ws = Ws::open(&t, &p.nair).await;
        ws.send(json!({"subscribe": whom(&p)})).await;
        assert!(ws.hears("error").await["message"].as_str().is_some_and(|why| why.contains("wait")));
    })
    .await;
}
