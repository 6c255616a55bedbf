//! Transactions: all or nothing, one after the other, and what happens only once they are durable.
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::join_all;
use store::{Sql as _, args};

use crate::{THING_ADD, THING_GROW, THING_LOCK, THINGS, Thing, at_both, both, labels};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_committed_stays_and_what_is_dropped_never_was() {
    both(|db| async move {
        let told = Arc::new(AtomicUsize::new(0));
        let tell = |told: &Arc<AtomicUsize>| {
            let told = told.clone();
            move || {
                told.fetch_add(1, Ordering::SeqCst);
            }
        };
        let mut tx = db.begin().await.expect("a transaction");
        tx.run(&THING_ADD, Thing::new("kept", 1).args()).await.expect("a row");
        tx.after_commit(tell(&told));
        assert_eq!(told.load(Ordering::SeqCst), 0);
        tx.commit().await.expect("a commit");
        assert_eq!(told.load(Ordering::SeqCst), 1);

        let mut tx = db.begin().await.expect("a transaction");
        tx.run(&THING_ADD, Thing::new("dropped", 2).args()).await.expect("a row");
        tx.after_commit(tell(&told));
        let inside: Vec<Thing> = tx.all(&THINGS, args![]).await.expect("things");
        assert_eq!(inside.len(), 2, "a transaction sees what it did");
        drop(tx);
        assert_eq!(labels(&db).await, ["kept"]);
        assert_eq!(told.load(Ordering::SeqCst), 1, "nobody is told of what never was");

        // The next one is not held up by the one that was dropped.
        let mut tx = db.begin().await.expect("a transaction");
        tx.run(&THING_ADD, Thing::new("next", 3).args()).await.expect("a row");
        tx.commit().await.expect("a commit");
        assert_eq!(labels(&db).await, ["kept", "next"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_committed_is_seen_by_nobody_else() {
    both(|db| async move {
        let mut tx = db.begin().await.expect("a transaction");
        tx.run(&THING_ADD, Thing::new("secret", 1).args()).await.expect("a row");
        assert_eq!(labels(&db).await, [""; 0]);
        tx.commit().await.expect("a commit");
        assert_eq!(labels(&db).await, ["secret"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_inside_undoes_the_transaction() {
    both(|db| async move {
        let inside = db.clone();
        let task = tokio::spawn(async move {
            let mut tx = inside.begin().await.expect("a transaction");
            tx.run(&THING_ADD, Thing::new("lost", 1).args()).await.expect("a row");
            panic!("as a bug would");
        });
        assert!(task.await.is_err());
        let mut tx = db.begin().await.expect("the writer is free again");
        tx.run(&THING_ADD, Thing::new("next", 1).args()).await.expect("a row");
        tx.commit().await.expect("a commit");
        assert_eq!(labels(&db).await, ["next"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn counters_counted_by_many_at_once_lose_nothing() {
    both(|db| async move {
        let counter = Thing::new("counter", 0);
        let mut tx = db.begin().await.expect("a transaction");
        tx.run(&THING_ADD, counter.args()).await.expect("a row");
        tx.commit().await.expect("a commit");
        join_all((0..64).map(|_| {
            let (db, id) = (db.clone(), counter.id);
            tokio::spawn(async move {
                let mut tx = db.begin().await.expect("a transaction");
                let now: Option<Thing> = tx.one(&THING_LOCK, args![id]).await.expect("a row");
                let size = now.expect("a counter").size;
                tokio::task::yield_now().await;
                tx.run(&THING_GROW, args![id, size + 1]).await.expect("an update");
                tx.commit().await.expect("a commit");
            })
        }))
        .await;
        let now: Vec<Thing> = db.clone().all(&THINGS, args![]).await.expect("things");
        assert_eq!(now[0].size, 64);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_committed_is_there_when_the_database_is_opened_again() {
    at_both(|place| async move {
        let db = place.open().await;
        db.migrate(crate::SERIES).await.expect("the table is made");
        let mut tx = db.begin().await.expect("a transaction");
        tx.run(&THING_ADD, Thing::new("kept", 1).args()).await.expect("a row");
        tx.commit().await.expect("a commit");
        // A second handle beside the first, as `nadi audit verify` beside a server.
        assert_eq!(labels(&place.open().await).await, ["kept"]);
        db.close().await;
        drop(db);
        assert_eq!(labels(&place.open().await).await, ["kept"]);
    })
    .await;
}
