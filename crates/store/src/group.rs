//! Group commit: requests that wait while a transaction runs share the next one, and its one sync to disk.
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt as _;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use crate::{Db, Error, Result, Tx};

/// Work done for many requests in one transaction.
pub trait Work: Send + Sync + 'static {
    type Ask: Send + Sync + 'static;
    type Answer: Send + 'static;
    /// Answers each ask, in order. An error fails the transaction; each ask is then tried in one of its own.
    fn run(&self, tx: &mut Tx, asks: &[Self::Ask]) -> impl Future<Output = Result<Vec<Self::Answer>>> + Send;
    /// What the ask is about. Asks about one thing are never in two transactions at a time, so that these do not wait for
    /// each other's rows.
    fn about(ask: &Self::Ask) -> Uuid;
}

/// Queues of asks, answered once their transaction is durable.
pub struct GroupCommit<W: Work>(Vec<mpsc::Sender<Queued<W>>>);

impl<W: Work> Clone for GroupCommit<W> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

type Waiter<W> = oneshot::Sender<Result<<W as Work>::Answer>>;
type Queued<W> = (<W as Work>::Ask, Waiter<W>);

/// Asks in one transaction at most.
const BATCH: usize = 256;
/// PostgreSQL computes one group while another waits for its sync.
const POSTGRES_LANES: usize = 2;

impl<W: Work> GroupCommit<W> {
    pub fn start(db: &Db, work: W) -> Self {
        let work = Arc::new(work);
        let lane = |_| {
            let (sender, queue) = mpsc::channel(4 * BATCH);
            start_lane(db, queue, work.clone());
            sender
        };
        Self((0..if db.is_sqlite() { 1 } else { POSTGRES_LANES }).map(lane).collect())
    }

    /// Queues the ask and waits until its transaction is durable.
    pub async fn submit(&self, ask: W::Ask) -> Result<W::Answer> {
        let (sender, answer) = oneshot::channel();
        // The last bytes of an id are random in every version of UUID that is made here.
        let lane = W::about(&ask).as_u128() as usize % self.0.len();
        self.0[lane].send((ask, sender)).await.map_err(|_| Error::unavailable("shutting down"))?;
        answer.await.map_err(|_| Error::unavailable("the work was interrupted"))?
    }
}

/// A lane has a thread of its own: among the requests' tasks it would wait its turn, after each word with the database,
/// while they all wait for it.
fn start_lane<W: Work>(db: &Db, queue: mpsc::Receiver<Queued<W>>, work: Arc<W>) {
    let (requests, db) = (Handle::current(), db.clone());
    let run = move || match db.is_sqlite() {
        true => requests.block_on(serve(db, queue, work, &requests)),
        // Connections belong to the runtime that opened them, so this lane opens its own.
        false => match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(own) => own.block_on(async {
                match db.apart() {
                    Ok(apart) => serve(apart, queue, work, &requests).await,
                    Err(error) => tracing::error!(%error, "a commit lane has no connections"),
                }
            }),
            Err(error) => tracing::error!(%error, "a commit lane has no runtime"),
        },
    };
    if let Err(error) = std::thread::Builder::new().name("commit".into()).spawn(run) {
        // Its queue is closed with it, so that every ask is told that the work is not available.
        tracing::error!(%error, "a commit lane cannot start");
    }
}

async fn serve<W: Work>(db: Db, mut queue: mpsc::Receiver<Queued<W>>, work: Arc<W>, requests: &Handle) {
    let mut queued = Vec::with_capacity(BATCH);
    while queue.recv_many(&mut queued, BATCH).await > 0 {
        let (asks, waiting): (Vec<_>, Vec<_>) = queued.drain(..).unzip();
        match transact(&db, &*work, &asks).await {
            Ok(answers) => answer::<W>(requests, waiting, answers.into_iter().map(Ok)),
            Err(error) if !error.is_deadlock() && (asks.len() == 1 || matches!(error, Error::Unavailable(_))) => {
                answer::<W>(requests, waiting, std::iter::repeat_with(move || Err(error.clone())));
            }
            Err(_) => {
                for (ask, waiter) in asks.iter().zip(waiting) {
                    let alone = transact(&db, &*work, std::slice::from_ref(ask)).await;
                    let _ = waiter.send(alone.and_then(|mut answers| answers.pop().ok_or_else(unanswered)));
                }
            }
        }
    }
}

/// Answers from a task of the requests' own runtime: from this thread each answer would wake another thread by itself.
fn answer<W: Work>(
    requests: &Handle,
    waiting: Vec<Waiter<W>>,
    answers: impl Iterator<Item = Result<W::Answer>> + Send + 'static,
) {
    requests.spawn(async move {
        waiting.into_iter().zip(answers).for_each(|(waiter, answer)| {
            // Whoever stopped waiting does not need the answer.
            let _ = waiter.send(answer);
        });
    });
}

/// A panic is an error of its group, and not the end of the lane.
async fn transact<W: Work>(db: &Db, work: &W, asks: &[W::Ask]) -> Result<Vec<W::Answer>> {
    let outcome = AssertUnwindSafe(commit(db, work, asks)).catch_unwind().await;
    outcome.unwrap_or_else(|_| Err(Error::internal("the work of a group panicked")))
}

async fn commit<W: Work>(db: &Db, work: &W, asks: &[W::Ask]) -> Result<Vec<W::Answer>> {
    let mut tx = db.begin().await?;
    let answers = work.run(&mut tx, asks).await?;
    if answers.len() != asks.len() {
        return Err(unanswered());
    }
    tx.commit().await?;
    Ok(answers)
}

fn unanswered() -> Error {
    Error::internal("not every ask of a group was answered")
}
