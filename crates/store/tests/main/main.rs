//! The database as services use it: one text, two engines, the same answers.
mod errors;
mod files;
mod grouping;
mod loading;
mod many_rows;
mod migrating;
mod pending;
mod together;
mod transactions;
mod types;

use store::{Db, Migration, Options, args, from_row, sql};
use uuid::Uuid;

/// One table for what most tests keep.
pub const SERIES: &[Migration] = &[Migration {
    version: 1,
    name: "0001_things",
    ddl: "CREATE TABLE things (
    id uuid NOT NULL PRIMARY KEY,
    shelf uuid,
    label text,
    size bigint NOT NULL CHECK (size >= 0)
);
CREATE UNIQUE INDEX things_label ON things (label);
",
}];

sql!(THING_ADD = "INSERT INTO things (id, shelf, label, size) VALUES ($1, $2, $3, $4)");
sql!(THINGS = "SELECT id, shelf, label, size FROM things ORDER BY size, label");
sql!(THING_LOCK = "SELECT id, shelf, label, size FROM things WHERE id = $1 FOR UPDATE");
sql!(THING_GROW = "UPDATE things SET size = $2 WHERE id = $1");

#[derive(Debug, Clone, PartialEq)]
pub struct Thing {
    pub id: Uuid,
    pub shelf: Option<Uuid>,
    pub label: Option<String>,
    pub size: i64,
}
from_row!(Thing { id, shelf, label, size });

impl Thing {
    pub fn new(label: &str, size: i64) -> Self {
        Self { id: id(), shelf: None, label: Some(label.to_owned()), size }
    }

    pub fn args(&self) -> store::Args {
        args![self.id, self.shelf, &self.label, self.size]
    }
}

#[expect(clippy::disallowed_methods)] // Nothing below this crate could hand ids to its tests.
pub fn id() -> Uuid {
    Uuid::now_v7()
}

/// The labels of everything that is kept.
pub async fn labels(db: &Db) -> Vec<String> {
    use store::Sql as _;
    let things: Vec<Thing> = db.clone().all(&THINGS, args![]).await.expect("things");
    things.into_iter().filter_map(|thing| thing.label).collect()
}

/// An empty database that goes with the test.
pub struct Place {
    pub url: String,
    folder: Option<tempfile::TempDir>,
}

impl Place {
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { url: folder.path().join("test.db").display().to_string(), folder: Some(folder) }
    }

    /// `None` without a server in `NADI_TEST_POSTGRES`.
    pub async fn postgres() -> Option<Self> {
        #[expect(clippy::disallowed_methods)] // Settings are read in crates that stand above this one.
        let server = std::env::var("NADI_TEST_POSTGRES").ok().filter(|url| !url.is_empty())?;
        let name = format!("nadi_store_{}", id().simple());
        let (client, connection) = tokio_postgres::connect(&server, tokio_postgres::NoTls).await.expect("a server");
        let connection = tokio::spawn(connection);
        client.batch_execute(&format!("CREATE DATABASE {name}")).await.expect("a database");
        drop(client);
        connection.await.expect("the connection ends").expect("in order");
        let (front, _) = server.rsplit_once('/').expect("a URL with a database");
        Some(Self { url: format!("{front}/{name}"), folder: None })
    }

    pub async fn open(&self) -> Db {
        Db::open(&self.url, &Options { connections: 8, ..Options::default() }).await.expect("the database opens")
    }

    pub fn is_sqlite(&self) -> bool {
        self.folder.is_some()
    }
}

/// Runs a test on an empty database of each engine.
pub async fn at_both<F: Future<Output = ()>>(test: impl Fn(Place) -> F) {
    eprintln!("on SQLite");
    test(Place::sqlite()).await;
    match Place::postgres().await {
        Some(place) => {
            eprintln!("on PostgreSQL");
            test(place).await;
        }
        None => eprintln!("no PostgreSQL in NADI_TEST_POSTGRES: this test ran on SQLite alone"),
    }
}

/// Runs a test on both engines, with the table of things.
pub async fn both<F: Future<Output = ()>>(test: impl Fn(Db) -> F) {
    let test = &test;
    at_both(|place| async move {
        let db = place.open().await;
        db.migrate(SERIES).await.expect("the table is made");
        test(db.clone()).await;
        db.close().await;
    })
    .await;
}
