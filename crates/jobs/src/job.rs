//! A job as it is kept: put down, asked after, called off.
use chrono::{DateTime, Utc};
use kernel::{App, PageQuery, Result};
use serde_json::Value;
use store::{Sql, Tx, from_row};
use uuid::Uuid;

use crate::{Jobs, queries};

kernel::ids!(
    /// A job in the background.
    JobId,
);

kernel::text_enum!(
    /// How a job stands.
    State {
        /// It waits for its turn, or to be tried again.
        Queued = "queued",
        Running = "running",
        Done = "done",
        /// It was tried often enough, or was refused.
        Failed = "failed",
        Cancelled = "cancelled",
    }
);

impl State {
    /// Whether it has yet to end.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }
}

/// A job.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    pub id: JobId,
    pub kind: String,
    /// Whom or what it is about.
    pub subject: Uuid,
    pub args: Value,
    pub state: State,
    /// Per cent.
    pub progress: i64,
    pub progress_note: Option<String>,
    /// How often it was begun.
    pub attempts: i64,
    pub result: Option<Value>,
    /// Why it failed, or why it was tried again: what a caller may be told.
    pub error: Option<String>,
    pub created_by: Uuid,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}
from_row!(Job {
    id,
    kind,
    subject,
    args,
    state,
    progress,
    progress_note,
    attempts,
    result,
    error,
    created_by,
    created_at,
    updated_at,
});

/// A job to put down.
#[derive(Debug, Clone)]
pub struct NewJob {
    pub kind: &'static str,
    pub subject: Uuid,
    /// Ids and numbers alone: jobs are kept in plain words.
    pub args: Value,
    pub by: Uuid,
    /// When it is to run; at once when left out.
    pub run_after: Option<DateTime<Utc>>,
}

/// Puts a job into the transaction: it runs once that is durable, and never otherwise.
pub async fn enqueue(app: &App, tx: &mut Tx, new: NewJob) -> Result<JobId> {
    let (id, now) = (JobId::new(), app.clock().now());
    queries::add(tx, id, &new, now).await?;
    let jobs = app.edge::<Jobs>().clone();
    tx.after_commit(move || jobs.wake());
    Ok(id)
}

/// One job.
pub async fn job(sql: &mut impl Sql, id: JobId) -> Result<Option<Job>> {
    queries::by_id(sql, id).await
}

/// The jobs of one kind about a subject, the newest first, one row more than the page shows.
pub async fn of_subject(sql: &mut impl Sql, kind: &str, subject: Uuid, page: &PageQuery) -> Result<Vec<Job>> {
    queries::of_subject(sql, kind, subject, page).await
}

/// The job of one kind about a subject that has yet to end.
pub async fn open_of(sql: &mut impl Sql, kind: &str, subject: Uuid) -> Result<Option<JobId>> {
    queries::open_of(sql, kind, subject).await
}

/// Calls a job off; false when it has ended already. One that runs stops at its next report, and what it has begun is not
/// kept.
pub async fn cancel(tx: &mut Tx, id: JobId, now: DateTime<Utc>) -> Result<bool> {
    queries::cancel(tx, id, now).await
}

/// Calls off everything about a subject.
pub async fn cancel_of(tx: &mut Tx, subject: Uuid, now: DateTime<Utc>) -> Result<()> {
    queries::cancel_of(tx, subject, now).await
}

/// How many jobs failed since then.
pub async fn failed(sql: &mut impl Sql, since: DateTime<Utc>) -> Result<i64> {
    queries::failed(sql, since).await
}
