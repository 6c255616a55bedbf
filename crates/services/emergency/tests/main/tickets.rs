//! Tickets: how a browser, which sends no header, opens the stream.
use chrono::TimeDelta;
use serde_json::json;
use testkit::{Client, both};

use crate::stream::{Stream, is_refused};
use crate::{raise, text};

async fn ticket(by: &Client) -> String {
    let made = by.post("/api/emergency/stream/ticket", json!({})).await.expect(201);
    assert_eq!(made["expires_in"], 30);
    text(&made["ticket"]).to_owned()
}

fn with_ticket(ticket: &str) -> String {
    format!("/api/emergency/stream?ticket={ticket}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_opens_the_stream_of_whoever_asked_for_it_once() {
    both(|t| async move {
        let (w, elsewhere) = (t.ward().await, t.ward().await);
        let ticket = ticket(&w.nurse).await;
        let mut stream = Stream::open(&t.client(), &format!("?ticket={ticket}")).await;
        raise(&elsewhere.nurse, &elsewhere.patient).await;
        let ours = raise(&w.nurse, &w.patient).await;
        assert_eq!(stream.next().await.data["id"], ours["id"]);
        is_refused(t.client().get(&with_ticket(&ticket)).await, 401);
        is_refused(w.nurse.get(&with_ticket(&ticket)).await, 401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_use_a_ticket_at_once_one_gets_in() {
    both(|t| async move {
        let w = t.ward().await;
        for _ in 0..5 {
            let ticket = ticket(&w.nurse).await;
            let status = || async {
                let request = t.client().request(reqwest::Method::GET, &with_ticket(&ticket));
                request.send().await.expect("an answer").status().as_u16()
            };
            let (a, b, c) = tokio::join!(status(), status(), status());
            let mut statuses = [a, b, c];
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 401, 401]);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_good_for_half_a_minute() {
    both(|t| async move {
        let w = t.ward().await;
        let (early, late) = (ticket(&w.nurse).await, ticket(&w.nurse).await);
        t.clock.advance(TimeDelta::seconds(29));
        Stream::open(&t.client(), &format!("?ticket={early}")).await;
        t.clock.advance(TimeDelta::seconds(2));
        is_refused(t.client().get(&with_ticket(&late)).await, 401);
        for wrong in ["", "nonsense", &late.to_uppercase()] {
            is_refused(t.client().get(&with_ticket(wrong)).await, 401);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_dies_with_the_session_that_asked_for_it() {
    both(|t| async move {
        let w = t.ward().await;
        let leaving = t.nurse(&w.hospital).await;
        let ticket = ticket(&leaving).await;
        leaving.post("/auth/logout", json!({})).await.expect(200);
        is_refused(t.client().get(&with_ticket(&ticket)).await, 401);
        is_refused(t.client().post("/api/emergency/stream/ticket", json!({})).await, 401);
        is_refused(leaving.post("/api/emergency/stream/ticket", json!({})).await, 401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrators_ticket_opens_nothing() {
    both(|t| async move {
        let admin = t.admin().await;
        let made = admin.post("/api/emergency/stream/ticket", json!({})).await;
        if made.status.as_u16() == 201 {
            is_refused(t.client().get(&with_ticket(text(&made.json()["ticket"]))).await, 403);
        } else {
            is_refused(made, 403);
        }
    })
    .await;
}
