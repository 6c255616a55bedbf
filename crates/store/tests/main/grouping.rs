//! Group commit: many share one transaction, and one that fails harms no other.
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::join_all;
use store::{Db, Error, GroupCommit, Result, Tx, Work};
use uuid::Uuid;

use crate::{THING_ADD, THING_GROW, Thing, both, labels};

/// Keeps things; a thing called `poison` cannot be kept, and neither can a label twice.
struct Shelf(Arc<AtomicUsize>);

impl Work for Shelf {
    type Ask = Thing;
    type Answer = Uuid;

    fn about(thing: &Thing) -> Uuid {
        thing.id
    }

    async fn run(&self, tx: &mut Tx, asks: &[Thing]) -> Result<Vec<Uuid>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        for thing in asks {
            tx.run(&THING_ADD, thing.args()).await?;
            if thing.label.as_deref() == Some("poison") {
                return Err(Error::unreadable("label", "poison"));
            }
        }
        Ok(asks.iter().map(|thing| thing.id).collect())
    }
}

fn shelf(db: &Db) -> (GroupCommit<Shelf>, Arc<AtomicUsize>) {
    let runs = Arc::new(AtomicUsize::new(0));
    (GroupCommit::start(db, Shelf(runs.clone())), runs)
}

/// Submits all of them while the writer is busy, so that they wait together.
async fn submit_together(db: &Db, group: &GroupCommit<Shelf>, things: &[Thing]) -> Vec<Result<Uuid>> {
    let busy = db.begin().await.expect("a transaction");
    let waiting = things.iter().map(|thing| {
        let (group, thing) = (group.clone(), thing.clone());
        tokio::spawn(async move { group.submit(thing).await })
    });
    let waiting: Vec<_> = waiting.collect();
    tokio::task::yield_now().await;
    drop(busy);
    join_all(waiting).await.into_iter().map(|answer| answer.expect("no panic")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_gets_their_own_answer_once_it_is_durable() {
    both(|db| async move {
        let (group, runs) = shelf(&db);
        let things: Vec<Thing> = (0..600).map(|n| Thing::new(&format!("{n:03}"), n)).collect();
        let answers = submit_together(&db, &group, &things).await;
        for (thing, answer) in things.iter().zip(answers) {
            assert_eq!(answer.expect("an answer"), thing.id);
        }
        assert_eq!(labels(&db).await.len(), 600);
        let runs = runs.load(Ordering::SeqCst);
        assert!(runs < 600, "each had a transaction of its own: {runs}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_fails_fails_alone() {
    both(|db| async move {
        let (group, _) = shelf(&db);
        let mut things: Vec<Thing> = (0..40).map(|n| Thing::new(&format!("{n:02}"), n)).collect();
        things[7].label = Some("poison".into());
        things[20].size = -1;
        things[31].label = Some("03".into());
        let answers = submit_together(&db, &group, &things).await;
        for (n, answer) in answers.iter().enumerate() {
            match n {
                7 => assert!(matches!(answer, Err(Error::Internal(_))), "{answer:?}"),
                20 => assert!(matches!(answer, Err(Error::Refused { .. })), "{answer:?}"),
                // One of the two with the same label is kept, whichever came first.
                3 | 31 => {}
                _ => assert_eq!(answer.as_ref().expect("kept"), &things[n].id),
            }
        }
        assert_eq!([&answers[3], &answers[31]].iter().filter(|a| a.is_ok()).count(), 1);
        let twin = [&answers[3], &answers[31]].into_iter().find_map(|a| a.as_ref().err()).expect("a refusal");
        assert!(twin.is_duplicate_of("label"), "{twin}");
        let kept = labels(&db).await;
        assert_eq!(kept.len(), 37);
        assert!(!kept.contains(&"poison".to_owned()), "what a failed ask wrote is gone");
        // The queue goes on.
        let next = Thing::new("next", 99);
        assert_eq!(group.submit(next.clone()).await.expect("kept"), next.id);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_stops_waiting_holds_nobody_up() {
    both(|db| async move {
        let (group, _) = shelf(&db);
        let busy = db.begin().await.expect("a transaction");
        let (gone, stays) = (Thing::new("gone", 1), Thing::new("stays", 2));
        let (first, second) = (group.clone(), group.clone());
        let leaving = tokio::spawn(async move { first.submit(gone).await });
        tokio::task::yield_now().await;
        leaving.abort();
        let id = stays.id;
        let staying = tokio::spawn(async move { second.submit(stays).await });
        drop(busy);
        assert_eq!(staying.await.expect("no panic").expect("kept"), id);
    })
    .await;
}

/// Answers one ask too few.
struct Forgetful;

impl Work for Forgetful {
    type Ask = Thing;
    type Answer = ();

    fn about(thing: &Thing) -> Uuid {
        thing.id
    }

    async fn run(&self, tx: &mut Tx, asks: &[Thing]) -> Result<Vec<()>> {
        for thing in asks {
            tx.run(&THING_ADD, thing.args()).await?;
        }
        Ok(vec![(); asks.len() - 1])
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ask_that_was_forgotten_is_not_kept() {
    both(|db| async move {
        let group = GroupCommit::start(&db, Forgetful);
        assert!(group.submit(Thing::new("forgotten", 1)).await.is_err());
        assert_eq!(labels(&db).await, [""; 0]);
    })
    .await;
}

/// Panics at a thing called `bug`.
struct Fragile;

impl Work for Fragile {
    type Ask = Thing;
    type Answer = ();

    fn about(thing: &Thing) -> Uuid {
        thing.id
    }

    async fn run(&self, tx: &mut Tx, asks: &[Thing]) -> Result<Vec<()>> {
        for thing in asks {
            tx.run(&THING_ADD, thing.args()).await?;
            assert_ne!(thing.label.as_deref(), Some("bug"), "as a bug would");
        }
        Ok(vec![(); asks.len()])
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bug_that_panics_is_not_the_end_of_the_queue() {
    both(|db| async move {
        let group = GroupCommit::start(&db, Fragile);
        for n in 0..4 {
            assert!(group.submit(Thing::new("bug", n)).await.is_err());
        }
        group.submit(Thing::new("fine", 9)).await.expect("the next is served");
        assert_eq!(labels(&db).await, ["fine"]);
    })
    .await;
}

/// Takes two rows, one after the other.
struct Both;

impl Work for Both {
    type Ask = (Uuid, Uuid);
    type Answer = ();

    fn about((first, _): &(Uuid, Uuid)) -> Uuid {
        *first
    }

    async fn run(&self, tx: &mut Tx, asks: &[(Uuid, Uuid)]) -> Result<Vec<()>> {
        for (first, second) in asks {
            tx.run(&THING_GROW, store::args![*first, 7i64]).await?;
            tx.run(&THING_GROW, store::args![*second, 7i64]).await?;
        }
        Ok(vec![(); asks.len()])
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_met_another_crosswise_is_tried_again() {
    both(|db| async move {
        if db.is_sqlite() {
            return; // One writer at a time meets nobody.
        }
        let (one, other) = (Thing::new("one", 1), Thing::new("other", 1));
        let mut tx = db.begin().await.expect("a transaction");
        tx.run_each(&THING_ADD, &[one.args(), other.args()]).await.expect("two things");
        tx.commit().await.expect("kept");
        let mut crossing = db.begin().await.expect("a transaction");
        crossing.run(&THING_GROW, store::args![other.id, 3i64]).await.expect("the other first");
        let group = GroupCommit::start(&db, Both);
        let asks = [(one.id, other.id), (one.id, other.id)].map(|ask| {
            let group = group.clone();
            tokio::spawn(async move { group.submit(ask).await })
        });
        // The group has the one and waits for the other when this asks for the one; the database ends one of the two.
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        if crossing.run(&THING_GROW, store::args![one.id, 3i64]).await.is_ok() {
            crossing.commit().await.expect("kept");
        } else {
            drop(crossing);
        }
        for answer in join_all(asks).await {
            answer.expect("no panic").expect("the group is done all the same");
        }
    })
    .await;
}
