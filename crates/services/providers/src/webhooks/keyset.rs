//! The keys that Google signs with: fetched, kept for a while, and fetched again for a key that is not known.
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{App, Error, Result};
use serde_json::Value;

use super::tink;
use crate::client::{self, Client};

/// The keys by their numbers, each an uncompressed point. Only saves questions: what is not here is fetched.
#[derive(Default)]
pub struct Keyset {
    kept: Mutex<Kept>,
    /// Held by who fetches, so that those who need a key that is not here wait for one question, and nobody else waits.
    fetching: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Kept {
    fetched_at: Option<DateTime<Utc>>,
    tried_at: Option<DateTime<Utc>>,
    keys: HashMap<u32, Vec<u8>>,
}

/// A key that was withdrawn is not taken for longer than this.
const KEPT: TimeDelta = TimeDelta::hours(6);
/// Whoever makes up numbers of keys does not have them fetched more often.
const BETWEEN: TimeDelta = TimeDelta::seconds(10);

impl Keyset {
    /// The key of a number; none when Google has no such key. 503 when its keys cannot be had.
    pub async fn key(&self, app: &App, client: &Client, url: &str, number: u32) -> Result<Option<Vec<u8>>> {
        if let Some(key) = self.kept().fresh(app.clock().now()).and_then(|keys| keys.get(&number).cloned()) {
            return Ok(Some(key));
        }
        let _only = self.fetching.lock().await;
        let now = app.clock().now();
        if self.kept().may_fetch(number, now) {
            let said = client::once(client.http().get(url)).await;
            let keys = said.map_err(|_| Error::unavailable("the keys of Google Health cannot be had now"))?;
            let mut kept = self.kept();
            (kept.keys, kept.fetched_at) = (read(&keys), Some(now));
        }
        match self.kept().fresh(now) {
            Some(keys) => Ok(keys.get(&number).cloned()),
            None => Err(Error::unavailable("the keys of Google Health cannot be had now")),
        }
    }

    /// Never held while anything is waited for.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn fresh(&self, now: DateTime<Utc>) -> Option<&HashMap<u32, Vec<u8>>> {
        self.fetched_at.is_some_and(|at| now < at + KEPT).then_some(&self.keys)
    }

    /// Whether to fetch for this key, which is then tried. Somebody else may just have brought it.
    fn may_fetch(&mut self, number: u32, now: DateTime<Utc>) -> bool {
        let is_here = self.fresh(now).is_some_and(|keys| keys.contains_key(&number));
        let may = !is_here && self.tried_at.is_none_or(|at| now >= at + BETWEEN);
        if may {
            self.tried_at = Some(now);
        }
        may
    }
}

/// The keys of a document in Tink's form, or in that of RFC 7517 with numbers for names.
fn read(said: &Value) -> HashMap<u32, Vec<u8>> {
    let of_tink = said["key"].as_array().into_iter().flatten().filter_map(tink::key);
    let of_jwk = said["keys"].as_array().into_iter().flatten().filter_map(tink::jwk);
    of_tink.chain(of_jwk).collect()
}
