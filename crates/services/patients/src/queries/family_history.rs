//! The table of family history.
use kernel::{PageQuery, PatientId, Result};
use store::{Sql, Tx, args, sql};
use uuid::Uuid;

use crate::model::FamilyStored;

sql!(
    FAMILY_ADD = "INSERT INTO family_history (id, patient_id, sealed, created_by, created_at)
    VALUES ($1, $2, $3, $4, $5)"
);

/// Adds an entry.
pub async fn add(tx: &mut Tx, new: &FamilyStored) -> Result<()> {
    tx.run(&FAMILY_ADD, args![new.id, new.patient_id, &new.sealed, new.created_by, new.created_at]).await?;
    Ok(())
}

sql!(
    FAMILY_PAGE = "SELECT id, patient_id, sealed, created_by, created_at
    FROM family_history
    WHERE patient_id = $1 AND id > $2
    ORDER BY id
    LIMIT $3 OFFSET $4"
);

/// A page of a patient's family history, in the order it was told.
pub async fn of_patient(sql: &mut impl Sql, patient: PatientId, page: &PageQuery) -> Result<Vec<FamilyStored>> {
    let after: Uuid = page.after()?.unwrap_or_default();
    Ok(sql.all(&FAMILY_PAGE, args![patient, after, page.rows(), page.skip()]).await?)
}

sql!(
    FAMILY_OF = "SELECT id, patient_id, sealed, created_by, created_at
    FROM family_history
    WHERE patient_id = $1
    ORDER BY id"
);

/// A patient's whole family history.
pub async fn all(sql: &mut impl Sql, patient: PatientId) -> Result<Vec<FamilyStored>> {
    Ok(sql.all(&FAMILY_OF, args![patient]).await?)
}
