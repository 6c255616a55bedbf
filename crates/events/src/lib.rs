//! The event log: what became true, written in the transaction that made it true, read in order by whoever follows.
//!
//! Sequence numbers follow the order of commits: a reader that has seen `n` never finds a smaller number later. Bodies hold ids and words, never clinical values. The log's tables belong to this crate. Start reading at [`Log`].
use std::sync::Arc;

use chrono::{DateTime, Utc};
use kernel::Result;
use serde_json::Value;
use store::{Pending, Sql, Tx, args, from_row, sql};
use tokio::sync::watch;
use uuid::Uuid;

sql!(HEAD_TAKE = "UPDATE event_head SET seq = seq + $1 WHERE one = 1 RETURNING seq AS value");
sql!(HEAD_SEEN = "SELECT seq AS value FROM event_head WHERE one = 1");
sql!(EVENT_ADD = "INSERT INTO event_log (seq, id, topic, subject, body, at) VALUES ($1, $2, $3, $4, $5, $6)");
sql!(
    EVENTS_AFTER = "SELECT seq, id, topic, subject, body, at FROM event_log
    WHERE topic = $1 AND seq > $2 ORDER BY seq LIMIT $3"
);
sql!(
    EVENT_LAST_UNTIL = "SELECT seq AS value FROM event_log
    WHERE topic = $1 AND at <= $2 ORDER BY seq DESC LIMIT 1"
);

/// An event as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its place in the log.
    pub seq: i64,
    pub id: Uuid,
    pub topic: String,
    /// The patient or thing it is about: the key that keeps related events in order.
    pub subject: Uuid,
    pub body: Value,
    pub at: DateTime<Utc>,
}
from_row!(Event { seq, id, topic, subject, body, at });

/// The log. Cheap to clone.
#[derive(Clone)]
pub struct Log(Arc<watch::Sender<i64>>);

impl Default for Log {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }
}

impl Log {
    /// Adds an event to the transaction; followers wake once it is durable.
    pub fn emit(&self, tx: &mut Tx, topic: &'static str, subject: Uuid, body: Value, at: DateTime<Utc>) {
        let emitted = tx.pending::<Emitted>();
        emitted.log = Some(self.clone());
        emitted.events.push(New { topic, subject, body, at });
    }

    /// Events of a topic after `seq`, oldest first.
    pub async fn after(&self, sql: &mut impl Sql, topic: &str, seq: i64, limit: i64) -> Result<Vec<Event>> {
        Ok(sql.all(&EVENTS_AFTER, args![topic, seq, limit]).await?)
    }

    /// The newest event of a topic that happened at this time or before. Reads back from the newest, no further.
    pub async fn last_until(&self, sql: &mut impl Sql, topic: &str, at: DateTime<Utc>) -> Result<Option<i64>> {
        Ok(sql.one(&EVENT_LAST_UNTIL, args![topic, at]).await?)
    }

    /// The newest sequence number.
    pub async fn head(&self, sql: &mut impl Sql) -> Result<i64> {
        Ok(sql.one(&HEAD_SEEN, args![]).await?.unwrap_or_default())
    }

    /// Wakes its holder when this process has added events. Other processes' events are found by asking now and then.
    pub fn follow(&self) -> watch::Receiver<i64> {
        self.0.subscribe()
    }
}

struct New {
    topic: &'static str,
    subject: Uuid,
    body: Value,
    at: DateTime<Utc>,
}

/// The events of one transaction, numbered at its end: the row that hands out numbers stays locked until the commit,
/// so numbers and commits come in the same order.
#[derive(Default)]
struct Emitted {
    log: Option<Log>,
    events: Vec<New>,
}

impl Pending for Emitted {
    const ORDER: u8 = 1;

    async fn flush(self, tx: &mut Tx) -> store::Result<()> {
        let count = self.events.len() as i64;
        let last: i64 = tx.one(&HEAD_TAKE, args![count]).await?.unwrap_or_default();
        let first = last - count + 1;
        let rows: Vec<_> = (first..)
            .zip(self.events)
            .map(|(seq, e)| args![seq, kernel::ids::new(), e.topic, e.subject, e.body, e.at])
            .collect();
        tx.run_each(&EVENT_ADD, &rows).await?;
        if let Some(log) = self.log {
            tx.after_commit(move || {
                log.0.send_replace(last);
            });
        }
        Ok(())
    }
}
