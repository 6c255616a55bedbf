//! Further signing keys: made, and learnt by every process over one database. Nobody is logged out by a new one.
use std::sync::Arc;
use std::sync::atomic::Ordering;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Error, Result};
use store::{Db, Sql as _, Tx, args, from_row, sql};
use uuid::Uuid;

use crate::keys::Vault;
use crate::secrets::new_signing_key;
use crate::tokens::{Claims, Held, Key};
use crate::{SealedColumn, sealed_column};

/// How long the keys before a new one go on counting: longer than any access token lives.
pub const OVERLAP: TimeDelta = TimeDelta::hours(1);
/// How often strange tokens make a process look for new keys, at most.
const LOOK_AGAIN: i64 = 5;

struct Stored {
    id: String,
    sealed: Vec<u8>,
    others_until: DateTime<Utc>,
}
from_row!(Stored { id, sealed, others_until });

sql!(SIGNING_KEY_ADD = "INSERT INTO signing_keys (id, sealed, others_until, created_at) VALUES ($1, $2, $3, $4)");
sql!(SIGNING_KEYS = "SELECT id, sealed, others_until FROM signing_keys ORDER BY created_at DESC, id");

/// What is sealed here with the master key.
pub static SYSTEM: &[SealedColumn] =
    &[sealed_column!("signing_keys"."sealed" of "CAST($1 AS uuid) IS NOT NULL" by (id: String),
        |row| (purpose(&row.id), Uuid::nil()), System)];

impl Vault {
    /// Makes a key that signs from now on and answers its `kid`. The keys before it count until `others_until`.
    pub async fn add_signing_key(
        &self,
        tx: &mut Tx,
        others_until: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<String> {
        if self.tokens().first().is_none() {
            return Err(Error::conflict("tokens are signed with SECRET_KEY here: change that one"));
        }
        let document = zeroize::Zeroizing::new(new_signing_key()?);
        let id = Key::of_pair(&document)?.id().unwrap_or_default().to_owned();
        let sealed = self.seal_system(&purpose(&id), &document)?;
        tx.run(&SIGNING_KEY_ADD, args![id.as_str(), sealed, others_until, now]).await?;
        Ok(id)
    }

    /// Learns the keys that were added since; called at start and now and then. Keys that count no more are let go.
    pub async fn learn_signing_keys(&self, db: &Db, now: DateTime<Utc>) -> Result<()> {
        let Some(first) = self.tokens().first() else { return Ok(()) };
        let stored: Vec<Stored> = db.clone().all(&SIGNING_KEYS, args![]).await?;
        let (mut held, mut until) = (Vec::new(), None);
        for row in stored {
            let document = zeroize::Zeroizing::new(self.open_system(&purpose(&row.id), &row.sealed)?);
            held.push(Held { key: Arc::new(Key::of_pair(&document)?), until });
            // A key ends when the first of those after it says so.
            let ends = row.others_until.timestamp();
            until = Some(until.map_or(ends, |sooner: i64| sooner.min(ends)));
        }
        held.push(Held { key: first, until });
        held.retain(|key| key.until.is_none_or(|until| until > now.timestamp()));
        self.tokens().hold(held);
        Ok(())
    }

    /// The claims of a good token. One that names an unknown key makes this process look for new ones first.
    pub async fn check_token(&self, db: &Db, token: &str, now: DateTime<Utc>) -> Result<Option<Claims>> {
        let seconds = now.timestamp();
        if let Some(claims) = self.tokens().check(token, seconds) {
            return Ok(Some(claims));
        }
        if !self.tokens().is_of_another_key(token) || !self.may_look(seconds) {
            return Ok(None);
        }
        self.learn_signing_keys(db, now).await?;
        Ok(self.tokens().check(token, seconds))
    }

    /// Whoever sends made-up tokens costs one look at the database in five seconds.
    fn may_look(&self, now: i64) -> bool {
        let looked = self.looked_at();
        let before = looked.load(Ordering::Relaxed);
        now - before >= LOOK_AGAIN && looked.compare_exchange(before, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

fn purpose(id: &str) -> String {
    format!("signing_keys:{id}")
}
