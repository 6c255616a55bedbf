//! Who gets a connection, and until when.
use serde_json::json;
use testkit::both;

use crate::socket::Ws;
use crate::{people, text, whom};

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_a_connection_without_a_valid_token() {
    both(|t| async move {
        for token in [None, Some("nonsense"), Some("nadi_dk_0_nonsense")] {
            assert_eq!(Ws::try_open(&t.base, token, "").await.err(), Some(401));
        }
        let w = t.ward().await;
        // What is no WebSocket is told so.
        w.nurse.get("/ws").await.expect(400);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_opens_one_connection_once() {
    both(|t| async move {
        let p = people(&t).await;
        let made = p.w.nurse.post("/api/emergency/stream/ticket", json!({})).await.expect(201);
        let query = format!("?ticket={}", text(&made["ticket"]));
        let mut ws = Ws::try_open(&t.base, None, &query).await.expect("a connection");
        ws.send(json!({"subscribe": whom(&p)})).await;
        ws.hears("subscribed").await;
        assert_eq!(Ws::try_open(&t.base, None, &query).await.err(), Some(401));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_ends_with_its_session() {
    both(|t| async move {
        let p = people(&t).await;
        let leaving = t.nurse(&p.w.hospital).await;
        let mut ws = Ws::following(&t, &leaving, &whom(&p)).await;
        leaving.post("/auth/logout", json!({})).await.expect(200);
        let reading = p.heart_rate(&t, 145).await;
        let told = ws.rest_of_it().await;
        assert!(told.iter().all(|(_, data)| !data.to_string().contains(&reading)), "{told:?}");
        assert_eq!(told.last().expect("a last word").0, "error");
        let (code, why) = ws.closed.clone().expect("a reason");
        assert_eq!((code, why.as_str()), (1008, "the session has ended: sign in again"));
        // Nor does an ended session learn who is there.
        assert_eq!(Ws::try_open(&t.base, leaving.token.as_deref(), "").await.err(), Some(401));
    })
    .await;
}
