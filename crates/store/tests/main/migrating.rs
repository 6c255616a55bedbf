//! Migrations: each step once, in order, and never another history.
use store::{Migration, Sql as _, args};

use crate::{SERIES, THING_ADD, Thing, at_both, labels};

const SECOND: Migration = Migration {
    version: 2,
    name: "0002_more",
    ddl: "ALTER TABLE things ADD COLUMN colour text;
CREATE TABLE more (
    id uuid NOT NULL PRIMARY KEY,
    noted timestamptz NOT NULL
);
",
};

static COUNT_MORE: store::Statement = store::Statement::new("COUNT_MORE", "SELECT count(*) AS value FROM more");

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_applied_and_what_is_there_is_left_alone() {
    at_both(|place| async move {
        let db = place.open().await;
        assert_eq!(db.migrate(SERIES).await.expect("a fresh database"), 1);
        assert_eq!(db.migrate(SERIES).await.expect("the same again"), 0);
        let mut tx = db.begin().await.expect("a transaction");
        tx.run(&THING_ADD, Thing::new("old", 1).args()).await.expect("a row");
        tx.commit().await.expect("a commit");
        let longer = [SERIES[0], SECOND];
        assert_eq!(db.migrate(&longer).await.expect("one more step"), 1);
        assert_eq!(db.migrate(&longer).await.expect("the same again"), 0);
        assert_eq!(labels(&db).await, ["old"]);
        assert_eq!(db.clone().one::<i64>(&COUNT_MORE, args![]).await.expect("a count"), Some(0));
        // An older program does not know what to do with it.
        let refused = db.migrate(SERIES).await.expect_err("a newer database").to_string();
        assert!(refused.contains("0002_more") && refused.contains("newer"), "{refused}");
        db.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_was_changed_after_the_fact_is_refused() {
    at_both(|place| async move {
        let db = place.open().await;
        db.migrate(SERIES).await.expect("a fresh database");
        let other =
            [Migration { ddl: "CREATE TABLE others (\n    id uuid NOT NULL PRIMARY KEY\n);\n", ..SERIES[0] }, SECOND];
        let refused = db.migrate(&other).await.expect_err("another history").to_string();
        assert!(refused.contains("0001_things"), "{refused}");
        assert!(db.clone().one::<i64>(&COUNT_MORE, args![]).await.is_err(), "a later step was applied");
        db.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_fails_leaves_nothing_behind() {
    at_both(|place| async move {
        let db = place.open().await;
        let broken = Migration {
            version: 3,
            name: "0003_broken",
            ddl: "CREATE TABLE broken (\n    id uuid\n);\nINSERT INTO nowhere VALUES (1);\n",
        };
        db.migrate(&[SERIES[0], SECOND, broken]).await.expect_err("a broken step");
        assert!(db.clone().one::<i64>(&COUNT_MORE, args![]).await.is_err(), "half a series was applied");
        assert_eq!(db.migrate(&[SERIES[0], SECOND]).await.expect("the sound steps"), 2);
        db.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_start_together_apply_each_step_once() {
    at_both(|place| async move {
        let (one, two) = (place.open().await, place.open().await);
        let series = [SERIES[0], SECOND];
        let (a, b) = tokio::join!(one.migrate(&series), two.migrate(&series));
        let mut applied = [a.expect("migrated"), b.expect("migrated")];
        applied.sort_unstable();
        assert_eq!(applied, [0, 2]);
        one.close().await;
        two.close().await;
    })
    .await;
}
