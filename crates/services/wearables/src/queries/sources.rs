//! The table of sources.
use chrono::{DateTime, Utc};
use kernel::{PatientId, Result};
use store::{Sql, Tx, Where, args, from_row, sql};
use uuid::Uuid;

use crate::model::{SourceKind, SourceOf};

/// A source as it is stored. What the patient said of it is sealed.
#[derive(Debug, Clone)]
pub struct Stored {
    pub id: Uuid,
    pub patient_id: PatientId,
    pub kind: SourceKind,
    pub name: String,
    pub sealed: Vec<u8>,
    pub battery_level: Option<i64>,
    pub last_sync: Option<DateTime<Utc>>,
    pub paired_at: DateTime<Utc>,
    pub removed_at: Option<DateTime<Utc>>,
}
from_row!(Stored { id, patient_id, kind, name, sealed, battery_level, last_sync, paired_at, removed_at });

macro_rules! sources {
    ($rest:literal) => {
        concat!(
            "SELECT id, patient_id, kind, name, sealed, battery_level, last_sync, paired_at, removed_at
            FROM wearable_sources ",
            $rest
        )
    };
}

sql!(SOURCE_BY_NAME = sources!("WHERE patient_id = $1 AND kind = $2 AND name = $3"));
sql!(SOURCE_LOCK = sources!("WHERE patient_id = $1 AND kind = $2 AND name = $3 FOR UPDATE"));
sql!(SOURCES_OF = sources!("WHERE patient_id = $1 ORDER BY id"));
sql!(SOURCES_PAGE = sources!("WHERE patient_id = $1 AND id > $2 ORDER BY id LIMIT $3"));

/// The source of this name, removed or not.
pub async fn named(sql: &mut impl Sql, patient: PatientId, source: &SourceOf) -> Result<Option<Stored>> {
    Ok(sql.one(&SOURCE_BY_NAME, args![patient, source.kind, source.name.as_str()]).await?)
}

/// The same, which nobody else changes until the transaction ends.
pub async fn lock(tx: &mut Tx, patient: PatientId, source: &SourceOf) -> Result<Option<Stored>> {
    Ok(tx.one(&SOURCE_LOCK, args![patient, source.kind, source.name.as_str()]).await?)
}

/// Every source of a patient, removed ones too: what they sent is still there.
pub async fn all(sql: &mut impl Sql, patient: PatientId) -> Result<Vec<Stored>> {
    Ok(sql.all(&SOURCES_OF, args![patient]).await?)
}

/// A page of a patient's sources, removed ones too.
pub async fn page(sql: &mut impl Sql, patient: PatientId, after: Option<Uuid>, rows: i64) -> Result<Vec<Stored>> {
    Ok(sql.all(&SOURCES_PAGE, args![patient, after.unwrap_or_default(), rows]).await?)
}

sql!(
    SOURCE_ADD = "INSERT INTO wearable_sources (id, patient_id, kind, name, sealed, paired_at)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING"
);

/// Adds a source unless one of its name is there.
pub async fn add(tx: &mut Tx, new: &Stored) -> Result<bool> {
    let row = args![new.id, new.patient_id, new.kind, new.name.as_str(), &new.sealed, new.paired_at];
    Ok(tx.run(&SOURCE_ADD, row).await? > 0)
}

sql!(SOURCE_SET = "UPDATE wearable_sources SET sealed = $2, paired_at = $3, removed_at = $4 WHERE id = $1");

/// Writes a source that was read with [`lock`].
pub async fn set(tx: &mut Tx, next: &Stored) -> Result<()> {
    tx.run(&SOURCE_SET, args![next.id, &next.sealed, next.paired_at, next.removed_at]).await?;
    Ok(())
}

sql!(
    SOURCE_SYNCED =
        "UPDATE wearable_sources SET last_sync = $2, points = points + $3, records = records + $4 WHERE id = $1"
);
sql!(SOURCE_BATTERY = "UPDATE wearable_sources SET battery_level = $2 WHERE id = $1");

/// Notes that a source sent something, and how many new points and records it was.
pub async fn synced(tx: &mut Tx, id: Uuid, now: DateTime<Utc>, points: usize, records: usize) -> Result<()> {
    tx.run(&SOURCE_SYNCED, args![id, now, points as i64, records as i64]).await?;
    Ok(())
}

sql!(SOURCE_TAKEN_BACK = "UPDATE wearable_sources SET records = records - $2 WHERE id = $1");

/// Notes how many records of a source were taken back.
pub async fn taken_back(tx: &mut Tx, id: Uuid, records: usize) -> Result<()> {
    tx.run(&SOURCE_TAKEN_BACK, args![id, records as i64]).await?;
    Ok(())
}

/// Notes how full a battery is, when that was said.
pub async fn charged(tx: &mut Tx, id: Uuid, battery: Option<i64>) -> Result<()> {
    if let Some(level) = battery {
        tx.run(&SOURCE_BATTERY, args![id, level]).await?;
    }
    Ok(())
}

/// What sources of one kind have sent, of all patients together.
pub struct Figures {
    pub kind: SourceKind,
    pub active: i64,
    pub synced: i64,
    pub points: i64,
    pub records: i64,
}
from_row!(Figures { kind, active, synced, points, records });

sql!(
    SOURCES_FIGURES =
        "SELECT kind, count(*) - count(removed_at) AS active, count(CASE WHEN last_sync > $1 THEN 1 END) AS synced,
        CAST(sum(points) AS bigint) AS points, CAST(sum(records) AS bigint) AS records
    FROM wearable_sources
    GROUP BY kind
    ORDER BY kind"
);

/// By kind: how many there are, how many sent something since, and what they sent in all.
pub async fn figures(sql: &mut impl Sql, since: DateTime<Utc>) -> Result<Vec<Figures>> {
    Ok(sql.all(&SOURCES_FIGURES, args![since]).await?)
}

/// The sources of several patients.
pub async fn of_many(sql: &mut impl Sql, patients: &[PatientId]) -> Result<Vec<Stored>> {
    Ok(sql.find(Where::new(sources!("")).among("patient_id", patients)).await?)
}

sql!(SOURCES_FORGET = "DELETE FROM wearable_sources WHERE patient_id = $1");

/// Forgets the sources of a patient who is erased: their names are in the clear.
pub async fn forget(tx: &mut Tx, patient: PatientId) -> Result<()> {
    tx.run(&SOURCES_FORGET, args![patient]).await?;
    Ok(())
}
