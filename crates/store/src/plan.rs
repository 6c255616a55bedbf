//! Plans: how the engine answers what is asked, for tests that hold every question to its index.
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use rusqlite::StatementStatus;

use crate::db::Engine;
use crate::{Db, FromRow, Result, Row, Value, postgres, sqlite, statement};

/// How one question was answered.
#[derive(Debug, Clone)]
pub struct Plan {
    pub text: String,
    /// The steps in the engine's own words: of SQLite's `EXPLAIN QUERY PLAN`, of PostgreSQL's `EXPLAIN`.
    pub steps: Vec<String>,
    /// What it cost SQLite, in steps of its virtual machine: a measure that no other load on the machine changes.
    pub cost: Option<i64>,
}

/// The plans kept since somebody asked for them.
#[derive(Default)]
pub(crate) struct Plans {
    wanted: AtomicBool,
    kept: Mutex<Vec<Plan>>,
}

/// One line of a plan.
struct Step(String);
impl FromRow for Step {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let column = if matches!(row, Row::Sqlite(_)) { "detail" } else { "QUERY PLAN" };
        row.get(column).map(Self)
    }
}

impl Db {
    /// Keeps the plan of every question that is asked outside a transaction from now on. For tests: each is asked twice.
    pub fn keep_plans(&self) {
        self.0.plans.wanted.store(true, Ordering::Relaxed);
    }

    /// The plans kept since they were taken last.
    pub fn take_plans(&self) -> Vec<Plan> {
        std::mem::take(&mut *self.0.plans.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) async fn note_plan(&self, text: &str, args: &[Value]) -> Result<()> {
        if !self.0.plans.wanted.load(Ordering::Relaxed) || !text.trim_start().starts_with("SELECT") {
            return Ok(());
        }
        let (steps, cost) = match &self.0.engine {
            Engine::Sqlite(file) => {
                let text = statement::for_sqlite(text);
                let explained = format!("EXPLAIN QUERY PLAN {text}");
                file.read(|c| Ok((sqlite::query::<Step>(c, &explained, args)?, Some(cost(c, &text, args)?))))?
            }
            Engine::Postgres(pool) => {
                let explained = format!("EXPLAIN {}", text.trim_end().trim_end_matches("FOR UPDATE"));
                (postgres::query::<Step>(pool, &explained, postgres::bind(args)?).await?, None)
            }
        };
        let plan = Plan { text: text.to_owned(), steps: steps.into_iter().map(|step| step.0).collect(), cost };
        self.0.plans.kept.lock().unwrap_or_else(PoisonError::into_inner).push(plan);
        Ok(())
    }
}

fn cost(connection: &rusqlite::Connection, text: &str, args: &[Value]) -> Result<i64> {
    let mut statement = connection.prepare(text)?;
    let mut rows = statement.query(rusqlite::params_from_iter(args))?;
    while rows.next()?.is_some() {}
    drop(rows);
    Ok(i64::from(statement.get_status(StatementStatus::VmStep)))
}
