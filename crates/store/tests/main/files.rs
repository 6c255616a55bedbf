//! The SQLite file: looked at beside a running server, and never made by looking.
use store::{Db, Error, Options, Sql as _, args};

use crate::{Place, SERIES, THING_ADD, THINGS, Thing, labels};

const LOOK: Options = Options { read_only: true, lose_writes_at_power_loss: false, connections: 0 };

#[tokio::test(flavor = "multi_thread")]
async fn looking_at_a_database_that_is_not_there_makes_none() {
    let place = Place::sqlite();
    let refused = Db::open(&place.url, &LOOK).await.map(drop).expect_err("there is none");
    assert!(refused.to_string().contains("there is no database"), "{refused}");
    assert!(!std::path::Path::new(&place.url).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_only_looks_sees_everything_and_changes_nothing() {
    let place = Place::sqlite();
    assert!(place.is_sqlite());
    let server = place.open().await;
    server.migrate(SERIES).await.expect("the table is made");
    let mut tx = server.begin().await.expect("a transaction");
    tx.run(&THING_ADD, Thing::new("kept", 1).args()).await.expect("a row");
    tx.commit().await.expect("a commit");
    let visitor = Db::open(&place.url, &LOOK).await.expect("it opens");
    assert_eq!(labels(&visitor).await, ["kept"]);
    // While the server writes, and without waiting for it.
    let writing = server.begin().await.expect("a transaction");
    assert_eq!(labels(&visitor).await, ["kept"]);
    drop(writing);
    let written = match visitor.begin().await {
        Ok(mut tx) => tx.run(&THING_ADD, Thing::new("smuggled", 2).args()).await.map(drop),
        Err(error) => Err(error),
    };
    assert!(matches!(written, Err(Error::Unavailable(_))), "{written:?}");
    let things: Vec<Thing> = server.clone().all(&THINGS, args![]).await.expect("things");
    assert_eq!(things.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_database_is_refused() {
    let place = Place::sqlite();
    std::fs::write(&place.url, "These are the minutes of the last meeting. ".repeat(100)).expect("a file");
    assert!(Db::open(&place.url, &Options::default()).await.is_err());
    let minutes = std::fs::read_to_string(&place.url).expect("the file is left alone");
    assert!(minutes.starts_with("These are the minutes"));
}
