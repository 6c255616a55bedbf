//! Places for large bodies: so many are worked on at a time, and of one account fewer, because reading one takes several
//! times its size in memory.
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use kernel::{Error, Result};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use uuid::Uuid;

/// Bytes from which a body is large, as it comes or unpacked.
pub const LARGE: usize = 1024 * 1024;
/// Large bodies worked on at a time.
const PLACES: usize = 8;
/// The same of one account: a phone sends one after the other.
const OF_ONE: usize = 2;
/// How long a place is waited for; a client is waited for no longer than half a minute.
const PATIENCE: Duration = Duration::from_secs(20);

/// The edge that gives out places.
pub struct Large {
    all: Arc<Semaphore>,
    /// Those of the accounts that have or want one now.
    of: Mutex<HashMap<Uuid, Weak<Semaphore>>>,
    patience: Duration,
}

/// A place, taken until it is dropped.
pub struct Place {
    _of_all: OwnedSemaphorePermit,
    _of_one: OwnedSemaphorePermit,
}

impl Default for Large {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(PLACES)), of: Mutex::default(), patience: PATIENCE }
    }
}

impl Large {
    /// Waits for a place; 503 when none is given back in time.
    pub async fn place(&self, account: Uuid) -> Result<Place> {
        let own = self.own(account);
        let place = async {
            // One's own first: whoever waits for a second body keeps no place from others.
            let of_one = own.acquire_owned().await?;
            Ok(Place { _of_all: self.all.clone().acquire_owned().await?, _of_one: of_one })
        };
        let busy = || Error::unavailable("too many large bodies are being taken in; nothing was changed, try again");
        match timeout(self.patience, place).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err::<_, tokio::sync::AcquireError>(_)) | Err(_) => Err(busy()),
        }
    }

    fn own(&self, account: Uuid) -> Arc<Semaphore> {
        let mut of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = of.get(&account).and_then(Weak::upgrade) {
            return own;
        }
        // Those who hold or want a place hold their semaphore; the others are let go.
        of.retain(|_, own| own.strong_count() > 0);
        let own = Arc::new(Semaphore::new(OF_ONE));
        of.insert(account, Arc::downgrade(&own));
        own
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_account_has_two_places_and_all_together_eight() {
        let large = Large { patience: Duration::from_millis(20), ..Large::default() };
        let account = Uuid::from_u128;
        let (first, _second) = (large.place(account(1)).await.unwrap(), large.place(account(1)).await.unwrap());
        assert_eq!(large.place(account(1)).await.err().unwrap().status(), 503);
        let mut others = Vec::new();
        for n in 0..6 {
            others.push(large.place(account(2 + n / 2)).await.unwrap());
        }
        assert_eq!(large.place(account(9)).await.err().unwrap().status(), 503);
        drop(first);
        assert!(large.place(account(9)).await.is_ok());
        drop(others);
        assert!(large.place(account(1)).await.is_ok());
        assert!(large.place(account(20)).await.is_ok());
        assert!(large.of.lock().unwrap().len() <= 2, "who has no place is not remembered");
    }
}
