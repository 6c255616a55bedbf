//! The journal of merges.
use kernel::{PageQuery, PatientId, Result};
use store::{Sql, Tx, Where, args, sql};
use uuid::Uuid;

use crate::model::Merge;

sql!(
    MERGE_ADD = "INSERT INTO patient_merges (id, survivor_id, absorbed_id, reason, score, merged_by, merged_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)"
);

/// Writes a merge down.
pub async fn add(tx: &mut Tx, new: &Merge) -> Result<()> {
    let row = args![new.id, new.survivor_id, new.absorbed_id, &new.reason, new.score, new.merged_by, new.merged_at];
    tx.run(&MERGE_ADD, row).await?;
    Ok(())
}

sql!(MERGE_END = "UPDATE patient_merges SET unmerged_by = $2, unmerged_at = $3 WHERE id = $1");

/// Writes down that a merge was undone.
pub async fn end(tx: &mut Tx, ended: &Merge) -> Result<()> {
    tx.run(&MERGE_END, args![ended.id, ended.unmerged_by, ended.unmerged_at]).await?;
    Ok(())
}

sql!(
    MERGE_CURRENT = "SELECT id, survivor_id, absorbed_id, reason, score, merged_by, merged_at, unmerged_by, unmerged_at
    FROM patient_merges
    WHERE absorbed_id = $1 AND unmerged_at IS NULL"
);

/// The merge by which a record is absorbed now.
pub async fn current(sql: &mut impl Sql, absorbed: PatientId) -> Result<Option<Merge>> {
    Ok(sql.one(&MERGE_CURRENT, args![absorbed]).await?)
}

/// The merges by which these records are absorbed now.
pub async fn current_among(sql: &mut impl Sql, absorbed: &[PatientId]) -> Result<Vec<Merge>> {
    let current = Where::new(
        "SELECT id, survivor_id, absorbed_id, reason, score, merged_by, merged_at, unmerged_by, unmerged_at
        FROM patient_merges",
    )
    .all("unmerged_at IS NULL", [])
    .among("absorbed_id", absorbed);
    Ok(sql.find(current).await?)
}

sql!(
    MERGES_OF = "SELECT id, survivor_id, absorbed_id, reason, score, merged_by, merged_at, unmerged_by, unmerged_at
    FROM patient_merges
    WHERE (survivor_id = $1 OR absorbed_id = $1) AND id < $2
    ORDER BY id DESC
    LIMIT $3 OFFSET $4"
);

/// The merges a record took part in, the last first.
pub async fn of_patient(sql: &mut impl Sql, patient: PatientId, page: &PageQuery) -> Result<Vec<Merge>> {
    let before = page.after()?.unwrap_or(Uuid::max());
    Ok(sql.all(&MERGES_OF, args![patient, before, page.rows(), page.skip()]).await?)
}
