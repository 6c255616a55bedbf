//! What was missed is told again, in order, once.
use serde_json::{Value, json};
use testkit::both;

use crate::stream::Stream;
use crate::{another, at, people, raise};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_missed_while_away_comes_in_order_and_once() {
    both(|t| async move {
        let w = t.ward().await;
        let mut witness = Stream::open(&w.doctor, "").await;
        let mut stream = Stream::open(&w.nurse, "").await;
        raise(&w.nurse, &w.patient).await;
        let seen = stream.next().await;
        drop(stream);
        let mut raised = Vec::new();
        for _ in 0..3 {
            raised.push(raise(&w.nurse, &w.patient).await["id"].clone());
        }
        let mut again = Stream::resume(&w.nurse, seen.id).await;
        let live = raise(&w.nurse, &w.patient).await;
        raised.push(live["id"].clone());
        let told = again.take(4).await;
        assert_eq!(told.iter().map(|event| event.data["id"].clone()).collect::<Vec<Value>>(), raised);
        assert!(told.is_sorted_by(|a, b| a.id < b.id), "{told:?}");
        assert!(told[0].id > seen.id);
        // Whoever stayed heard the same, word for word.
        let all = witness.take(5).await;
        assert_eq!((&all[0], &all[1..]), (&seen, told.as_slice()));
        // From any place in between the rest follows; from the last one nothing but what is new.
        let mut middle = Stream::resume(&w.nurse, told[1].id).await;
        assert_eq!(middle.take(2).await, told[2..]);
        let mut end = Stream::open(&w.nurse, &format!("?last_event_id={}", told[3].id)).await;
        let next = raise(&w.nurse, &w.patient).await;
        assert_eq!(end.next().await.data["id"], next["id"]);
        assert_eq!(middle.next().await.data["id"], next["id"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_last_event_nothing_old_is_told() {
    both(|t| async move {
        let w = t.ward().await;
        raise(&w.nurse, &w.patient).await;
        let mut stream = Stream::open(&w.nurse, "").await;
        let new = raise(&w.nurse, &w.patient).await;
        assert_eq!(stream.next().await.data["id"], new["id"]);
        // From the very beginning everything is.
        let mut all = Stream::resume(&w.nurse, 0).await;
        assert_eq!(all.take(2).await[1].data["id"], new["id"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_absence_is_caught_up_with_while_more_happens() {
    both(|t| async move {
        let w = t.ward().await;
        let neighbour = another(&w, "Ravi Rao").await;
        let emergency = raise(&w.nurse, &w.patient).await;
        // More than a page of the log, mixed with what does not concern the stream.
        let (ours, other) = (w.nurse.clone(), w.doctor.clone());
        let raising = async {
            for _ in 0..120 {
                raise(&ours, &w.patient).await;
            }
        };
        let raising_too = async {
            for _ in 0..120 {
                raise(&other, &neighbour).await;
            }
        };
        let following = async {
            let mut stream = Stream::resume(&w.nurse, 0).await;
            stream.take(241).await
        };
        let ((), (), told) = tokio::join!(raising, raising_too, following);
        assert_eq!(told[0].data["id"], emergency["id"]);
        assert!(told.is_sorted_by(|a, b| a.id < b.id), "out of order or told twice");
        let mut late = Stream::resume(&w.nurse, 0).await;
        assert_eq!(late.take(241).await, told);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_shows_nobody_more_than_the_live_stream_did() {
    both(|t| async move {
        let p = people(&t).await;
        let ours = raise(&p.here.nurse, &p.here.patient).await;
        p.here.nurse.patch(&at(&ours, "/resolve"), json!({})).await.expect(200);
        let theirs = raise(&p.there.nurse, &p.there.patient).await;
        let mut stranger = Stream::resume(&p.there.nurse, 0).await;
        assert_eq!(stranger.next().await.data["id"], theirs["id"]);
        let mut responder = Stream::resume(&p.responder, 0).await;
        assert_eq!(responder.take(3).await[2].data["id"], theirs["id"]);
    })
    .await;
}
