//! Many rows and many keys in one statement: the same rows on both engines.
use std::collections::BTreeSet;

use store::{Sql as _, Where, args, sql};
use uuid::Uuid;

use crate::{THINGS, Thing, both, id, labels};

sql!(
    THING_KEEP = "INSERT INTO things (id, shelf, label, size) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING label AS value"
);
sql!(
    THING_PUT = "INSERT INTO things (id, shelf, label, size) VALUES ($1, $2, $3, $4)
    ON CONFLICT (id) DO UPDATE SET label = excluded.label, size = excluded.size"
);
sql!(ON_SHELF = "SELECT id, shelf, label, size FROM things WHERE shelf = $1 ORDER BY label");

#[tokio::test(flavor = "multi_thread")]
async fn many_rows_are_written_with_their_nulls() {
    both(|db| async move {
        let shelf = id();
        // The first row has the NULLs, so that their kind cannot be guessed from it.
        let mut things: Vec<Thing> = (0..5000).map(|n| Thing { label: None, ..Thing::new("", n) }).collect();
        for thing in things.iter_mut().skip(1).step_by(2) {
            (thing.shelf, thing.label) = (Some(shelf), Some(format!("thing {:04}", thing.size)));
        }
        let mut tx = db.begin().await.expect("a transaction");
        tx.run_each(&THING_PUT, &things.iter().map(Thing::args).collect::<Vec<_>>()).await.expect("rows");
        tx.run_each(&THING_PUT, &[]).await.expect("no rows are no trouble");
        tx.commit().await.expect("a commit");
        let found: Vec<Thing> = db.clone().all(&THINGS, args![]).await.expect("things");
        assert_eq!(found, things);
        // The same keys again change the rows.
        let mut tx = db.begin().await.expect("a transaction");
        let changed: Vec<_> =
            things.iter().take(3).map(|t| Thing { size: t.size + 10_000, ..t.clone() }.args()).collect();
        tx.run_each(&THING_PUT, &changed).await.expect("rows");
        tx.commit().await.expect("a commit");
        let found: Vec<Thing> = db.clone().all(&THINGS, args![]).await.expect("things");
        assert_eq!((found.len(), found[4999].size), (5000, 10_002));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_rows_that_were_new_are_answered() {
    both(|db| async move {
        let first = [Thing::new("a", 1), Thing::new("b", 2)];
        let second = [first[0].clone(), Thing::new("c", 3), Thing::new("b", 9), Thing::new("d", 4)];
        let mut tx = db.begin().await.expect("a transaction");
        let new: Vec<String> = tx.all_rows(&THING_KEEP, &first.each_ref().map(Thing::args)).await.expect("rows");
        assert_eq!(new, ["a", "b"]);
        let new: Vec<String> = tx.all_rows(&THING_KEEP, &second.each_ref().map(Thing::args)).await.expect("rows");
        assert_eq!(new.into_iter().collect::<BTreeSet<_>>(), ["c", "d"].map(String::from).into());
        let twice = [Thing::new("e", 5), Thing::new("e", 6)];
        let new: Vec<String> = tx.all_rows(&THING_KEEP, &twice.each_ref().map(Thing::args)).await.expect("rows");
        assert_eq!(new, ["e"], "the first of two that are alike counts");
        tx.commit().await.expect("a commit");
        let kept: Vec<Thing> = db.clone().all(&THINGS, args![]).await.expect("things");
        assert_eq!(kept.iter().map(|t| t.size).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_many_keys_come_together() {
    both(|db| async move {
        let (one, two, empty) = (id(), id(), id());
        let mut tx = db.begin().await.expect("a transaction");
        let things: Vec<Thing> = [(one, "a"), (one, "b"), (two, "c")]
            .map(|(shelf, label)| Thing { shelf: Some(shelf), ..Thing::new(label, 1) })
            .to_vec();
        tx.run_each(&THING_PUT, &things.iter().map(Thing::args).collect::<Vec<_>>()).await.expect("rows");
        let of = |found: Vec<Thing>| found.into_iter().filter_map(|t| t.label).collect::<BTreeSet<_>>();
        let found = of(tx.all_each(&ON_SHELF, &[two, empty, one]).await.expect("rows"));
        assert_eq!(found, ["a", "b", "c"].map(String::from).into());
        assert_eq!(of(tx.all_each(&ON_SHELF, &[empty]).await.expect("rows")), BTreeSet::new());
        assert_eq!(of(tx.all_each(&ON_SHELF, &[]).await.expect("rows")), BTreeSet::new());
        let many: Vec<Uuid> = (0..2000).map(|_| id()).chain([one]).collect();
        assert_eq!(of(tx.all_each(&ON_SHELF, &many).await.expect("rows")), ["a", "b"].map(String::from).into());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_put_together_from_filters_asks_the_same_of_both() {
    both(|db| async move {
        let shelf = id();
        let mut tx = db.begin().await.expect("a transaction");
        for (n, label) in (0..).zip(["a", "b", "c", "d"]) {
            let thing = Thing { shelf: (n % 2 == 0).then_some(shelf), ..Thing::new(label, n) };
            tx.run(&THING_PUT, thing.args()).await.expect("a row");
        }
        tx.commit().await.expect("a commit");
        let ask = |shelf: Option<Uuid>, least: Option<i64>, words: &[&str]| {
            let filter =
                Where::new("SELECT id, shelf, label, size FROM things").and("shelf = ?", shelf).and("size >= ?", least);
            let filter = match words {
                [one, two] => filter.all("label = ? OR label = ?", args![*one, *two]),
                _ => filter,
            };
            let (mut db, filter) = (db.clone(), filter.tail("ORDER BY label LIMIT ?", args![3i64]));
            async move {
                let found: Vec<Thing> = db.find(filter).await.expect("rows");
                found.into_iter().filter_map(|t| t.label).collect::<String>()
            }
        };
        assert_eq!(ask(None, None, &[]).await, "abc");
        assert_eq!(ask(Some(shelf), None, &[]).await, "ac");
        assert_eq!(ask(Some(shelf), Some(1), &[]).await, "c");
        assert_eq!(ask(None, Some(1), &["a", "d"]).await, "d");
        assert_eq!(ask(Some(id()), None, &[]).await, "");
        assert_eq!(labels(&db).await.concat(), "abcd");
    })
    .await;
}
