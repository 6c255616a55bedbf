//! Who does which kind of job, and the bell that wakes them.
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use futures::future::BoxFuture;
use kernel::{App, Result};
use serde_json::Value;
use tokio::sync::{Notify, watch};

use crate::Run;

/// What a worker leaves behind: ids and numbers alone.
pub type Outcome = Result<Value>;

/// How one kind of job is done.
#[derive(Clone, Copy)]
pub struct Worker {
    /// Does the job. An error of ours (5xx) is tried again, a refusal (4xx) is final: what is not allowed now will not be
    /// allowed in a minute. The future may be dropped wherever it waits, as when the job is called off.
    pub run: for<'a> fn(&'a App, &'a Run) -> BoxFuture<'a, Outcome>,
    /// How often it is begun at most.
    pub attempts: i64,
}

/// Jobs of one lane wait for each other, and for none of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// They take the processor, which those who wait for an answer need as well.
    Working,
    /// They wait for others' answers, which may be long in coming.
    Asking,
}

impl Lane {
    /// Jobs of it done at once in one process.
    pub fn at_once(self) -> usize {
        match self {
            Self::Working => 2,
            Self::Asking => 8,
        }
    }
}

/// The edge: workers by kind, and whether this process is about to stop. Cheap to clone.
#[derive(Clone)]
pub struct Jobs(Arc<Inner>);

struct Inner {
    workers: RwLock<HashMap<&'static str, (Worker, Lane)>>,
    /// One a lane.
    bells: [Notify; 2],
    stop: watch::Sender<bool>,
    /// Loops that run in this process.
    pub(crate) loops: watch::Sender<usize>,
}

impl Default for Jobs {
    fn default() -> Self {
        Self(Arc::new(Inner {
            workers: RwLock::default(),
            bells: Default::default(),
            stop: watch::Sender::new(false),
            loops: watch::Sender::new(0),
        }))
    }
}

impl Jobs {
    /// Says how a kind of job is done. Services do so when they open, before the first job is looked for.
    pub fn register(&self, kind: &'static str, worker: Worker) {
        self.put(kind, worker, Lane::Working);
    }

    /// As [`register`](Self::register), for a kind that mostly waits for somebody else's answer: however long that takes, jobs
    /// of other kinds go on.
    pub fn register_asking(&self, kind: &'static str, worker: Worker) {
        self.put(kind, worker, Lane::Asking);
    }

    fn put(&self, kind: &'static str, worker: Worker, lane: Lane) {
        self.0.workers.write().unwrap_or_else(PoisonError::into_inner).insert(kind, (worker, lane));
    }

    /// The kinds of one lane, with how they are done.
    pub(crate) fn of_lane(&self, lane: Lane) -> Vec<(&'static str, Worker)> {
        let workers = self.0.workers.read().unwrap_or_else(PoisonError::into_inner);
        let of_lane = workers.iter().filter(|(_, (_, found))| *found == lane);
        of_lane.map(|(kind, (worker, _))| (*kind, *worker)).collect()
    }

    pub(crate) fn wake(&self) {
        self.0.bells.iter().for_each(Notify::notify_one);
    }

    /// Waits for the bell of a lane.
    pub(crate) async fn woken(&self, lane: Lane) {
        self.0.bells[lane as usize].notified().await;
    }

    /// Tells when this process is about to stop.
    pub(crate) fn stopping(&self) -> watch::Receiver<bool> {
        self.0.stop.subscribe()
    }

    pub(crate) fn begin_loop(&self) {
        self.0.loops.send_modify(|loops| *loops += 1);
    }

    pub(crate) fn end_loop(&self) {
        self.0.loops.send_modify(|loops| *loops -= 1);
    }

    /// Asks every loop of this process to stop, and waits until they have.
    pub(crate) async fn stop(&self) {
        self.0.stop.send_replace(true);
        // An error means that nobody counts any more.
        let _ = self.0.loops.subscribe().wait_for(|loops| *loops == 0).await;
    }
}
