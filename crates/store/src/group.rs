//! Group commit: requests that wait while a transaction runs share the next one, and its one sync to disk.
use std::sync::Arc;

use tokio::sync::{Mutex, mpsc, oneshot};

use crate::{Db, Error, Result, Tx};

/// Work done for many requests in one transaction.
pub trait Work: Send + Sync + 'static {
    type Ask: Send + Sync + 'static;
    type Answer: Send + 'static;
    /// Answers each ask, in order. An error fails the transaction; each ask is then tried in one of its own.
    fn run(&self, tx: &mut Tx, asks: &[Self::Ask]) -> impl Future<Output = Result<Vec<Self::Answer>>> + Send;
}

/// A queue of asks, answered once their transaction is durable.
pub struct GroupCommit<W: Work>(mpsc::Sender<Queued<W>>);

impl<W: Work> Clone for GroupCommit<W> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

type Queued<W> = (<W as Work>::Ask, oneshot::Sender<Result<<W as Work>::Answer>>);

/// Asks in one transaction at most.
const BATCH: usize = 256;
/// PostgreSQL computes one group while another waits for its sync.
const POSTGRES_LANES: usize = 2;

impl<W: Work> GroupCommit<W> {
    pub fn start(db: &Db, work: W) -> Self {
        let (sender, queue) = mpsc::channel(4 * BATCH);
        let (queue, work) = (Arc::new(Mutex::new(queue)), Arc::new(work));
        for _ in 0..if db.is_sqlite() { 1 } else { POSTGRES_LANES } {
            tokio::spawn(serve(db.clone(), queue.clone(), work.clone()));
        }
        Self(sender)
    }

    /// Queues the ask and waits until its transaction is durable.
    pub async fn submit(&self, ask: W::Ask) -> Result<W::Answer> {
        let (sender, answer) = oneshot::channel();
        self.0.send((ask, sender)).await.map_err(|_| Error::unavailable("shutting down"))?;
        answer.await.map_err(|_| Error::unavailable("the work was interrupted"))?
    }
}

async fn serve<W: Work>(db: Db, queue: Arc<Mutex<mpsc::Receiver<Queued<W>>>>, work: Arc<W>) {
    let mut queued = Vec::with_capacity(BATCH);
    while queue.lock().await.recv_many(&mut queued, BATCH).await > 0 {
        let (asks, waiting): (Vec<_>, Vec<_>) = queued.drain(..).unzip();
        match transact(&db, &*work, &asks).await {
            Ok(answers) => waiting.into_iter().zip(answers).for_each(|(waiter, answer)| {
                let _ = waiter.send(Ok(answer));
            }),
            Err(error) if asks.len() == 1 || matches!(error, Error::Unavailable(_)) => {
                waiting.into_iter().for_each(|waiter| {
                    let _ = waiter.send(Err(error.clone()));
                });
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

async fn transact<W: Work>(db: &Db, work: &W, asks: &[W::Ask]) -> Result<Vec<W::Answer>> {
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
