//! Streams that are open on a basis which somebody may take back: they end before whoever took it back is answered.
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use kernel::{App, Error, PatientId, Result};
use store::Tx;
use tokio::sync::watch;
use uuid::Uuid;

use crate::{Action, Caller, Category, Decision, Span, decide, relation};

/// The edge that knows the open streams of this process. Streams of other processes find out before they say the next
/// thing, since they ask the database.
#[derive(Clone, Default)]
pub struct Streams(Arc<Inner>);

#[derive(Default)]
struct Inner {
    /// By the basis that each was opened on.
    open: Mutex<HashMap<Uuid, watch::Sender<bool>>>,
    closed: AtomicU64,
    /// How many streams each account or device has open.
    places: Mutex<HashMap<Uuid, usize>>,
    /// The most that one may have; 0 sets no limit.
    each: usize,
    /// How many there are together.
    taken: watch::Sender<usize>,
    stopping: watch::Sender<bool>,
}

impl Streams {
    /// With at most so many open streams of one account or device; 0 sets no limit.
    pub fn new(each: usize) -> Self {
        Self(Arc::new(Inner { each, ..Inner::default() }))
    }

    /// A place for one more stream of this caller, held until it is dropped. 429 when all of them are taken.
    pub fn place(&self, caller: &Caller) -> Result<Place> {
        let mut places = self.0.places.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = places.entry(caller.actor).or_default();
        if self.0.each > 0 && *taken >= self.0.each {
            let why = format!("{taken} streams of this account are open already; close one of them first");
            return Err(Error::too_many(why).retry_after(1));
        }
        *taken += 1;
        self.0.taken.send_modify(|all| *all += 1);
        Ok(Place { streams: self.clone(), actor: caller.actor })
    }

    /// A stream begins that rests on this basis; none for what nobody takes back.
    pub fn begin(&self, basis: Option<Uuid>) -> OpenStream {
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        // Those that nobody follows any more are swept when somebody comes.
        open.retain(|_, stream| stream.receiver_count() > 0);
        let basis = basis.map(|basis| open.entry(basis).or_insert_with(|| watch::Sender::new(false)).subscribe());
        OpenStream { basis, stopping: self.0.stopping.subscribe() }
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

    /// Ends every stream, as when the process is told to stop.
    pub fn stop(&self) {
        self.0.stopping.send_replace(true);
    }

    /// Comes back when no place is taken.
    pub async fn all_ended(&self) {
        // Never an error: the sender is here.
        let _ = self.0.taken.subscribe().wait_for(|taken| *taken == 0).await;
    }
}

/// One of the places that a caller's streams may take.
pub struct Place {
    streams: Streams,
    actor: Uuid,
}

impl Drop for Place {
    fn drop(&mut self) {
        let inner = &self.streams.0;
        let mut places = inner.places.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut taken) = places.entry(self.actor) {
            *taken.get_mut() -= 1;
            if *taken.get() == 0 {
                taken.remove();
            }
        }
        inner.taken.send_modify(|all| *all -= 1);
    }
}

/// An open stream.
#[derive(Clone)]
pub struct OpenStream {
    basis: Option<watch::Receiver<bool>>,
    stopping: watch::Receiver<bool>,
}

impl OpenStream {
    /// Whether it may say nothing more.
    pub fn is_closed(&self) -> bool {
        *self.stopping.borrow() || self.basis.as_ref().is_some_and(|closed| *closed.borrow())
    }

    /// Comes back when it may say nothing more.
    pub async fn closed(&mut self) {
        let taken_back = async {
            if let Some(closed) = &mut self.basis
                && closed.wait_for(|closed| *closed).await.is_ok()
            {
                return;
            }
            // An error means that its sender went without a word, which only the sweeping of streams without followers does.
            std::future::pending().await
        };
        tokio::select! {
            () = taken_back => {}
            // An error means that the process is going down.
            _ = self.stopping.wait_for(|stopping| *stopping) => {}
        }
    }
}

/// Those of these categories that a caller who follows a patient live may still read, and of which time. The look was put
/// on the chain when following began.
pub async fn still_open(
    app: &App,
    caller: &Caller,
    patient: PatientId,
    categories: &[Category],
) -> Result<Vec<(Category, Span)>> {
    let (relations, now) = (relation::of_patient(&mut app.db(), patient).await?, app.clock().now());
    let open = categories.iter().filter_map(|category| {
        match decide(caller, Action::Read, *category, patient, &relations, now) {
            Decision::Allowed { reach, .. } => Some((*category, reach.span)),
            Decision::Refused(_) => None,
        }
    });
    Ok(open.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Role;

    fn caller(actor: u128) -> Caller {
        Caller { actor: Uuid::from_u128(actor), role: Role::Nurse, reference: None, session: None }
    }

    #[test]
    fn an_account_opens_so_many_streams_and_no_more_until_one_ends() {
        let streams = Streams::new(2);
        let (first, _second) = (streams.place(&caller(1)).unwrap(), streams.place(&caller(1)).unwrap());
        let refused = streams.place(&caller(1)).map(drop).unwrap_err();
        assert_eq!(refused.status().as_u16(), 429);
        let _others = streams.place(&caller(2)).unwrap();
        drop(first);
        let _third = streams.place(&caller(1)).unwrap();
        assert!(streams.place(&caller(1)).is_err());
    }

    #[tokio::test]
    async fn all_streams_end_when_the_process_is_told_to_stop() {
        let streams = Streams::new(0);
        let (place, mut open) = (streams.place(&caller(1)).unwrap(), streams.begin(Some(Uuid::nil())));
        assert!(!open.is_closed());
        streams.stop();
        open.closed().await;
        assert!(open.is_closed() && streams.begin(None).is_closed());
        drop(place);
        streams.all_ended().await;
    }
}
