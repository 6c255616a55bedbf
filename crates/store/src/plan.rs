//! Plans: how the engine answers what is asked, for tests that hold every question to its index.
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use rusqlite::StatementStatus;

use crate::db::Engine;
use crate::{Db, FromRow, Result, Row, Value, params, sqlite, statement};

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
pub(crate) struct Step(String);
impl FromRow for Step {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let column = if matches!(row, Row::Sqlite(_)) { "detail" } else { "QUERY PLAN" };
        row.get(column).map(Self)
    }
}

impl Plans {
    /// Whether a text is to be explained: only questions are.
    pub fn want(&self, text: &str) -> bool {
        self.wanted.load(Ordering::Relaxed) && text.trim_start().starts_with("SELECT")
    }

    pub fn keep(&self, plan: Plan) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).push(plan);
    }
}

impl Db {
    /// Keeps the plan of every question that is asked from now on, inside transactions that begin then and outside. For
    /// tests: each is asked twice.
    pub fn keep_plans(&self) {
        self.0.plans.wanted.store(true, Ordering::Relaxed);
    }

    /// The plans kept since they were taken last.
    pub fn take_plans(&self) -> Vec<Plan> {
        std::mem::take(&mut *self.0.plans.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) async fn note_plan(&self, text: &str, args: &[Value]) -> Result<()> {
        if self.0.plans.want(text) {
            self.0.plans.keep(match &self.0.engine {
                Engine::Sqlite(file) => file.read(|c| of_sqlite(c, text, args))?,
                Engine::Postgres(server) => {
                    of_postgres(text, server.find(&explained(text), params::bind(args)?).await?)
                }
            });
        }
        Ok(())
    }
}

pub(crate) fn of_sqlite(connection: &rusqlite::Connection, text: &str, args: &[Value]) -> Result<Plan> {
    let lite = statement::for_sqlite(text);
    let steps = sqlite::query::<Step>(connection, &format!("EXPLAIN QUERY PLAN {lite}"), args)?;
    let cost = Some(cost(connection, &lite, args)?);
    Ok(Plan { text: text.to_owned(), steps: steps.into_iter().map(|step| step.0).collect(), cost })
}

/// The question that PostgreSQL answers with its plan.
pub(crate) fn explained(text: &str) -> String {
    format!("EXPLAIN {}", text.trim_end().trim_end_matches("FOR UPDATE"))
}

pub(crate) fn of_postgres(text: &str, steps: Vec<Step>) -> Plan {
    Plan { text: text.to_owned(), steps: steps.into_iter().map(|step| step.0).collect(), cost: None }
}

fn cost(connection: &rusqlite::Connection, text: &str, args: &[Value]) -> Result<i64> {
    let mut statement = connection.prepare(text)?;
    let mut rows = statement.query(rusqlite::params_from_iter(args))?;
    while rows.next()?.is_some() {}
    drop(rows);
    Ok(i64::from(statement.get_status(StatementStatus::VmStep)))
}
