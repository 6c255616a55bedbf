//! The table of connections: a patient's account at a provider, and how fetching from it goes.
use access::{Caller, Role};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{PageQuery, PatientId, Result};
use store::{Sql, Tx, args, from_row, sql};
use uuid::Uuid;

use crate::provider::Provider;

kernel::ids!(
    /// A patient's account at a provider.
    ConnectionId,
);

/// How long the fetching is one job's without a word from it.
pub const LEASE: TimeDelta = TimeDelta::minutes(5);

/// A connection as it is kept.
#[derive(Debug, Clone)]
pub struct Connection {
    pub id: ConnectionId,
    pub patient_id: PatientId,
    pub provider: Provider,
    pub owner_index: Vec<u8>,
    /// Who the patient is there, and the tokens.
    pub sealed: Vec<u8>,
    pub tokens_version: i64,
    pub connected_by: Uuid,
    pub connected_role: Role,
    pub connected_reference: Option<Uuid>,
    pub connected_at: DateTime<Utc>,
    /// Whether the provider was asked to tell of news.
    pub is_subscribed: bool,
    /// Up to when everything was asked for.
    pub synced_to: DateTime<Utc>,
    /// What is older is not kept: the patient did not agree then.
    pub kept_from: Option<DateTime<Utc>>,
    pub last_sync_at: Option<DateTime<Utc>>,
    pub next_sync_at: DateTime<Utc>,
    /// Whether all that is new is to be fetched, and not only what was told of.
    pub is_due: bool,
    /// How often in a row it failed.
    pub failures: i64,
    pub trouble: Option<String>,
    pub leased_by: Option<Uuid>,
    pub leased_until: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    pub ended_why: Option<String>,
}
from_row!(Connection {
    id,
    patient_id,
    provider,
    owner_index,
    sealed,
    tokens_version,
    connected_by,
    connected_role,
    connected_reference,
    connected_at,
    is_subscribed,
    synced_to,
    kept_from,
    last_sync_at,
    next_sync_at,
    is_due,
    failures,
    trouble,
    leased_by,
    leased_until,
    ended_at,
    ended_why,
});

impl Connection {
    /// On whose behalf it is fetched: whoever connected it, with the rights that they have now.
    pub fn caller(&self) -> Caller {
        Caller {
            actor: self.connected_by,
            role: self.connected_role,
            reference: self.connected_reference,
            session: None,
        }
    }

    /// Whether another job is at it.
    pub fn is_leased(&self, now: DateTime<Utc>, except: Option<Uuid>) -> bool {
        self.leased_by.is_some() && self.leased_by != except && self.leased_until.is_some_and(|until| now < until)
    }
}

macro_rules! connections {
    ($rest:literal) => {
        concat!(
            "SELECT id, patient_id, provider, owner_index, sealed, tokens_version, connected_by, connected_role,
                connected_reference, connected_at, is_subscribed, synced_to, kept_from, last_sync_at, next_sync_at, is_due,
                failures, trouble, leased_by, leased_until, ended_at, ended_why
            FROM provider_connections ",
            $rest
        )
    };
}

sql!(
    CONNECTION_ADD = "INSERT INTO provider_connections
        (id, patient_id, provider, owner_index, sealed, tokens_version, connected_by, connected_role, connected_reference,
        connected_at, is_subscribed, synced_to, next_sync_at, is_due, failures)
    VALUES ($1, $2, $3, $4, $5, 1, $6, $7, $8, $9, FALSE, $10, $9, TRUE, 0)"
);

/// Adds a new connection, which is due at once.
pub async fn add(tx: &mut Tx, new: &Connection) -> Result<(), store::Error> {
    let mut row = args![new.id, new.patient_id, new.provider, new.owner_index.clone(), new.sealed.clone()];
    row.extend(args![new.connected_by, new.connected_role, new.connected_reference, new.connected_at, new.synced_to]);
    tx.run(&CONNECTION_ADD, row).await?;
    Ok(())
}

sql!(CONNECTION_BY_ID = connections!("WHERE id = $1"));
sql!(CONNECTION_LOCK = connections!("WHERE id = $1 FOR UPDATE"));
sql!(CONNECTION_CURRENT = connections!("WHERE patient_id = $1 AND provider = $2 AND ended_at IS NULL"));
sql!(CONNECTION_OF_OWNER = connections!("WHERE provider = $1 AND owner_index = $2 AND ended_at IS NULL FOR UPDATE"));
sql!(CONNECTIONS_OF = connections!("WHERE patient_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3 OFFSET $4"));

pub async fn by_id(sql: &mut impl Sql, id: ConnectionId) -> Result<Option<Connection>> {
    Ok(sql.one(&CONNECTION_BY_ID, args![id]).await?)
}

/// A connection, locked until the transaction ends.
pub async fn lock(tx: &mut Tx, id: ConnectionId) -> Result<Option<Connection>> {
    Ok(tx.one(&CONNECTION_LOCK, args![id]).await?)
}

/// The patient's connection to a provider that has not ended.
pub async fn current(sql: &mut impl Sql, patient: PatientId, provider: Provider) -> Result<Option<Connection>> {
    Ok(sql.one(&CONNECTION_CURRENT, args![patient, provider]).await?)
}

/// The connection of an account at a provider, locked until the transaction ends.
pub async fn lock_of_owner(tx: &mut Tx, provider: Provider, owner: Vec<u8>) -> Result<Option<Connection>> {
    Ok(tx.one(&CONNECTION_OF_OWNER, args![provider, owner]).await?)
}

/// All that a patient ever connected, the newest first, one row more than the page shows.
pub async fn of_patient(sql: &mut impl Sql, patient: PatientId, page: &PageQuery) -> Result<Vec<Connection>> {
    let before = page.after()?.unwrap_or(Uuid::max());
    Ok(sql.all(&CONNECTIONS_OF, args![patient, before, page.rows(), page.skip()]).await?)
}

sql!(
    CONNECTIONS_DUE = "SELECT id AS value FROM provider_connections
    WHERE ended_at IS NULL AND next_sync_at <= $1
    ORDER BY next_sync_at LIMIT $2"
);

/// Connections whose time has come, the longest overdue first.
pub async fn due(sql: &mut impl Sql, now: DateTime<Utc>, limit: i64) -> Result<Vec<ConnectionId>> {
    Ok(sql.all(&CONNECTIONS_DUE, args![now, limit]).await?)
}

sql!(
    CONNECTION_SET = "UPDATE provider_connections
    SET is_subscribed = $2, synced_to = $3, last_sync_at = $4, next_sync_at = $5, is_due = $6, failures = $7, trouble = $8,
        leased_by = $9, leased_until = $10, kept_from = $11
    WHERE id = $1"
);

/// Writes down how the fetching goes, of a connection that is locked.
pub async fn set(tx: &mut Tx, next: &Connection) -> Result<()> {
    let mut row = args![next.id, next.is_subscribed, next.synced_to, next.last_sync_at, next.next_sync_at, next.is_due];
    row.extend(args![next.failures, next.trouble.clone(), next.leased_by, next.leased_until, next.kept_from]);
    tx.run(&CONNECTION_SET, row).await?;
    Ok(())
}

sql!(
    CONNECTION_RENEW_LEASE = "UPDATE provider_connections SET leased_until = $3
    WHERE id = $1 AND leased_by = $2 AND ended_at IS NULL"
);

/// Keeps the fetching for a while longer; false when it is not this job's any more.
pub async fn keep(tx: &mut Tx, id: ConnectionId, job: Uuid, until: DateTime<Utc>) -> Result<bool> {
    Ok(tx.run(&CONNECTION_RENEW_LEASE, args![id, job, until]).await? > 0)
}

sql!(CONNECTION_SUBSCRIBED = "UPDATE provider_connections SET is_subscribed = TRUE WHERE id = $1");

/// Writes down that the provider tells of news.
pub async fn subscribed(tx: &mut Tx, id: ConnectionId) -> Result<()> {
    tx.run(&CONNECTION_SUBSCRIBED, args![id]).await?;
    Ok(())
}

sql!(
    CONNECTION_END = "UPDATE provider_connections
    SET ended_at = $2, ended_why = $3, leased_by = NULL, leased_until = NULL, is_due = FALSE
    WHERE id = $1 AND ended_at IS NULL"
);

/// Ends a connection; false when it has ended before.
pub async fn end(tx: &mut Tx, id: ConnectionId, why: &str, now: DateTime<Utc>) -> Result<bool> {
    Ok(tx.run(&CONNECTION_END, args![id, now, why]).await? > 0)
}

sql!(CONNECTION_EMPTY = "UPDATE provider_connections SET sealed = $2 WHERE id = $1 AND ended_at IS NOT NULL");

/// Forgets the tokens of a connection that has ended.
pub async fn empty(tx: &mut Tx, id: ConnectionId) -> Result<()> {
    tx.run(&CONNECTION_EMPTY, args![id, Vec::<u8>::new()]).await?;
    Ok(())
}

sql!(CONNECTIONS_FORGET = "DELETE FROM provider_connections WHERE patient_id = $1");

pub async fn forget(tx: &mut Tx, patient: PatientId) -> Result<()> {
    tx.run(&CONNECTIONS_FORGET, args![patient]).await?;
    Ok(())
}
