//! What is collected during a transaction is written at its end, in the same order in every transaction.
use store::{Pending, Result, Sql as _, Tx, args, sql};

use crate::{THING_ADD, THINGS, Thing, both, id, labels};

sql!(THING_COUNT = "SELECT count(*) AS value FROM things");

/// Writes the collected labels, numbered by how many rows there are already.
async fn write(tx: &mut Tx, labels: Vec<String>) -> Result<()> {
    for label in labels {
        let so_far: i64 = tx.one(&THING_COUNT, args![]).await?.unwrap_or_default();
        tx.run(&THING_ADD, args![id(), None::<uuid::Uuid>, label, so_far]).await?;
    }
    Ok(())
}

macro_rules! collected {
    ($($name:ident = $order:literal),*) => {$(
        #[derive(Default)]
        struct $name(Vec<String>);
        impl Pending for $name {
            const ORDER: u8 = $order;
            async fn flush(self, tx: &mut Tx) -> Result<()> {
                write(tx, self.0).await
            }
        }
    )*};
}
collected!(First = 1, Middle = 5, Last = 9);

#[tokio::test(flavor = "multi_thread")]
async fn the_order_is_that_of_the_kinds_and_not_of_the_calls() {
    both(|db| async move {
        for (round, kinds) in [[9, 1, 5], [5, 9, 1], [1, 5, 9]].iter().enumerate() {
            let mut tx = db.begin().await.expect("a transaction");
            for kind in kinds {
                let label = |n: usize| format!("{round} {kind}.{n}");
                match kind {
                    1 => tx.pending::<First>().0.extend([label(0), label(1)]),
                    5 => tx.pending::<Middle>().0.push(label(0)),
                    _ => tx.pending::<Last>().0.push(label(0)),
                }
            }
            tx.pending::<First>().0.push(format!("{round} 1.2"));
            assert!(!labels(&db).await.iter().any(|l| l.starts_with(&round.to_string())), "written before the end");
            tx.commit().await.expect("a commit");
        }
        let expected: Vec<String> = (0..3)
            .flat_map(|round| ["1.0", "1.1", "1.2", "5.0", "9.0"].map(|label| format!("{round} {label}")))
            .collect();
        assert_eq!(labels(&db).await, expected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_collected_goes_with_a_dropped_transaction() {
    both(|db| async move {
        let mut tx = db.begin().await.expect("a transaction");
        tx.pending::<First>().0.push("never".into());
        drop(tx);
        let tx = db.begin().await.expect("a transaction");
        tx.commit().await.expect("an empty commit");
        assert_eq!(labels(&db).await, [""; 0]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_written_at_the_end_undoes_everything() {
    both(|db| async move {
        let mut tx = db.begin().await.expect("a transaction");
        tx.run(&THING_ADD, Thing::new("taken", 0).args()).await.expect("a row");
        tx.pending::<First>().0.push("fine".into());
        tx.pending::<Last>().0.push("taken".into());
        tx.after_commit(|| unreachable!("it was not committed"));
        let error = tx.commit().await.expect_err("a duplicate");
        assert!(error.is_duplicate_of("label"), "{error}");
        assert_eq!(labels(&db).await, [""; 0]);
        let things: Vec<Thing> = db.clone().all(&THINGS, args![]).await.expect("the database goes on");
        assert!(things.is_empty());
    })
    .await;
}
