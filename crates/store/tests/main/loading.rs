//! Look-ups by key that many ask at the same moment.
use futures::future::join_all;
use store::{Db, from_row, sql};
use uuid::Uuid;

use crate::{THING_ADD, Thing, both, id};

sql!(LABELS_OF_SHELF = "SELECT shelf AS load_key, label FROM things WHERE shelf = $1 ORDER BY label");
// Fails for every key: nothing called `absent` is there.
static BROKEN: store::Statement =
    store::Statement::new("BROKEN_LOOKUP", "SELECT absent AS load_key, label FROM things WHERE shelf = $1");

struct Labelled {
    load_key: Uuid,
    label: String,
}
from_row!(Labelled { load_key, label });

async fn on_shelf(db: &Db, shelf: Uuid) -> Vec<String> {
    let found: Vec<Labelled> = db.load(&LABELS_OF_SHELF, shelf).await.expect("rows");
    assert!(found.iter().all(|row| row.load_key == shelf), "another key's rows");
    let mut labels: Vec<String> = found.into_iter().map(|row| row.label).collect();
    labels.sort();
    labels
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_gets_the_rows_of_their_own_key() {
    both(|db| async move {
        let shelves: Vec<Uuid> = (0..50).map(|_| id()).collect();
        let mut tx = db.begin().await.expect("a transaction");
        for (n, shelf) in shelves.iter().enumerate() {
            for copy in 0..n % 4 {
                let thing = Thing { shelf: Some(*shelf), ..Thing::new(&format!("{n:02}.{copy}"), 1) };
                tx.run(&THING_ADD, thing.args()).await.expect("a row");
            }
        }
        tx.commit().await.expect("a commit");
        // Each key asked ten times at once.
        let asked = (0..500).map(|n| {
            let (db, shelf) = (db.clone(), shelves[n % 50]);
            tokio::spawn(async move { (n % 50, on_shelf(&db, shelf).await) })
        });
        for answer in join_all(asked).await {
            let (n, found) = answer.expect("no panic");
            assert_eq!(found, (0..n % 4).map(|copy| format!("{n:02}.{copy}")).collect::<Vec<_>>());
        }
        assert_eq!(on_shelf(&db, id()).await, [""; 0]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_committed_before_the_question_is_in_the_answer() {
    both(|db| async move {
        let shelf = id();
        for n in 0..20 {
            let mut tx = db.begin().await.expect("a transaction");
            let thing = Thing { shelf: Some(shelf), ..Thing::new(&format!("{n:02}"), 1) };
            tx.run(&THING_ADD, thing.args()).await.expect("a row");
            tx.commit().await.expect("a commit");
            assert_eq!(on_shelf(&db, shelf).await.len(), n + 1);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_fails_fails_for_whoever_asked_it() {
    both(|db| async move {
        for _ in 0..3 {
            assert!(db.load::<Labelled>(&BROKEN, id()).await.is_err());
        }
        assert_eq!(on_shelf(&db, id()).await, [""; 0]);
    })
    .await;
}
