//! The audit chain: every look and every change, each row sealed to the one before by its hash.
use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};
use kernel::{Error, PatientId, Result, Text as _, request};
use serde::{Deserialize, Serialize};
use store::{Db, Pending, Sql, Statement, Tx, args, from_row, sql};
use tokio::sync::{Mutex, OwnedMutexGuard};
use uuid::Uuid;
use vault::Digest;

use crate::{Caller, Role};

mod heads;
mod index;

pub use heads::{AuditHead, audit_heads, sign_audit_head, verify_heads};
pub use index::{audit_end, entries_about, entries_of, index_audit};

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
    #[allow(clippy::needless_pass_by_value)] // Ids and short words, which cost nothing to hand over.
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub seq: i64,
    pub at: DateTime<Utc>,
    pub actor: Uuid,
    pub role: Cow<'static, str>,
    pub address: String,
    pub action: String,
    pub patient_id: Option<PatientId>,
    pub object: String,
    pub allowed: bool,
    pub reason: String,
    pub request_id: String,
}

/// A [`Record`] as it is written.
#[derive(Serialize)]
struct Line<'a> {
    seq: i64,
    at: DateTime<Utc>,
    actor: Uuid,
    role: &'static str,
    address: &'a str,
    action: &'a str,
    patient_id: Option<PatientId>,
    object: &'a str,
    allowed: bool,
    reason: &'a str,
    request_id: &'a str,
}

/// The entries of one transaction as they are kept.
struct Row {
    /// The number of the last entry.
    seq: i64,
    first: i64,
    /// One JSON object a line.
    entries: String,
    hash: Vec<u8>,
}
from_row!(Row { seq, first, entries, hash });

impl Row {
    /// The row that follows the chain's end.
    fn after(end: &End, entries: &[Entry]) -> Result<Self> {
        let (first, seq) = (end.seq + 1, end.seq + entries.len() as i64);
        let mut row = Self { seq, first, entries: lines(first, entries)?, hash: Vec::new() };
        row.hash = row.digest(&end.hash);
        Ok(row)
    }

    fn end(&self) -> End {
        End { seq: self.seq, hash: self.hash.clone() }
    }

    fn digest(&self, before: &[u8]) -> Vec<u8> {
        let numbers = [self.first.to_le_bytes(), self.seq.to_le_bytes()].concat();
        Digest::default().part(before).part(&numbers).part(self.entries.as_bytes()).finish()
    }

    fn records(&self) -> Result<Vec<Record>> {
        self.entries.lines().map(|line| serde_json::from_str(line).map_err(Error::internal)).collect()
    }
}

struct Before {
    /// The number of the last entry, those that are about to be added included.
    seq: i64,
    /// The hash of the row before; none at the very beginning.
    hash: Option<Vec<u8>>,
}
from_row!(Before { seq, hash });

sql!(
    /// Locks the chain's end until the transaction ends, so that the next writer comes after this one.
    AUDIT_HEAD_TAKE = "UPDATE audit_head SET seq = seq + $1 WHERE one = 1"
);
sql!(
    /// A statement of its own, after the lock: it sees the row of whoever held the lock before.
    AUDIT_BEFORE = "SELECT h.seq, a.hash FROM audit_head AS h LEFT JOIN audit_log AS a ON a.seq = h.seq - $1
    WHERE h.one = 1"
);
/// Adds a row if the chain still ends where `$5` and `$6` say, and locks its end. In place of two statements that PostgreSQL
/// would be asked one after the other while all wait for the end; SQLite does not know this form, and gains nothing by it.
static AUDIT_APPEND: Statement = Statement::new(
    "AUDIT_APPEND",
    "WITH head AS (
        UPDATE audit_head SET seq = $1
        WHERE one = 1 AND seq = $5 AND EXISTS (SELECT 1 FROM audit_log AS a WHERE a.seq = $5 AND a.hash = $6)
        RETURNING seq
    )
    INSERT INTO audit_log (seq, first, entries, hash) SELECT $1, $2, $3, $4 FROM head",
);
sql!(AUDIT_HASH = "SELECT hash AS value FROM audit_log WHERE seq = $1");
sql!(AUDIT_HEAD = "SELECT seq AS value FROM audit_head WHERE one = 1");
sql!(AUDIT_ADD = "INSERT INTO audit_log (seq, first, entries, hash) VALUES ($1, $2, $3, $4)");
sql!(AUDIT_PAGE = "SELECT seq, first, entries, hash FROM audit_log WHERE seq > $1 ORDER BY seq LIMIT $2");

/// Puts entries on the chain with the transaction: it commits with them or not at all.
pub fn record(tx: &mut Tx, entry: Entry) {
    tx.pending::<Entries>().0.push(entry);
}

#[derive(Default)]
struct Entries(Vec<Entry>);

/// Where the chain ends: the number of its last entry, and the hash of its last row.
#[derive(Default)]
struct End {
    seq: i64,
    hash: Vec<u8>,
}

/// Writers of this process take their turn here and not at the database's lock, and find the end where the last of them
/// left it: if its transaction was committed and no other process came after it, which the database decides.
fn turn() -> Arc<Mutex<End>> {
    static TURN: OnceLock<Arc<Mutex<End>>> = OnceLock::new();
    TURN.get_or_init(Arc::default).clone()
}

impl Pending for Entries {
    // The last rows that are written, so that the chain's end is locked as briefly as can be; tombstones, which are no rows,
    // come after them.
    const ORDER: u8 = 9;

    async fn flush(self, tx: &mut Tx) -> store::Result<()> {
        if tx.is_sqlite() {
            return append(tx, &self.0).await.map(drop);
        }
        let mut turn: OwnedMutexGuard<End> = turn().lock_owned().await;
        let row = Row::after(&turn, &self.0)?;
        let end = row.end();
        let values = args![row.seq, row.first, row.entries, row.hash, turn.seq, turn.hash.clone()];
        let fits = tx.run(&AUDIT_APPEND, values).await? > 0;
        *turn = if fits { end } else { append(tx, &self.0).await? };
        tx.hold(turn);
        Ok(())
    }
}

/// Asks where the chain ends, and adds a row there.
async fn append(tx: &mut Tx, entries: &[Entry]) -> store::Result<End> {
    let count = entries.len() as i64;
    tx.run(&AUDIT_HEAD_TAKE, args![count]).await?;
    let Some(Before { seq, hash }) = tx.one(&AUDIT_BEFORE, args![count]).await? else {
        return Err(Error::internal("the audit chain has no head").into());
    };
    let row = Row::after(&End { seq: seq - count, hash: hash.unwrap_or_default() }, entries)?;
    let end = row.end();
    tx.run(&AUDIT_ADD, args![row.seq, row.first, row.entries, row.hash]).await?;
    Ok(end)
}

fn lines(first: i64, entries: &[Entry]) -> Result<String> {
    let mut text = Vec::with_capacity(entries.len() * 400);
    for (seq, entry) in (first..).zip(entries) {
        serde_json::to_writer(&mut text, &entry.at_place(seq)).map_err(Error::internal)?;
        text.push(b'\n');
    }
    String::from_utf8(text).map_err(Error::internal)
}

impl Entry {
    fn at_place(&self, seq: i64) -> Line<'_> {
        Line {
            seq,
            at: self.at,
            actor: self.actor,
            role: self.role.word(),
            address: &self.address,
            action: &self.action,
            patient_id: self.patient,
            object: &self.object,
            allowed: self.allowed,
            reason: &self.reason,
            request_id: &self.request_id,
        }
    }
}

/// Rows read at a time.
const PAGE: i64 = 200;

/// Entries after a number, oldest first: those of the next rows, or nothing at the end.
pub async fn list(db: &mut Db, after: i64) -> Result<Vec<Record>> {
    let rows: Vec<Row> = db.all(&AUDIT_PAGE, args![after, PAGE]).await?;
    let mut records = Vec::new();
    for row in &rows {
        records.append(&mut row.records()?);
    }
    records.retain(|record| record.seq > after);
    Ok(records)
}

/// What checking the chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Every row fits the one before and the end is where it should be.
    Whole { entries: i64 },
    /// The first row that does not fit, by its first entry's number.
    Broken { seq: i64, why: String },
}

/// Walks the whole chain. `progress` is told each page's last entry.
pub async fn verify(db: &mut Db, mut progress: impl FnMut(i64)) -> Result<Verdict> {
    // The end is read first: rows added while this walks are past it and are checked all the same.
    let end: Option<i64> = db.one(&AUDIT_HEAD, args![]).await?;
    let (mut seq, mut hash) = (0, Vec::new());
    let broken = |seq, why: &str| Ok(Verdict::Broken { seq, why: why.to_owned() });
    loop {
        let page: Vec<Row> = db.all(&AUDIT_PAGE, args![seq, PAGE]).await?;
        let Some(last) = page.last().map(|row| row.seq) else { break };
        for row in page {
            if row.first != seq + 1 {
                return broken(seq + 1, "a row is missing");
            }
            if row.digest(&hash) != row.hash {
                return broken(row.first, "the row was changed");
            }
            (seq, hash) = (row.seq, row.hash);
        }
        progress(last);
    }
    match end {
        Some(end) if seq >= end => Ok(Verdict::Whole { entries: seq }),
        Some(_) => broken(seq + 1, "rows are missing at the end"),
        None => broken(seq + 1, "nothing says where the chain ends"),
    }
}
