//! The table of jobs.
use chrono::{DateTime, Utc};
use kernel::{PageQuery, Result};
use serde_json::Value;
use store::{Sql, Tx, args, sql};
use uuid::Uuid;

use crate::{Job, JobId, NewJob, State};

macro_rules! jobs {
    ($rest:literal) => {
        concat!(
            "SELECT id, kind, subject, args, state, progress, progress_note, attempts, result, error, created_by,
                created_at, updated_at
            FROM jobs ",
            $rest
        )
    };
}

sql!(
    JOB_ADD = "INSERT INTO jobs
        (id, kind, subject, args, state, progress, attempts, run_after, created_by, created_at, updated_at)
    VALUES ($1, $2, $3, $4, 'queued', 0, 0, $5, $6, $7, $7)"
);

pub async fn add(tx: &mut Tx, id: JobId, new: &NewJob, now: DateTime<Utc>) -> Result<()> {
    let run_after = new.run_after.unwrap_or(now);
    tx.run(&JOB_ADD, args![id, new.kind, new.subject, &new.args, run_after, new.by, now]).await?;
    Ok(())
}

sql!(JOB_BY_ID = jobs!("WHERE id = $1"));

pub async fn by_id(sql: &mut impl Sql, id: JobId) -> Result<Option<Job>> {
    Ok(sql.one(&JOB_BY_ID, args![id]).await?)
}

sql!(JOBS_OF = jobs!("WHERE subject = $1 AND kind = $2 AND id < $3 ORDER BY id DESC LIMIT $4 OFFSET $5"));

pub async fn of_subject(sql: &mut impl Sql, kind: &str, subject: Uuid, page: &PageQuery) -> Result<Vec<Job>> {
    let before = page.after()?.unwrap_or(Uuid::max());
    Ok(sql.all(&JOBS_OF, args![subject, kind, before, page.rows(), page.skip()]).await?)
}

sql!(
    JOB_OPEN_OF = "SELECT id AS value FROM jobs
    WHERE subject = $1 AND kind = $2 AND state IN ('queued', 'running')
    LIMIT 1"
);

pub async fn open_of(sql: &mut impl Sql, kind: &str, subject: Uuid) -> Result<Option<JobId>> {
    Ok(sql.one(&JOB_OPEN_OF, args![subject, kind]).await?)
}

sql!(
    JOB_CANCEL = "UPDATE jobs
    SET state = 'cancelled', lease_owner = NULL, leased_until = NULL, updated_at = $2
    WHERE id = $1 AND state IN ('queued', 'running')"
);

pub async fn cancel(tx: &mut Tx, id: JobId, now: DateTime<Utc>) -> Result<bool> {
    Ok(tx.run(&JOB_CANCEL, args![id, now]).await? > 0)
}

sql!(
    JOBS_CANCEL_OF = "UPDATE jobs
    SET state = 'cancelled', lease_owner = NULL, leased_until = NULL, updated_at = $2
    WHERE subject = $1 AND state IN ('queued', 'running')"
);

pub async fn cancel_of(tx: &mut Tx, subject: Uuid, now: DateTime<Utc>) -> Result<()> {
    tx.run(&JOBS_CANCEL_OF, args![subject, now]).await?;
    Ok(())
}

sql!(JOBS_FAILED = "SELECT count(*) AS value FROM jobs WHERE state = 'failed' AND updated_at >= $1");

pub async fn failed(sql: &mut impl Sql, since: DateTime<Utc>) -> Result<i64> {
    Ok(sql.one(&JOBS_FAILED, args![since]).await?.unwrap_or_default())
}

/// Jobs looked at together for one to begin.
const CANDIDATES: i64 = 20;

sql!(JOBS_WAITING = jobs!("WHERE state = 'queued' AND run_after <= $1 AND kind = $2 ORDER BY run_after, id LIMIT $3"));
sql!(
    JOBS_ABANDONED =
        jobs!("WHERE state = 'running' AND leased_until < $1 AND kind = $2 ORDER BY leased_until LIMIT $3")
);

/// Jobs of a kind that may be begun: those whose time has come, and those whose worker was not heard of any more.
pub async fn ready(sql: &mut impl Sql, kind: &str, now: DateTime<Utc>) -> Result<Vec<Job>> {
    let mut ready: Vec<Job> = sql.all(&JOBS_ABANDONED, args![now, kind, CANDIDATES]).await?;
    ready.append(&mut sql.all(&JOBS_WAITING, args![now, kind, CANDIDATES]).await?);
    Ok(ready)
}

sql!(
    JOB_TAKE = "UPDATE jobs
    SET state = 'running', attempts = attempts + 1, lease_owner = $2, leased_until = $3, updated_at = $4
    WHERE id = $1 AND ((state = 'queued' AND run_after <= $4) OR (state = 'running' AND leased_until < $4))
    RETURNING id, kind, subject, args, state, progress, progress_note, attempts, result, error, created_by, created_at,
        updated_at"
);

/// Begins a job. None when another was faster: of two who try at once, the database lets one through.
pub async fn take(
    tx: &mut Tx,
    id: JobId,
    owner: Uuid,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Option<Job>> {
    Ok(tx.one(&JOB_TAKE, args![id, owner, until, now]).await?)
}

sql!(
    /// A worker is known by its name and by the attempt: an earlier attempt of the same worker is another one.
    JOB_REPORT = "UPDATE jobs
    SET progress = COALESCE($4, progress), progress_note = COALESCE($5, progress_note), leased_until = $6, updated_at = $7
    WHERE id = $1 AND lease_owner = $2 AND attempts = $3"
);

/// What a worker says of its job.
#[derive(Debug, Clone, Copy, Default)]
pub struct Progress<'a> {
    pub percent: Option<i64>,
    pub note: Option<&'a str>,
}

/// Renews a lease; false when the job is not this worker's any more.
pub async fn report(
    tx: &mut Tx,
    (id, owner, attempt): (JobId, Uuid, i64),
    said: Progress<'_>,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool> {
    Ok(tx.run(&JOB_REPORT, args![id, owner, attempt, said.percent, said.note, until, now]).await? > 0)
}

sql!(
    JOB_END = "UPDATE jobs
    SET state = $4, progress = CASE WHEN $4 = 'done' THEN 100 ELSE progress END, result = $5, error = $6,
        lease_owner = NULL, leased_until = NULL, updated_at = $7
    WHERE id = $1 AND lease_owner = $2 AND attempts = $3"
);

/// How a job ended.
pub struct Ending<'a> {
    pub state: State,
    pub result: Option<&'a Value>,
    pub error: Option<&'a str>,
}

/// Ends a job; false when it is not this worker's any more.
pub async fn end(
    tx: &mut Tx,
    (id, owner, attempt): (JobId, Uuid, i64),
    ending: &Ending<'_>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let row = args![id, owner, attempt, ending.state, ending.result.cloned(), ending.error, now];
    Ok(tx.run(&JOB_END, row).await? > 0)
}

sql!(
    JOB_AGAIN = "UPDATE jobs
    SET state = 'queued', run_after = $4, error = $5, lease_owner = NULL, leased_until = NULL, updated_at = $6
    WHERE id = $1 AND lease_owner = $2 AND attempts = $3"
);

/// Puts a job back, to be tried again then.
pub async fn again(
    tx: &mut Tx,
    (id, owner, attempt): (JobId, Uuid, i64),
    run_after: DateTime<Utc>,
    error: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    tx.run(&JOB_AGAIN, args![id, owner, attempt, run_after, error, now]).await?;
    Ok(())
}

sql!(
    JOBS_RELEASE = "UPDATE jobs
    SET state = 'queued', attempts = attempts - 1, run_after = $2, lease_owner = NULL, leased_until = NULL, updated_at = $2
    WHERE lease_owner = $1"
);

/// Puts back what a worker that stops has begun. To be stopped is not to have failed, so it does not count.
pub async fn release(tx: &mut Tx, owner: Uuid, now: DateTime<Utc>) -> Result<()> {
    tx.run(&JOBS_RELEASE, args![owner, now]).await?;
    Ok(())
}

sql!(JOBS_SWEEP = "DELETE FROM jobs WHERE state IN ('done', 'failed', 'cancelled') AND updated_at < $1");

/// Forgets jobs that ended before then.
pub async fn sweep(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64> {
    Ok(tx.run(&JOBS_SWEEP, args![before]).await?)
}
