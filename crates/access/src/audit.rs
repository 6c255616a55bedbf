//! The audit chain: every look and every change, each row sealed to the one before by its hash.
use chrono::{DateTime, Utc};
use kernel::{PatientId, Result, request};
use serde::Serialize;
use store::{Db, Pending, Sql, Tx, Where, args, from_row, sql};
use uuid::Uuid;
use vault::Digest;

use crate::{Caller, Role};

/// What is about to be put on the chain.
#[derive(Debug, Clone)]
pub struct Entry {
    pub at: DateTime<Utc>,
    pub actor: Uuid,
    pub role: Role,
    /// `read vitals`, `patient.create`, `login` and so on.
    pub action: String,
    pub patient: Option<PatientId>,
    /// What was looked at or changed: an id or a word.
    pub object: String,
    pub allowed: bool,
    /// On what the permission rested, or why it was refused.
    pub reason: String,
    pub address: String,
    pub request_id: String,
}

impl Entry {
    /// An entry about what this caller does in the current request.
    pub fn of(caller: &Caller, action: impl Into<String>, object: impl ToString, at: DateTime<Utc>) -> Self {
        let request = request::current();
        Self {
            at,
            actor: caller.actor,
            role: caller.role,
            action: action.into(),
            patient: None,
            object: object.to_string(),
            allowed: true,
            reason: caller.role.to_string(),
            address: request.from.clone(),
            request_id: request.id.clone(),
        }
    }

    #[must_use]
    pub fn about(mut self, patient: PatientId) -> Self {
        self.patient = Some(patient);
        self
    }

    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = reason.into();
        self
    }
}

/// An entry on the chain.
#[derive(Debug, Clone, Serialize)]
pub struct Record {
    pub seq: i64,
    pub at: DateTime<Utc>,
    pub actor: Uuid,
    pub role: String,
    pub address: String,
    pub action: String,
    pub patient_id: Option<PatientId>,
    pub object: String,
    pub allowed: bool,
    pub reason: String,
    pub request_id: String,
    #[serde(skip)]
    pub hash: Vec<u8>,
}
from_row!(Record { seq, at, actor, role, address, action, patient_id, object, allowed, reason, request_id, hash });

impl Record {
    fn digest(&self, before: &[u8]) -> Vec<u8> {
        Digest::default()
            .part(before)
            .part(&self.seq.to_le_bytes())
            .part(&self.at.timestamp_micros().to_le_bytes())
            .part(self.actor.as_bytes())
            .part(self.role.as_bytes())
            .part(self.address.as_bytes())
            .part(self.action.as_bytes())
            .part(self.patient_id.as_ref().map_or(&[], |p| p.0.as_bytes()))
            .part(self.object.as_bytes())
            .part(&[u8::from(self.allowed)])
            .part(self.reason.as_bytes())
            .part(self.request_id.as_bytes())
            .finish()
    }
}

struct Head {
    seq: i64,
    hash: Vec<u8>,
}
from_row!(Head { seq, hash });

sql!(
    /// Locks the chain's end until the transaction ends, so that the next writer sees this one's last hash.
    AUDIT_HEAD_TAKE = "INSERT INTO audit_head (one, seq, hash) VALUES (1, $1, $2)
    ON CONFLICT (one) DO UPDATE SET seq = audit_head.seq + $1 RETURNING seq, hash"
);
sql!(AUDIT_HEAD_SET = "UPDATE audit_head SET hash = $1 WHERE one = 1");
sql!(AUDIT_HEAD = "SELECT seq, hash FROM audit_head WHERE one = 1");
sql!(
    AUDIT_ADD = "INSERT INTO audit_log (seq, at, actor, role, address, action, patient_id, object, allowed, reason, request_id, hash)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
);
sql!(
    AUDIT_PAGE = "SELECT seq, at, actor, role, address, action, patient_id, object, allowed, reason, request_id, hash
    FROM audit_log WHERE seq > $1 ORDER BY seq LIMIT $2"
);

/// Puts entries on the chain with the transaction: it commits with them or not at all.
pub fn record(tx: &mut Tx, entry: Entry) {
    tx.pending::<Entries>().0.push(entry);
}

#[derive(Default)]
struct Entries(Vec<Entry>);

impl Pending for Entries {
    // Last of all, so that the chain's end is locked as briefly as can be.
    const ORDER: u8 = 9;

    async fn flush(self, tx: &mut Tx) -> store::Result<()> {
        let count = self.0.len() as i64;
        let head: Option<Head> = tx.one(&AUDIT_HEAD_TAKE, args![count, Vec::<u8>::new()]).await?;
        let Some(Head { seq: last, mut hash }) = head else { return Ok(()) };
        let mut rows = Vec::with_capacity(self.0.len());
        for (seq, entry) in (last - count + 1..).zip(self.0) {
            let mut r = entry.at_place(seq);
            r.hash = r.digest(&hash);
            hash.clone_from(&r.hash);
            rows.push(args![
                r.seq,
                r.at,
                r.actor,
                r.role,
                r.address,
                r.action,
                r.patient_id,
                r.object,
                r.allowed,
                r.reason,
                r.request_id,
                r.hash
            ]);
        }
        tx.run_each(&AUDIT_ADD, &rows).await?;
        tx.run(&AUDIT_HEAD_SET, args![hash]).await?;
        Ok(())
    }
}

impl Entry {
    fn at_place(self, seq: i64) -> Record {
        Record {
            seq,
            at: self.at,
            actor: self.actor,
            role: self.role.to_string(),
            address: self.address,
            action: self.action,
            patient_id: self.patient,
            object: self.object,
            allowed: self.allowed,
            reason: self.reason,
            request_id: self.request_id,
            hash: Vec::new(),
        }
    }
}

/// Which entries to list.
#[derive(Debug, Clone, Default)]
pub struct Found {
    pub after: i64,
    pub patient: Option<PatientId>,
    pub limit: i64,
}

/// Entries in the order they were made.
pub async fn list(db: &mut Db, which: &Found) -> Result<Vec<Record>> {
    let filter = Where::new(
        "SELECT seq, at, actor, role, address, action, patient_id, object, allowed, reason, request_id, hash FROM audit_log",
    )
    .and("seq > ?", Some(which.after))
    .and("patient_id = ?", which.patient)
    .tail("ORDER BY seq LIMIT ?", args![which.limit]);
    Ok(db.find(filter).await?)
}

/// What checking the chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Every row fits the one before and the end is where it should be.
    Whole { entries: i64 },
    /// The first row that does not fit.
    Broken { seq: i64, why: String },
}

/// Walks the whole chain. `progress` is told each row's number now and then.
pub async fn verify(db: &mut Db, mut progress: impl FnMut(i64)) -> Result<Verdict> {
    const PAGE: i64 = 2000;
    // The end is read first: rows added while this walks are past it and are checked all the same.
    let head: Option<Head> = db.one(&AUDIT_HEAD, args![]).await?;
    let end = head.as_ref().map_or(0, |h| h.seq);
    let (mut seq, mut hash, mut hash_at_end) = (0, Vec::new(), Vec::new());
    loop {
        let page: Vec<Record> = db.all(&AUDIT_PAGE, args![seq, PAGE]).await?;
        let Some(last) = page.last().map(|r| r.seq) else { break };
        for row in page {
            if row.seq != seq + 1 {
                return Ok(Verdict::Broken { seq: seq + 1, why: "the row is missing".into() });
            }
            if row.digest(&hash) != row.hash {
                return Ok(Verdict::Broken { seq: row.seq, why: "the row was changed".into() });
            }
            (seq, hash) = (row.seq, row.hash);
            if seq == end {
                hash_at_end.clone_from(&hash);
            }
        }
        progress(last);
    }
    match head {
        Some(head) if seq < head.seq => Ok(Verdict::Broken { seq: seq + 1, why: "rows are missing at the end".into() }),
        Some(head) if hash_at_end != head.hash => {
            Ok(Verdict::Broken { seq: head.seq, why: "the end does not fit".into() })
        }
        _ => Ok(Verdict::Whole { entries: seq }),
    }
}
