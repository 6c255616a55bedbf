//! One attempt at a job, as its worker holds it.
use chrono::{DateTime, Utc};
use kernel::{App, Error, Result};
use store::Tx;
use uuid::Uuid;

use crate::queries::{self, Ending, Progress};
use crate::work::LEASE;
use crate::{Job, JobId, State};

/// An attempt at a job. Whatever it writes is written together with a [`report`](Self::report): from the moment the job is
/// called off or taken over, nothing of it is kept any more.
#[derive(Debug, Clone)]
pub struct Run {
    pub job: Job,
    pub(crate) owner: Uuid,
}

impl Run {
    pub(crate) fn name(&self) -> (JobId, Uuid, i64) {
        (self.job.id, self.owner, self.job.attempts)
    }

    /// Says in the worker's transaction how far it is, and keeps the job for a while longer. 409 when the job was called
    /// off, or is another's by now: drop the transaction and return the error.
    pub async fn report(&self, tx: &mut Tx, percent: i64, note: &str, now: DateTime<Utc>) -> Result<()> {
        let said = Progress { percent: Some(percent.clamp(0, 99)), note: Some(note) };
        match queries::report(tx, self.name(), said, now + LEASE, now).await? {
            true => Ok(()),
            false => Err(Error::conflict("the job was called off, or is done by another")),
        }
    }

    /// Keeps the job; false when it is not this attempt's any more.
    pub(crate) async fn renew(&self, app: &App) -> Result<bool> {
        let (mut tx, now) = (app.db().begin().await?, app.clock().now());
        let kept = queries::report(&mut tx, self.name(), Progress::default(), now + LEASE, now).await?;
        tx.commit().await?;
        Ok(kept)
    }

    pub(crate) async fn end(&self, app: &App, ending: &Ending<'_>) -> Result<()> {
        let mut tx = app.db().begin().await?;
        queries::end(&mut tx, self.name(), ending, app.clock().now()).await?;
        Ok(tx.commit().await?)
    }

    pub(crate) async fn fail(&self, app: &App, why: &str) -> Result<()> {
        self.end(app, &Ending { state: State::Failed, result: None, error: Some(why) }).await
    }

    pub(crate) async fn try_again(&self, app: &App, at: DateTime<Utc>, why: &str) -> Result<()> {
        let mut tx = app.db().begin().await?;
        queries::again(&mut tx, self.name(), at, why, app.clock().now()).await?;
        Ok(tx.commit().await?)
    }
}
