//! The keys that Google signs with: fetched, kept for a while, and fetched again for a key that is not known.
use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{App, Error, Result};
use serde_json::Value;
use tokio::sync::Mutex;

use super::tink;
use crate::client::{self, Client};

/// The keys by their numbers, each an uncompressed point. Only saves questions: what is not here is fetched.
#[derive(Default)]
pub struct Keyset(Mutex<Kept>);

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
        let now = app.clock().now();
        let mut kept = self.0.lock().await;
        let is_fresh = kept.fetched_at.is_some_and(|at| now < at + KEPT);
        if let (true, Some(key)) = (is_fresh, kept.keys.get(&number)) {
            return Ok(Some(key.clone()));
        }
        if kept.tried_at.is_none_or(|at| now >= at + BETWEEN) {
            kept.tried_at = Some(now);
            let said = client::once(client.http().get(url)).await;
            let keys = said.map_err(|_| Error::unavailable("the keys of Google Health cannot be had now"))?;
            (kept.keys, kept.fetched_at) = (read(&keys), Some(now));
        }
        let is_fresh = kept.fetched_at.is_some_and(|at| now < at + KEPT);
        match is_fresh {
            true => Ok(kept.keys.get(&number).cloned()),
            false => Err(Error::unavailable("the keys of Google Health cannot be had now")),
        }
    }
}

/// The keys of a document in Tink's form, or in that of RFC 7517 with numbers for names.
fn read(said: &Value) -> HashMap<u32, Vec<u8>> {
    let of_tink = said["key"].as_array().into_iter().flatten().filter_map(tink::key);
    let of_jwk = said["keys"].as_array().into_iter().flatten().filter_map(tink::jwk);
    of_tink.chain(of_jwk).collect()
}
