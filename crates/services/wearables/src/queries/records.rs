//! The table of records.
use access::Span;
use chrono::{DateTime, Utc};
use kernel::{PatientId, Result};
use store::{Args, Sql, Tx, Where, args, from_row, sql};
use uuid::Uuid;

use crate::times::LONGEST_SUM;

/// A record as it is stored.
#[derive(Debug, Clone)]
pub struct Stored {
    pub id: Uuid,
    pub patient_id: PatientId,
    pub record_id: String,
    pub kind: String,
    pub app: Option<String>,
    pub source_id: Uuid,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub version: i64,
    pub digest: Vec<u8>,
    pub sealed: Vec<u8>,
    pub received_at: DateTime<Utc>,
}
from_row!(Stored {
    id,
    patient_id,
    record_id,
    kind,
    app,
    source_id,
    starts_at,
    ends_at,
    version,
    digest,
    sealed,
    received_at,
});

/// What tells whether a record that comes again is the same.
#[derive(Debug, Clone)]
pub struct Known {
    pub id: Uuid,
    pub record_id: String,
    pub version: i64,
    pub digest: Vec<u8>,
}
from_row!(Known { id, record_id, version, digest });

macro_rules! records {
    ($rest:literal) => {
        concat!(
            "SELECT id, patient_id, record_id, kind, app, source_id, starts_at, ends_at, version, digest, sealed, received_at
            FROM wearable_records ",
            $rest
        )
    };
}

/// Records asked about in one statement.
const BATCH: usize = 256;

/// Those of these records that are there.
pub async fn known(sql: &mut impl Sql, patient: PatientId, kind: &str, ids: &[&str]) -> Result<Vec<Known>> {
    let mut found = Vec::with_capacity(ids.len());
    for some in ids.chunks(BATCH) {
        let select = Where::new("SELECT id, record_id, version, digest FROM wearable_records");
        let of_kind = select.all("patient_id = ?", args![patient]).all("kind = ?", args![kind]);
        found.append(&mut sql.find(of_kind.among("record_id", some)).await?);
    }
    Ok(found)
}

/// Those of these records that are there, whole.
pub async fn whole(sql: &mut impl Sql, patient: PatientId, kind: &str, ids: &[&str]) -> Result<Vec<Stored>> {
    let mut found = Vec::new();
    for some in ids.chunks(BATCH) {
        let of_kind = Where::new(records!("")).all("patient_id = ?", args![patient]).all("kind = ?", args![kind]);
        found.append(&mut sql.find(of_kind.among("record_id", some)).await?);
    }
    Ok(found)
}

/// Where a record's points lie, sealed with its text.
#[derive(Debug)]
pub struct Holding {
    pub id: Uuid,
    pub sealed: Vec<u8>,
}
from_row!(Holding { id, sealed });

sql!(
    WEARABLE_RECORDS_AROUND = "SELECT id, sealed FROM wearable_records
    WHERE patient_id = $1 AND kind = $2 AND source_id = $3 AND starts_at >= $4 AND starts_at <= $5 AND ends_at >= $6"
);

/// The records of a kind and a source that have some of their time in common with this one, in microseconds since 1970.
pub async fn around(
    sql: &mut impl Sql,
    patient: PatientId,
    (kind, source): (&str, Uuid),
    (first, last): (i64, i64),
) -> Result<Vec<Holding>> {
    let at = |micros: i64| DateTime::from_timestamp_micros(micros).unwrap_or_default();
    // What has points lasts no longer than they may.
    let begins = at(first) - LONGEST_SUM;
    Ok(sql.all(&WEARABLE_RECORDS_AROUND, args![patient, kind, source, begins, at(last), at(first)]).await?)
}

sql!(
    WEARABLE_RECORD_PUT = "INSERT INTO wearable_records (id, patient_id, record_id, kind, app, source_id, starts_at, ends_at,
        version, digest, sealed, received_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
    ON CONFLICT (patient_id, record_id, kind) DO UPDATE
    SET app = excluded.app, source_id = excluded.source_id, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
        version = excluded.version, digest = excluded.digest, sealed = excluded.sealed, received_at = excluded.received_at"
);

/// Writes records, new ones and replaced ones; no two of them are the same record.
pub async fn put(tx: &mut Tx, records: Vec<Stored>) -> Result<()> {
    let row = |r: Stored| -> Args {
        let mut row = args![r.id, r.patient_id, r.record_id, r.kind, r.app, r.source_id, r.starts_at, r.ends_at];
        row.extend(args![r.version, r.digest, r.sealed, r.received_at]);
        row
    };
    let rows: Vec<Args> = records.into_iter().map(row).collect();
    Ok(tx.run_each(&WEARABLE_RECORD_PUT, &rows).await?)
}

/// Which records to look for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    pub kind: Option<String>,
    /// Records whose time ends at this instant or after it.
    pub from: Option<DateTime<Utc>>,
    /// Records whose time begins before it.
    pub to: Option<DateTime<Utc>>,
    pub app: Option<String>,
}

/// Where in a list by time a record stands.
pub type Place = (DateTime<Utc>, Uuid);

/// The patient's records that fit, after a place, in the order of the time they begin.
pub async fn by_time(
    sql: &mut impl Sql,
    (patient, span): (PatientId, Span),
    wanted: &Wanted,
    after: Option<Place>,
    rows: i64,
) -> Result<Vec<Stored>> {
    let found = fitting(patient, span, wanted);
    let found = match after {
        Some((at, id)) => found.all("(starts_at, id) > (?, ?)", args![at, id]),
        None => found,
    };
    Ok(sql.find(found.tail("ORDER BY starts_at, id LIMIT ?", args![rows])).await?)
}

/// The patient's records that fit, those that came last first.
pub async fn newest_first(
    sql: &mut impl Sql,
    (patient, span): (PatientId, Span),
    wanted: &Wanted,
    before: Option<Uuid>,
    (rows, skip): (i64, i64),
) -> Result<Vec<Stored>> {
    let found = fitting(patient, span, wanted).and("id < ?", before);
    Ok(sql.find(found.tail("ORDER BY id DESC LIMIT ? OFFSET ?", args![rows, skip])).await?)
}

/// A consent may be for some time alone: a record is of the time at which it begins.
fn fitting(patient: PatientId, span: Span, wanted: &Wanted) -> Where {
    Where::new(records!(""))
        .all("patient_id = ?", args![patient])
        .and("starts_at >= ?", span.from)
        .and("starts_at <= ?", span.to)
        .and("kind = ?", wanted.kind.as_deref())
        .and("app = ?", wanted.app.as_deref())
        .and("ends_at >= ?", wanted.from)
        .and("starts_at < ?", wanted.to)
}

sql!(WEARABLE_RECORD_BY_ID = records!("WHERE patient_id = $1 AND id = $2"));
sql!(WEARABLE_RECORD_NAMED = records!("WHERE patient_id = $1 AND record_id = $2 ORDER BY id DESC LIMIT 1"));
sql!(WEARABLE_RECORDS_OF = records!("WHERE patient_id = $1 AND id > $2 ORDER BY id LIMIT $3"));

/// The patient's record of this id, ours or its sender's.
pub async fn one(sql: &mut impl Sql, patient: PatientId, name: &str) -> Result<Option<Stored>> {
    if let Ok(id) = name.parse::<Uuid>()
        && let Some(found) = sql.one(&WEARABLE_RECORD_BY_ID, args![patient, id]).await?
    {
        return Ok(Some(found));
    }
    Ok(sql.one(&WEARABLE_RECORD_NAMED, args![patient, name]).await?)
}

/// A page of everything, in the order it came.
pub async fn page(sql: &mut impl Sql, patient: PatientId, after: Option<Uuid>, rows: i64) -> Result<Vec<Stored>> {
    Ok(sql.all(&WEARABLE_RECORDS_OF, args![patient, after.unwrap_or_default(), rows]).await?)
}

struct Counted {
    kind: String,
    count: i64,
}
from_row!(Counted { kind, count });

sql!(
    WEARABLE_RECORDS_COUNT = "SELECT kind, count(*) AS count FROM wearable_records
    WHERE patient_id = $1 AND starts_at >= $2 AND starts_at <= $3
    GROUP BY kind
    ORDER BY kind"
);

/// How many records of each kind there are of a time.
pub async fn counts(sql: &mut impl Sql, patient: PatientId, span: Span) -> Result<Vec<(String, i64)>> {
    let (from, to) = span.bounds();
    let counted: Vec<Counted> = sql.all(&WEARABLE_RECORDS_COUNT, args![patient, from, to]).await?;
    Ok(counted.into_iter().map(|c| (c.kind, c.count)).collect())
}

sql!(WEARABLE_RECORD_REMOVE = "DELETE FROM wearable_records WHERE id = $1");

pub async fn remove(tx: &mut Tx, ids: &[Uuid]) -> Result<()> {
    for id in ids {
        tx.run(&WEARABLE_RECORD_REMOVE, args![*id]).await?;
    }
    Ok(())
}

sql!(WEARABLE_RECORDS_FORGET = "DELETE FROM wearable_records WHERE patient_id = $1");

/// Forgets the records of a patient who is erased: their ids and kinds are in the clear.
pub async fn forget(tx: &mut Tx, patient: PatientId) -> Result<()> {
    tx.run(&WEARABLE_RECORDS_FORGET, args![patient]).await?;
    Ok(())
}
