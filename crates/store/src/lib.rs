//! The database: one SQL text on two engines, SQLite and PostgreSQL.
//!
//! This crate owns connections, transactions, group commit, migrations and the registry of statements.
//! It never names a table. Start reading at [`Db`], then [`Tx`]; [`sql!`] shows how a statement is written.
//!
//! SQLite statements run on the calling thread: a statement costs 2–3 µs there, against some 50 µs when it is handed
//! to another thread (docs/adr/0001). Only what waits for the disk is handed over.
mod answer;
mod db;
mod ddl;
mod error;
mod filter;
mod group;
mod loader;
mod migrate;
mod params;
mod plan;
mod postgres;
mod row;
mod sqlite;
mod statement;
mod tls;
mod tx;
mod value;

pub use answer::Answer;
pub use db::{Db, Options, Sql};
pub use error::{Error, Result};
pub use filter::Where;
pub use group::{GroupCommit, Work};
pub use migrate::Migration;
pub use plan::Plan;
pub use row::{Column, FromRow, PgRow, Raw, Row};
pub use statement::{REGISTRY, Statement};
pub use tx::{Flush, Pending, Tx};
pub use value::{Args, Bind, Value};

#[doc(hidden)]
pub use linkme;
