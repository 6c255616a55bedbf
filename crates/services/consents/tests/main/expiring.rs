//! A consent ends by the clock, and by nothing else that has to run.
use chrono::TimeDelta;
use serde_json::json;
use testkit::both;

use crate::{at, people, with};

const REQUEST: &str = "/api/v1/consents/request";

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_ends_at_its_time_and_not_a_moment_later() {
    both(|t| async move {
        let p = people(&t).await;
        let ends = t.clock.now() + TimeDelta::minutes(10);
        let ask = with(p.ask(json!(["vitals"])), json!({"expires_at": ends.to_rfc3339()}));
        let given = p.nair.post(REQUEST, ask).await.expect(201);
        p.lata.put(&at(&given, "/approve"), json!({})).await.expect(200);
        t.clock.advance(TimeDelta::minutes(10) - TimeDelta::microseconds(1));
        p.nair.get(&p.vitals()).await.expect(200);
        t.clock.advance(TimeDelta::microseconds(1));
        p.nair.get(&p.vitals()).await.expect(404);
        assert_eq!(p.lata.get(&at(&given, "")).await.expect(200)["status"], "expired");
        let listed = |status: &str| format!("/api/v1/consents?status={status}");
        assert_eq!(p.lata.get(&listed("expired")).await.expect(200)[0]["id"], given["id"]);
        assert_eq!(p.lata.get(&listed("approved")).await.expect(200), json!([]));
        p.lata.put(&at(&given, "/revoke"), json!({})).await.expect_about(409, "status");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_has_run_out_is_not_approved() {
    both(|t| async move {
        let p = people(&t).await;
        let ends = t.clock.now() + TimeDelta::minutes(5);
        let ask = with(p.ask(json!(["vitals"])), json!({"expires_at": ends.to_rfc3339()}));
        let asked = p.nair.post(REQUEST, ask).await.expect(201);
        t.clock.advance(TimeDelta::minutes(6));
        p.lata.put(&at(&asked, "/approve"), json!({})).await.expect_about(409, "status");
        p.nair.get(&p.vitals()).await.expect(404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sweeping_what_has_run_out_changes_nothing_that_anybody_sees() {
    both(|t| async move {
        let p = people(&t).await;
        let ends = t.clock.now() + TimeDelta::minutes(5);
        let ask = with(p.ask(json!(["vitals"])), json!({"expires_at": ends.to_rfc3339()}));
        let (short, long) = (p.nair.post(REQUEST, ask).await.expect(201), p.agree(json!(["alerts"])).await);
        p.lata.put(&at(&short, "/approve"), json!({})).await.expect(200);
        for swept in [0, 1, 0] {
            let before = p.nair.get(&p.vitals()).await.status.as_u16();
            let mut tx = t.app.db().begin().await.expect("a transaction");
            let ended = access::end_expired(&mut tx, t.clock.now()).await.expect("a sweep");
            tx.commit().await.expect("a commit");
            assert_eq!(ended, swept);
            assert_eq!(p.nair.get(&p.vitals()).await.status.as_u16(), before);
            if swept == 0 {
                t.clock.advance(TimeDelta::minutes(5));
            }
        }
        assert_eq!(p.lata.get(&at(&short, "")).await.expect(200)["status"], "expired");
        assert_eq!(p.lata.get(&at(&long, "")).await.expect(200)["status"], "approved");
    })
    .await;
}
