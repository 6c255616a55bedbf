//! Streams that are open on a basis which somebody may take back: they end before whoever took it back is answered.
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use store::Tx;
use tokio::sync::watch;
use uuid::Uuid;

/// The edge that knows the open streams of this process. Streams of other processes find out before they say the next
/// thing, since they ask the database.
#[derive(Clone, Default)]
pub struct Streams(Arc<Inner>);

#[derive(Default)]
struct Inner {
    /// By the basis that each was opened on.
    open: Mutex<HashMap<Uuid, watch::Sender<bool>>>,
    closed: AtomicU64,
}

impl Streams {
    /// A stream begins that rests on this basis; none for what nobody takes back.
    pub fn begin(&self, basis: Option<Uuid>) -> OpenStream {
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        // Those that nobody follows any more are swept when somebody comes.
        open.retain(|_, stream| stream.receiver_count() > 0);
        OpenStream(basis.map(|basis| open.entry(basis).or_insert_with(|| watch::Sender::new(false)).subscribe()))
    }

    /// Ends the streams that rest on this basis once the transaction is durable, and before its commit returns.
    pub fn close_after(&self, tx: &mut Tx, basis: Uuid) {
        let streams = self.clone();
        tx.after_commit(move || streams.close(basis));
    }

    fn close(&self, basis: Uuid) {
        self.0.closed.fetch_add(1, Ordering::SeqCst);
        let stream = self.0.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&basis);
        if let Some(stream) = stream {
            stream.send_replace(true);
        }
    }

    /// How often something was taken back in this process: whoever decided before it was asks again.
    pub fn taken_back(&self) -> u64 {
        self.0.closed.load(Ordering::SeqCst)
    }
}

/// An open stream.
pub struct OpenStream(Option<watch::Receiver<bool>>);

impl OpenStream {
    /// Whether it may say nothing more.
    pub fn is_closed(&self) -> bool {
        self.0.as_ref().is_some_and(|closed| *closed.borrow())
    }

    /// Comes back when it may say nothing more.
    pub async fn closed(&mut self) {
        if let Some(closed) = &mut self.0
            && closed.wait_for(|closed| *closed).await.is_ok()
        {
            return;
        }
        // An error means that its sender went without a word, which only the sweeping of streams without followers does.
        std::future::pending().await
    }
}
