//! The table of what nobody can read.
use chrono::{DateTime, Utc};
use kernel::{PatientId, Result};
use store::{Args, Sql, Tx, Where, args, from_row, sql};
use uuid::Uuid;

/// Something that was not kept, with the reason, sealed.
pub struct Stored {
    pub id: Uuid,
    pub digest: Vec<u8>,
    pub sealed: Vec<u8>,
    pub first_at: DateTime<Utc>,
}
from_row!(Stored { id, digest, sealed, first_at });

/// Digests asked about in one statement.
const BATCH: usize = 256;

/// Those of these digests that are there.
pub async fn known(sql: &mut impl Sql, patient: PatientId, digests: &[&Vec<u8>]) -> Result<Vec<Vec<u8>>> {
    let mut found = Vec::new();
    for some in digests.chunks(BATCH) {
        let select = Where::new("SELECT digest AS value FROM gateway_quarantine");
        found.append(&mut sql.find(select.all("patient_id = ?", args![patient]).among("digest", some)).await?);
    }
    Ok(found)
}

sql!(QUARANTINE_COUNT = "SELECT count(*) AS value FROM gateway_quarantine WHERE patient_id = $1");

pub async fn count(sql: &mut impl Sql, patient: PatientId) -> Result<i64> {
    Ok(sql.one(&QUARANTINE_COUNT, args![patient]).await?.unwrap_or_default())
}

sql!(
    QUARANTINE_ADD = "INSERT INTO gateway_quarantine (id, patient_id, digest, sealed, first_at)
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING"
);

/// Keeps these, except those whose digest is there.
pub async fn add(tx: &mut Tx, patient: PatientId, new: Vec<Stored>) -> Result<()> {
    let row = |s: Stored| -> Args { args![s.id, patient, s.digest, s.sealed, s.first_at] };
    let rows: Vec<Args> = new.into_iter().map(row).collect();
    Ok(tx.run_each(&QUARANTINE_ADD, &rows).await?)
}

/// A page, the newest first.
pub async fn newest_first(
    sql: &mut impl Sql,
    patient: PatientId,
    before: Option<Uuid>,
    (rows, skip): (i64, i64),
) -> Result<Vec<Stored>> {
    let select = Where::new("SELECT id, digest, sealed, first_at FROM gateway_quarantine")
        .all("patient_id = ?", args![patient])
        .and("id < ?", before);
    Ok(sql.find(select.tail("ORDER BY id DESC LIMIT ? OFFSET ?", args![rows, skip])).await?)
}

sql!(QUARANTINE_FORGET = "DELETE FROM gateway_quarantine WHERE patient_id = $1");

pub async fn forget(tx: &mut Tx, patient: PatientId) -> Result<()> {
    tx.run(&QUARANTINE_FORGET, args![patient]).await?;
    Ok(())
}
