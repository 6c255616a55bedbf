//! Callers who were known a moment ago: taken at their word until the transaction that acts for them asks again.
//!
//! A request that ends in a transaction needs no question of its own about its caller: the transaction asks about those of
//! all its requests at once. What is remembered here decides nothing.
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use chrono::{DateTime, Utc};
use kernel::{App, Error, Result, SessionId};
use quick_cache::sync::Cache;
use store::Tx;
use uuid::Uuid;

use crate::{Access, Caller, caller, device, session};

/// A caller whose token or key was good lately. Whether it still is, [`Proven`] knows.
#[derive(Debug, Clone)]
pub struct Presumed {
    caller: Caller,
    /// Where the caller is remembered; none for one who was asked about in this very request.
    lately: Option<Lately>,
}

/// Callers seen lately, by their session or device key.
#[derive(Debug, Clone)]
pub(crate) struct Lately(Arc<Cache<Uuid, Arc<Known>>>);

#[derive(Debug)]
struct Known {
    caller: Caller,
    /// The digest of a device's secret; a session's token is checked by its signature.
    digest: Vec<u8>,
}

/// Callers remembered at most; each takes some 200 bytes.
const KEPT: usize = 16_384;

impl Default for Lately {
    fn default() -> Self {
        Self(Arc::new(Cache::new(KEPT)))
    }
}

impl Lately {
    fn find(&self, id: Uuid, digest: &[u8]) -> Option<Presumed> {
        let known = self.0.get(&id).filter(|known| vault::equal(&known.digest, digest))?;
        Some(Presumed { caller: known.caller.clone(), lately: Some(self.clone()) })
    }

    fn remember(&self, id: Uuid, digest: Vec<u8>, caller: &Caller) {
        self.0.insert(id, Arc::new(Known { caller: caller.clone(), digest }));
    }
}

impl Presumed {
    /// Under whose name the request is counted and logged.
    pub(crate) fn actor(&self) -> Uuid {
        self.caller.actor
    }

    /// Asks now, outside the transaction.
    pub async fn prove(self, app: &App) -> Result<Caller> {
        match (&self.lately, self.caller.session) {
            (None, _) => Ok(self.caller),
            (Some(_), Some(id)) => session::live(app, id).await,
            (Some(_), None) => device::live(app, self.caller.actor).await,
        }
    }
}

impl From<Caller> for Presumed {
    fn from(caller: Caller) -> Self {
        Self { caller, lately: None }
    }
}

/// The caller behind an access token.
pub(crate) async fn by_token(app: &App, token: &str) -> Result<Presumed> {
    let (id, lately) = (session::named(app, token).await?, &app.edge::<Access>().lately);
    if let Some(presumed) = lately.find(id.0, &[]) {
        return Ok(presumed);
    }
    // Boxed, as below: the room that this takes would be part of every request.
    let caller = Box::pin(session::live(app, id)).await?;
    lately.remember(id.0, Vec::new(), &caller);
    Ok(caller.into())
}

/// The caller behind a device key, given without its prefix.
pub(crate) async fn by_device_key(app: &App, key: &str) -> Result<Presumed> {
    let ((id, digest), lately) = (device::named(key)?, &app.edge::<Access>().lately);
    if let Some(presumed) = lately.find(id, &digest) {
        return Ok(presumed);
    }
    let caller = Box::pin(device::caller(app, key)).await?;
    lately.remember(id, digest, &caller);
    Ok(caller.into())
}

impl FromRequestParts<App> for Presumed {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        caller::presumed(parts, app).await
    }
}

/// The callers of one transaction as its database knows them.
pub struct Proven {
    sessions: HashMap<SessionId, session::Session>,
    devices: HashMap<Uuid, Caller>,
}

impl Proven {
    /// Asks about all of them: the questions are sent at once, so that others can go with them.
    pub fn among<'c, I: Iterator<Item = &'c Presumed>>(
        tx: &mut Tx,
        callers: I,
    ) -> impl Future<Output = store::Result<Self>> + use<'c, I> {
        let (mut sessions, mut devices) = (BTreeSet::new(), BTreeSet::new());
        for presumed in callers.filter(|presumed| presumed.lately.is_some()) {
            match presumed.caller.session {
                Some(id) => sessions.insert(id.0),
                None => devices.insert(presumed.caller.actor),
            };
        }
        let (sessions, devices): (Vec<_>, Vec<_>) = (sessions.into_iter().collect(), devices.into_iter().collect());
        let (sessions, devices) = (session::find(tx, &sessions), device::find(tx, &devices));
        async { Ok(Self { sessions: sessions.await?, devices: devices.await? }) }
    }

    /// The caller as the database has them. 401 for one whose session has ended or whose key was revoked.
    pub fn of(&self, presumed: &Presumed, now: DateTime<Utc>) -> Result<Caller> {
        let Some(lately) = &presumed.lately else { return Ok(presumed.caller.clone()) };
        let (id, found) = match presumed.caller.session {
            Some(id) => (id.0, session::alive(self.sessions.get(&id).cloned(), now)),
            None => {
                let found = self.devices.get(&presumed.caller.actor).cloned();
                (presumed.caller.actor, found.ok_or_else(device::refused))
            }
        };
        found.inspect_err(|_| {
            lately.0.remove(&id);
        })
    }
}
