//! The table of conditions.
use access::data::Records;
use access::{Grant, Read};
use chrono::{DateTime, Utc};
use kernel::{PageQuery, PatientId, Result};
use store::{Db, Sql, Tx, Where, args, sql};
use uuid::Uuid;

use crate::model::{ConditionFilter, ConditionKind, ConditionStatus, ConditionStored};
use crate::reached::{Dated, reached};

sql!(
    CONDITION_ADD =
        "INSERT INTO patient_conditions (id, patient_id, kind, status, diagnosed_date, resolved_date, sealed,
        created_by, created_at, updated_at, is_sensitive)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
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
            c.is_sensitive,
        ]
    };
    let rows: Vec<_> = conditions.iter().map(row).collect();
    tx.run_each(&CONDITION_ADD, &rows).await?;
    Ok(())
}

/// A page of a patient's conditions that the grant reaches, in the order they were charted.
pub async fn of_patient(
    db: &mut Db,
    grant: &Grant<Read, Records>,
    page: &PageQuery,
    filter: &ConditionFilter,
) -> Result<Vec<ConditionStored>> {
    let found = Where::new(
        "SELECT id, patient_id, kind, status, diagnosed_date, resolved_date, sealed, created_by, created_at, updated_at,
            is_sensitive
        FROM patient_conditions",
    )
    .and("patient_id = ?", Some(grant.patient()))
    .and("id > ?", page.after()?)
    .and("kind = ?", filter.kind)
    .and("status = ?", filter.status);
    let found = reached(found, grant, Dated::Found);
    Ok(db.find(found.tail("ORDER BY id LIMIT ? OFFSET ?", args![page.rows(), page.skip()])).await?)
}

sql!(
    CONDITIONS_STANDING = "SELECT id, patient_id, kind, status, diagnosed_date, resolved_date, sealed, created_by,
        created_at, updated_at, is_sensitive
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

sql!(
    CONDITIONS_ALL =
        "SELECT id, patient_id, kind, status, diagnosed_date, resolved_date, sealed, created_by, created_at, updated_at,
        is_sensitive
    FROM patient_conditions
    WHERE patient_id = $1
    ORDER BY id"
);

/// All of a patient's conditions, resolved ones too, in the order they were charted.
pub async fn all(sql: &mut impl Sql, patient: PatientId) -> Result<Vec<ConditionStored>> {
    Ok(sql.all(&CONDITIONS_ALL, args![patient]).await?)
}

sql!(
    CONDITION_LOCK = "SELECT id, patient_id, kind, status, diagnosed_date, resolved_date, sealed, created_by,
        created_at, updated_at, is_sensitive
    FROM patient_conditions
    WHERE id = $1 AND patient_id = $2
    FOR UPDATE"
);

/// A patient's condition, which does not change until the transaction ends.
pub async fn lock(tx: &mut Tx, patient: PatientId, id: Uuid) -> Result<Option<ConditionStored>> {
    Ok(tx.one(&CONDITION_LOCK, args![id, patient]).await?)
}

sql!(
    CONDITION_CHANGE = "UPDATE patient_conditions
    SET status = $2, diagnosed_date = $3, resolved_date = $4, sealed = $5, updated_at = $6
    WHERE id = $1"
);

/// Writes how a condition stands now.
pub async fn change(tx: &mut Tx, c: &ConditionStored) -> Result<()> {
    let row = args![c.id, c.status, c.diagnosed_date, c.resolved_date, &c.sealed, c.updated_at];
    tx.run(&CONDITION_CHANGE, row).await?;
    Ok(())
}
