//! The tables of exports: which there are, their complete parts, and the sealed chunks of those.
use chrono::{DateTime, Utc};
use kernel::{PatientId, Result};
use store::{Sql, Tx, args, from_row, sql};
use uuid::Uuid;

sql!(EXPORT_ADD = "INSERT INTO exports (id, patient_id, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING");

pub async fn add(tx: &mut Tx, export: Uuid, patient: PatientId, now: DateTime<Utc>) -> Result<()> {
    tx.run(&EXPORT_ADD, args![export, patient, now]).await?;
    Ok(())
}

sql!(EXPORTS_COUNT = "SELECT count(*) AS value FROM exports WHERE patient_id = $1");

/// How many exports of a patient are kept or being made.
pub async fn count(sql: &mut impl Sql, patient: PatientId) -> Result<i64> {
    Ok(sql.one(&EXPORTS_COUNT, args![patient]).await?.unwrap_or_default())
}

sql!(EXPORT_FINISH = "UPDATE exports SET finished_at = $2, size = $3 WHERE id = $1");

pub async fn finish(tx: &mut Tx, export: Uuid, size: i64, now: DateTime<Utc>) -> Result<()> {
    tx.run(&EXPORT_FINISH, args![export, now, size]).await?;
    Ok(())
}

sql!(EXPORT_PATIENT = "SELECT patient_id AS value FROM exports WHERE id = $1 AND finished_at IS NOT NULL");

/// Whose finished export this is; none when it is not finished, or was swept.
pub async fn finished(sql: &mut impl Sql, export: Uuid) -> Result<Option<PatientId>> {
    Ok(sql.one(&EXPORT_PATIENT, args![export]).await?)
}

/// A complete part.
#[derive(Debug, Clone)]
pub struct Part {
    pub number: i64,
    pub name: String,
    /// CRC-32.
    pub checksum: i64,
    pub plain_size: i64,
    pub packed_size: i64,
    pub chunks: i64,
    pub written_at: DateTime<Utc>,
}
from_row!(Part { number, name, checksum, plain_size, packed_size, chunks, written_at });

sql!(
    EXPORT_PARTS = "SELECT number, name, checksum, plain_size, packed_size, chunks, written_at
    FROM export_parts
    WHERE export_id = $1
    ORDER BY number"
);

/// The complete parts in their order. They are as many as there are chapters, and one for each month of readings.
pub async fn parts(sql: &mut impl Sql, export: Uuid) -> Result<Vec<Part>> {
    Ok(sql.all(&EXPORT_PARTS, args![export]).await?)
}

sql!(
    EXPORT_PART_ADD = "INSERT INTO export_parts
        (export_id, number, name, checksum, plain_size, packed_size, chunks, written_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
);

pub async fn add_part(tx: &mut Tx, export: Uuid, part: &Part) -> Result<()> {
    let Part { number, name, checksum, plain_size, packed_size, chunks, written_at } = part;
    let row = args![export, *number, name, *checksum, *plain_size, *packed_size, *chunks, *written_at];
    tx.run(&EXPORT_PART_ADD, row).await?;
    Ok(())
}

sql!(EXPORT_CHUNK_ADD = "INSERT INTO export_chunks (export_id, number, place, sealed) VALUES ($1, $2, $3, $4)");

pub async fn add_chunk(tx: &mut Tx, (export, number, place): (Uuid, i64, i64), sealed: Vec<u8>) -> Result<()> {
    tx.run(&EXPORT_CHUNK_ADD, args![export, number, place, sealed]).await?;
    Ok(())
}

sql!(
    EXPORT_CHUNK = "SELECT sealed AS value FROM export_chunks
    WHERE export_id = $1 AND number = $2 AND place = $3"
);

pub async fn chunk(sql: &mut impl Sql, (export, number, place): (Uuid, i64, i64)) -> Result<Option<Vec<u8>>> {
    Ok(sql.one(&EXPORT_CHUNK, args![export, number, place]).await?)
}

sql!(EXPORT_CHUNKS_AFTER = "DELETE FROM export_chunks WHERE export_id = $1 AND number >= $2");

/// Removes the chunks of a part that was not completed; it would have had this number.
pub async fn drop_unfinished(tx: &mut Tx, export: Uuid, number: i64) -> Result<()> {
    tx.run(&EXPORT_CHUNKS_AFTER, args![export, number]).await?;
    Ok(())
}

sql!(EXPORT_CHUNKS_REMOVE = "DELETE FROM export_chunks WHERE export_id = $1");
sql!(EXPORT_PARTS_REMOVE = "DELETE FROM export_parts WHERE export_id = $1");
sql!(EXPORT_REMOVE = "DELETE FROM exports WHERE id = $1");

/// Removes an export and its file.
pub async fn remove(tx: &mut Tx, export: Uuid) -> Result<()> {
    tx.run(&EXPORT_CHUNKS_REMOVE, args![export]).await?;
    tx.run(&EXPORT_PARTS_REMOVE, args![export]).await?;
    tx.run(&EXPORT_REMOVE, args![export]).await?;
    Ok(())
}

sql!(EXPORTS_OF = "SELECT id AS value FROM exports WHERE patient_id = $1");

/// Removes every export of a patient.
pub async fn remove_of(tx: &mut Tx, patient: PatientId) -> Result<()> {
    let exports: Vec<Uuid> = tx.all(&EXPORTS_OF, args![patient]).await?;
    for export in exports {
        remove(tx, export).await?;
    }
    Ok(())
}

sql!(
    /// One that was never finished goes a day later: its job has failed by then.
    EXPORTS_OLD = "SELECT id AS value FROM exports WHERE created_at < $1 AND (finished_at < $1 OR created_at < $2)
    ORDER BY created_at
    LIMIT 20"
);

/// Exports that were finished before `finished`, or begun before `begun` and never finished.
pub async fn old(sql: &mut impl Sql, finished: DateTime<Utc>, begun: DateTime<Utc>) -> Result<Vec<Uuid>> {
    Ok(sql.all(&EXPORTS_OLD, args![finished, begun]).await?)
}
