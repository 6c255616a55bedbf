//! The patient's flag stands as long as any emergency is open.
use futures::future::join_all;
use serde_json::json;
use testkit::both;

use crate::{at, is_flagged, raise};

#[tokio::test(flavor = "multi_thread")]
async fn the_flag_goes_with_the_last_open_emergency() {
    both(|t| async move {
        let w = t.ward().await;
        let mut open = Vec::new();
        for _ in 0..4 {
            open.push(raise(&w.nurse, &w.patient).await);
        }
        w.nurse.patch(&at(&open[1], "/acknowledge"), json!({})).await.expect(200);
        w.nurse.patch(&at(&open[2], "/respond"), json!({})).await.expect(200);
        for (emergency, end) in open.iter().zip(["/resolve", "/false-alarm", "/resolve", "/false-alarm"]) {
            assert!(is_flagged(&w.nurse, &w.patient).await);
            w.nurse.patch(&at(emergency, end), json!({})).await.expect(200);
        }
        assert!(!is_flagged(&w.nurse, &w.patient).await);
        // A refused step leaves the flag as it is.
        w.nurse.patch(&at(&open[0], "/resolve"), json!({})).await.expect(409);
        assert!(!is_flagged(&w.nurse, &w.patient).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_two_ended_at_the_same_moment_clear_the_flag() {
    both(|t| async move {
        let w = t.ward().await;
        for _ in 0..10 {
            let (first, second) = (raise(&w.nurse, &w.patient).await, raise(&w.nurse, &w.patient).await);
            let ends = [(at(&first, "/resolve"), &w.nurse), (at(&second, "/resolve"), &w.doctor)];
            let answers = join_all(ends.iter().map(|(path, by)| by.patch(path, json!({})))).await;
            answers.into_iter().for_each(|answer| drop(answer.expect(200)));
            assert!(!is_flagged(&w.nurse, &w.patient).await);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_raised_while_another_ends_keeps_the_flag() {
    both(|t| async move {
        let w = t.ward().await;
        let mut open = raise(&w.nurse, &w.patient).await;
        for _ in 0..10 {
            let path = at(&open, "/resolve");
            let (ended, raised) = tokio::join!(w.doctor.patch(&path, json!({})), raise(&w.nurse, &w.patient));
            ended.expect(200);
            assert!(is_flagged(&w.nurse, &w.patient).await);
            open = raised;
        }
        w.nurse.patch(&at(&open, "/resolve"), json!({})).await.expect(200);
        assert!(!is_flagged(&w.nurse, &w.patient).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clearing_by_hand_while_one_is_resolved_leaves_nothing_open() {
    both(|t| async move {
        let w = t.ward().await;
        let door = format!("/api/patients/{}/emergency", w.patient_id());
        for _ in 0..10 {
            let (one, _) = (raise(&w.nurse, &w.patient).await, raise(&w.nurse, &w.patient).await);
            let path = at(&one, "/resolve");
            let (cleared, resolved) = tokio::join!(w.nurse.delete(&door), w.doctor.patch(&path, json!({})));
            cleared.expect(200);
            assert!([200, 409].contains(&resolved.status.as_u16()), "{}", resolved.text);
            assert!(!is_flagged(&w.nurse, &w.patient).await);
            let open = format!("/api/emergency/patients/{}/alerts", w.patient_id());
            assert_eq!(w.nurse.get(&open).await.expect(200), json!([]));
        }
    })
    .await;
}
