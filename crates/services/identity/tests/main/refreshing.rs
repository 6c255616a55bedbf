//! Renewing a session with its refresh token.
use chrono::TimeDelta;
use serde_json::{Value, json};
use store::Sql as _;
use testkit::{Answer, TestApp, both};

use crate::{log_in, responder, with_token};

async fn renew(t: &TestApp, pair: &Value) -> Answer {
    t.client().post("/api/auth/refresh", json!({"refresh_token": pair["refresh_token"]})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_buys_the_next_pair() {
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        let first = log_in(&t, "asha@example.org").await;
        t.clock.advance(TimeDelta::minutes(31));
        with_token(&t, &first).get("/auth/me").await.expect(401);
        let second = renew(&t, &first).await.expect(200);
        with_token(&t, &second).get("/auth/me").await.expect(200);
        assert_ne!(first["refresh_token"], second["refresh_token"]);
        let ask = json!({"refresh_token": second["refresh_token"]});
        let third = t.client().post("/api/v1/auth/refresh", ask).await.expect(200);
        with_token(&t, &third).get("/auth/me").await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_used_refresh_token_ends_its_family() {
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        let (first, other) = (log_in(&t, "asha@example.org").await, log_in(&t, "asha@example.org").await);
        let second = renew(&t, &first).await.expect(200);
        t.clock.advance(TimeDelta::seconds(11));
        renew(&t, &first).await.expect(401);
        with_token(&t, &second).get("/auth/me").await.expect(401);
        renew(&t, &second).await.expect(401);
        with_token(&t, &other).get("/auth/me").await.expect(200);
        renew(&t, &other).await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_lost_the_answer_asks_again_within_ten_seconds() {
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        let first = log_in(&t, "asha@example.org").await;
        let lost = renew(&t, &first).await.expect(200);
        t.clock.advance(TimeDelta::seconds(9));
        let received = renew(&t, &first).await.expect(200);
        assert_ne!(lost["refresh_token"], received["refresh_token"]);
        t.clock.advance(TimeDelta::minutes(20));
        let next = renew(&t, &received).await.expect(200);
        with_token(&t, &next).get("/auth/me").await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_brought_twice_within_ten_seconds_leaves_one_live_token() {
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        let first = log_in(&t, "asha@example.org").await;
        t.clock.advance(TimeDelta::minutes(1));
        let (theirs, mine) = (renew(&t, &first).await.expect(200), renew(&t, &first).await.expect(200));
        // Whoever of the two holds the token that was replaced shows by it that there are two.
        renew(&t, &theirs).await.expect(401);
        renew(&t, &mine).await.expect(401);
        with_token(&t, &mine).get("/auth/me").await.expect(401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_brought_again_after_its_successor_was_used_ends_the_session() {
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        let first = log_in(&t, "asha@example.org").await;
        t.clock.advance(TimeDelta::minutes(1));
        let second = renew(&t, &first).await.expect(200);
        t.clock.advance(TimeDelta::seconds(1));
        let third = renew(&t, &second).await.expect(200);
        renew(&t, &first).await.expect(401);
        renew(&t, &third).await.expect(401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn however_many_renew_at_once_one_live_token_is_left() {
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        let first = log_in(&t, "asha@example.org").await;
        t.clock.advance(TimeDelta::minutes(1));
        let asked = (0..6).map(|_| renew(&t, &first));
        for answer in futures::future::join_all(asked).await {
            answer.expect(200);
        }
        static LIVE: store::Statement = store::Statement::new(
            "LIVE",
            "SELECT COUNT(*) AS value FROM refresh_tokens WHERE used_at IS NULL AND family = $1",
        );
        let session = with_token(&t, &first).get("/auth/session/validate").await.expect(200)["session_id"].clone();
        let session: uuid::Uuid = crate::text(&session).parse().expect("an id");
        let live: Option<i64> = t.app.db().one(&LIVE, store::args![session]).await.expect("a count");
        assert_eq!(live, Some(1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_lost_three_times_is_still_renewed() {
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        let first = log_in(&t, "asha@example.org").await;
        t.clock.advance(TimeDelta::minutes(1));
        for _ in 0..3 {
            renew(&t, &first).await.expect(200);
        }
        let received = renew(&t, &first).await.expect(200);
        let next = renew(&t, &received).await.expect(200);
        with_token(&t, &next).get("/auth/me").await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_renew_at_once_are_both_served_and_the_token_is_spent() {
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        let first = log_in(&t, "asha@example.org").await;
        let (one, two) = tokio::join!(renew(&t, &first), renew(&t, &first));
        let (one, two) = (one.expect(200), two.expect(200));
        assert_ne!(one["refresh_token"], two["refresh_token"]);
        with_token(&t, &one).get("/auth/me").await.expect(200);
        with_token(&t, &two).get("/auth/me").await.expect(200);
        t.clock.advance(TimeDelta::seconds(11));
        renew(&t, &first).await.expect(401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_thirty_days_after_its_login_however_often_it_was_renewed() {
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        let mut pair = log_in(&t, "asha@example.org").await;
        for _ in 0..29 {
            t.clock.advance(TimeDelta::days(1));
            pair = renew(&t, &pair).await.expect(200);
        }
        t.clock.advance(TimeDelta::days(1));
        renew(&t, &pair).await.expect(401);
        with_token(&t, &pair).get("/auth/me").await.expect(401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_refresh_token_is_refused() {
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        let pair = log_in(&t, "asha@example.org").await;
        renew(&t, &json!({"refresh_token": "made up"})).await.expect(401);
        renew(&t, &json!({"refresh_token": pair["access_token"]})).await.expect(401);
        renew(&t, &json!({"refresh_token": ""})).await.expect(401);
        let as_access = json!({"access_token": pair["refresh_token"]});
        with_token(&t, &as_access).get("/auth/me").await.expect(401);
    })
    .await;
}
