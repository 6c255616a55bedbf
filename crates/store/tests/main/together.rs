//! Statements that are sent before the first answer is awaited.
use store::{Sql as _, args, sql};

use crate::{THING_ADD, Thing, both, id, labels};

sql!(ON_THIS_SHELF = "SELECT id, shelf, label, size FROM things WHERE shelf = $1 ORDER BY label");

#[tokio::test(flavor = "multi_thread")]
async fn answers_may_be_awaited_in_any_order() {
    both(|db| async move {
        let (one, other) = (id(), id());
        // More than a connection brings at once: whoever awaits the last answer must not wait for the first to be taken.
        let mut things = Vec::new();
        for number in 0..4000 {
            let shelf = if number % 2 == 0 { one } else { other };
            things.push(Thing {
                shelf: Some(shelf),
                ..Thing::new(&format!("thing {number:04} {}", "x".repeat(200)), number)
            });
        }
        let mut tx = db.begin().await.expect("a transaction");
        tx.run_each(&THING_ADD, &things.iter().map(Thing::args).collect::<Vec<_>>()).await.expect("rows");
        for _ in 0..3 {
            let first = tx.all_each::<Thing>(&ON_THIS_SHELF, &[one]);
            let second = tx.all_each::<Thing>(&ON_THIS_SHELF, &[one, other]);
            let third = tx.all_each::<Thing>(&ON_THIS_SHELF, &[other]);
            assert_eq!(third.await.expect("the third").len(), 2000);
            assert_eq!(first.await.expect("the first").len(), 2000);
            assert_eq!(second.await.expect("the second").len(), 4000);
        }
        tx.commit().await.expect("a commit");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_later_fails_the_commit() {
    both(|db| async move {
        let mut tx = db.begin().await.expect("a transaction");
        tx.run(&THING_ADD, Thing::new("kept?", 1).args()).await.expect("a row");
        tx.run_later(&THING_ADD, &[Thing::new("too small", -1).args()]);
        assert!(tx.commit().await.is_err());
        assert_eq!(labels(&db).await, [""; 0]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_in_which_a_statement_failed_does_not_say_that_it_was_committed() {
    both(|db| async move {
        if db.is_sqlite() {
            // There the statement alone is undone, and what went before it stays.
            return;
        }
        let mut tx = db.begin().await.expect("a transaction");
        tx.run(&THING_ADD, Thing::new("kept?", 1).args()).await.expect("a row");
        assert!(tx.run(&THING_ADD, Thing::new("too small", -1).args()).await.is_err());
        assert!(tx.commit().await.is_err(), "PostgreSQL rolls back and calls it a success");
        assert_eq!(labels(&db).await, [""; 0]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_is_awaited_after_the_end_is_not_run_outside_it() {
    both(|db| async move {
        let mut tx = db.begin().await.expect("a transaction");
        let late = tx.run(&THING_ADD, Thing::new("late", 1).args());
        drop(tx);
        // Inside the transaction or not at all: either way nothing stays.
        let _ = late.await;
        let all: Vec<Thing> = db.clone().all(&crate::THINGS, args![]).await.expect("things");
        assert_eq!(all, []);
    })
    .await;
}
