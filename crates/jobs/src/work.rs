//! The loop: takes what is ready, does it beside other work, and settles how it ended.
use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use futures::FutureExt as _;
use kernel::{App, Error, Result};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::queries::{self, Ending};
use crate::workers::Lane;
use crate::{Job, JobId, Jobs, Outcome, Run, State, Worker};

/// How long a job is its worker's without a word from it.
pub const LEASE: TimeDelta = TimeDelta::seconds(20);
/// How often a worker says that it is still there: often enough that two missed words lose nothing.
const RENEW: Duration = Duration::from_secs(5);
/// How often the table is looked at without having been woken: for other processes' jobs, and for those whose time comes.
const LOOK: Duration = Duration::from_secs(1);
/// How long ended jobs are kept.
const KEEP: TimeDelta = TimeDelta::days(30);
const SWEEP: Duration = Duration::from_secs(3600);
/// The first wait before a job is tried again. It doubles each time.
const PATIENCE: TimeDelta = TimeDelta::seconds(5);
const MOST_PATIENCE: TimeDelta = TimeDelta::minutes(10);
/// How long a process that stops waits for its loops.
const GOODBYE: Duration = Duration::from_secs(3);

/// One loop's name and the jobs it is at.
#[derive(Clone)]
struct Bench {
    app: App,
    lane: Lane,
    owner: Uuid,
    busy: Arc<Mutex<HashSet<JobId>>>,
}

/// Works at the jobs of one lane until the process stops.
pub async fn work(app: App, lane: Lane) {
    let jobs = app.edge::<Jobs>().clone();
    let bench = Bench { app, lane, owner: kernel::ids::secret(), busy: Arc::default() };
    let (mut running, mut stopping) = (JoinSet::new(), jobs.stopping());
    let mut sweep = tokio::time::interval(SWEEP);
    jobs.begin_loop();
    loop {
        while running.len() < lane.at_once() {
            match bench.take().await {
                Ok(Some((run, worker))) => drop(running.spawn(bench.clone().carry_out(run, worker))),
                Ok(None) => break,
                Err(error) => {
                    tracing::warn!(%error, "jobs could not be looked for");
                    break;
                }
            }
        }
        tokio::select! {
            () = jobs.woken(lane) => {}
            Some(_) = running.join_next(), if !running.is_empty() => {}
            () = tokio::time::sleep(LOOK) => {}
            _ = sweep.tick() => bench.sweep().await,
            () = async { drop(stopping.wait_for(|stop| *stop).await) } => break,
        }
    }
    running.shutdown().await;
    if let Err(error) = bench.release().await {
        tracing::warn!(%error, "begun jobs could not be put back; others take them over soon");
    }
    jobs.end_loop();
}

/// Stops this process' loops and puts back what they have begun, so that the next process goes on with it at once.
pub async fn stop(app: &App) {
    let _ = tokio::time::timeout(GOODBYE, app.edge::<Jobs>().stop()).await;
}

impl Bench {
    /// The next job that somebody here knows how to do.
    async fn take(&self) -> Result<Option<(Run, Worker)>> {
        let (now, mut ready) = (self.app.clock().now(), Vec::new());
        for (kind, worker) in self.app.edge::<Jobs>().of_lane(self.lane) {
            let of_kind = queries::ready(&mut self.app.db(), kind, now).await?;
            ready.extend(of_kind.into_iter().map(|job| (job, worker)));
        }
        // Of several kinds, in the order they were put down.
        ready.sort_by_key(|(job, _)| job.id);
        for (job, worker) in ready {
            if self.busy().contains(&job.id) {
                continue;
            }
            let mut tx = self.app.db().begin().await?;
            let taken = queries::take(&mut tx, job.id, self.owner, now + LEASE, now).await?;
            tx.commit().await?;
            if let Some(run) = self.begun(taken, worker).await? {
                return Ok(Some((run, worker)));
            }
        }
        Ok(None)
    }

    /// A job that takes its process down each time is not begun for ever.
    async fn begun(&self, taken: Option<Job>, worker: Worker) -> Result<Option<Run>> {
        let Some(job) = taken else { return Ok(None) };
        let run = Run { job, owner: self.owner };
        if run.job.attempts > worker.attempts {
            run.fail(&self.app, "it was interrupted too often").await?;
            return Ok(None);
        }
        self.busy().insert(run.job.id);
        Ok(Some(run))
    }

    async fn carry_out(self, run: Run, worker: Worker) {
        tokio::select! {
            outcome = AssertUnwindSafe((worker.run)(&self.app, &run)).catch_unwind() => {
                let outcome = outcome.unwrap_or_else(|_| Err(Error::internal("the worker panicked")));
                self.settle(&run, worker, outcome).await;
            }
            () = self.lost(&run) => tracing::info!(job = %run.job.id, "a job was called off or taken over"),
        }
        self.busy().remove(&run.job.id);
    }

    /// Says now and then that the worker is still there; ends when the job is not its own any more.
    async fn lost(&self, run: &Run) {
        loop {
            tokio::time::sleep(RENEW).await;
            match run.renew(&self.app).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => tracing::warn!(%error, job = %run.job.id, "a job's lease was not renewed"),
            }
        }
    }

    /// Writes down how it ended. While the database does not answer, the job stays this worker's until its lease is over.
    async fn settle(&self, run: &Run, worker: Worker, outcome: Outcome) {
        let written = match &outcome {
            Ok(result) => run.end(&self.app, &Ending { state: State::Done, result: Some(result), error: None }).await,
            Err(error) if error.status().is_server_error() && run.job.attempts < worker.attempts => {
                tracing::warn!(%error, job = %run.job.id, kind = run.job.kind, "a job failed and is tried again");
                let at = self.app.clock().now() + wait(run.job.attempts);
                run.try_again(&self.app, at, error.detail()).await
            }
            Err(error) => {
                tracing::warn!(%error, job = %run.job.id, kind = run.job.kind, "a job failed");
                run.fail(&self.app, error.detail()).await
            }
        };
        if let Err(error) = written {
            tracing::warn!(%error, job = %run.job.id, "how a job ended could not be written down");
        }
    }

    async fn release(&self) -> Result<()> {
        let mut tx = self.app.db().begin().await?;
        queries::release(&mut tx, self.owner, self.app.clock().now()).await?;
        Ok(tx.commit().await?)
    }

    async fn sweep(&self) {
        let swept = async {
            let mut tx = self.app.db().begin().await?;
            queries::sweep(&mut tx, self.app.clock().now() - KEEP).await?;
            Ok::<_, Error>(tx.commit().await?)
        };
        if let Err(error) = swept.await {
            tracing::warn!(%error, "old jobs were not swept");
        }
    }

    fn busy(&self) -> std::sync::MutexGuard<'_, HashSet<JobId>> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Doubles with each attempt, up to a bound, and is spread by up to a half, so that what failed together does not come
/// back together.
fn wait(attempts: i64) -> TimeDelta {
    let doubled = PATIENCE * (1 << (attempts.clamp(1, 10) - 1));
    let wait = doubled.min(MOST_PATIENCE);
    let spread = (kernel::ids::secret().as_u128() % 1000) as i32;
    wait + wait / 2 * spread / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_is_longer_than_the_one_before_up_to_a_bound() {
        for attempts in 1..7 {
            assert!(wait(attempts) >= PATIENCE * (1 << (attempts - 1)) && wait(attempts) < wait(attempts + 1) * 2);
        }
        assert!(wait(50) >= MOST_PATIENCE && wait(50) <= MOST_PATIENCE * 3 / 2);
    }
}
