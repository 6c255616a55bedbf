//! The table of conditions.
use chrono::{DateTime, Utc};
use kernel::{PageQuery, PatientId, Result};
use store::{Db, Sql, Tx, Where, args, sql};
use uuid::Uuid;

use crate::model::{ConditionFilter, ConditionKind, ConditionStatus, ConditionStored};

sql!(
    CONDITION_ADD =
        "INSERT INTO patient_conditions (id, patient_id, kind, status, diagnosed_date, resolved_date, sealed,
        created_by, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
);

/// Adds conditions.
pub async fn add(tx: &mut Tx, conditions: &[ConditionStored]) -> Result<()> {
    let row = |c: &ConditionStored| {
        args![
            c.id,
            c.patient_id,
            c.kind,
            c.status,
            c.diagnosed_date,
            c.resolved_date,
            &c.sealed,
            c.created_by,
            c.created_at,
            c.updated_at,
        ]
    };
    let rows: Vec<_> = conditions.iter().map(row).collect();
    tx.run_each(&CONDITION_ADD, &rows).await?;
    Ok(())
}

/// A page of a patient's conditions in the order they were charted.
pub async fn of_patient(
    db: &mut Db,
    patient: PatientId,
    page: &PageQuery,
    filter: &ConditionFilter,
) -> Result<Vec<ConditionStored>> {
    let found = Where::new(
        "SELECT id, patient_id, kind, status, diagnosed_date, resolved_date, sealed, created_by, created_at, updated_at
        FROM patient_conditions",
    )
    .and("patient_id = ?", Some(patient))
    .and("id > ?", page.after()?)
    .and("kind = ?", filter.kind)
    .and("status = ?", filter.status)
    .tail("ORDER BY id LIMIT ? OFFSET ?", args![page.rows(), page.skip()]);
    Ok(db.find(found).await?)
}

sql!(
    CONDITIONS_STANDING = "SELECT id, patient_id, kind, status, diagnosed_date, resolved_date, sealed, created_by,
        created_at, updated_at
    FROM patient_conditions
    WHERE patient_id = $1 AND kind IN ($2, $3) AND status <> $4
    ORDER BY id"
);

/// A patient's allergies and chronic conditions that are not resolved.
pub async fn standing(sql: &mut impl Sql, patient: PatientId) -> Result<Vec<ConditionStored>> {
    let which = args![patient, ConditionKind::Allergy, ConditionKind::Chronic, ConditionStatus::Resolved];
    Ok(sql.all(&CONDITIONS_STANDING, which).await?)
}

sql!(
    CONDITION_RESOLVE = "UPDATE patient_conditions
    SET status = $2, resolved_date = $3, updated_at = $4
    WHERE id = $1"
);

/// Marks a condition as over since today; it stays in the chart.
pub async fn resolve(tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<()> {
    tx.run(&CONDITION_RESOLVE, args![id, ConditionStatus::Resolved, now.date_naive(), now]).await?;
    Ok(())
}
