//! What goes wrong has the same name on both engines.
use store::{Error, Sql as _, args, sql};

use crate::{THING_ADD, THINGS, Thing, both, id};

sql!(NOWHERE = "SELECT nothing FROM nowhere WHERE id = $1");

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_row_says_by_which_rule() {
    both(|db| async move {
        let mut tx = db.begin().await.expect("a transaction");
        let kept = Thing::new("kept", 1);
        tx.run(&THING_ADD, kept.args()).await.expect("a row");
        tx.commit().await.expect("a commit");
        for (wrong, column) in
            [(Thing::new("kept", 2), Some("label")), (Thing { id: kept.id, ..Thing::new("other", 2) }, None)]
        {
            let mut tx = db.begin().await.expect("a transaction");
            let error = tx.run(&THING_ADD, wrong.args()).await.expect_err("a duplicate");
            assert!(matches!(error, Error::Duplicate { .. }), "{error}");
            assert!(column.is_none_or(|column| error.is_duplicate_of(column)), "{error}");
            assert!(!error.is_duplicate_of("size"), "{error}");
        }
        for wrong in [Thing::new("small", -1).args(), args![id(), None::<uuid::Uuid>, "null", None::<i64>]] {
            let mut tx = db.begin().await.expect("a transaction");
            let error = tx.run(&THING_ADD, wrong).await.expect_err("a refusal");
            assert!(matches!(error, Error::Refused { .. }), "{error}");
        }
        let things: Vec<Thing> = db.clone().all(&THINGS, args![]).await.expect("things");
        assert_eq!(things, [kept]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_cannot_be_prepared_is_named() {
    both(|db| async move {
        let failed: Vec<&str> = db.check_statements().await.into_iter().map(|(name, _)| name).collect();
        assert!(failed.contains(&"NOWHERE"), "{failed:?}");
        for fine in ["THING_ADD", "THINGS", "THING_LOCK"] {
            assert!(!failed.contains(&fine), "{fine} is said to fail");
        }
        let asked: Result<Vec<Thing>, _> = db.clone().all(&NOWHERE, args![id()]).await;
        assert!(matches!(asked, Err(Error::Internal(_))));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_of_the_database_says_what_it_was() {
    both(|db| async move {
        let error = db.clone().all::<Thing>(&NOWHERE, args![id()]).await.expect_err("there is no such table");
        assert!(error.to_string().contains("nowhere"), "{error}");
    })
    .await;
}
