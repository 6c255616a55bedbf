//! The table of family history.
use access::data::Records;
use access::{Grant, Read};
use kernel::{PageQuery, PatientId, Result};
use store::{Db, Sql, Tx, Where, args, sql};

use crate::model::FamilyStored;
use crate::reached::{Dated, reached};

sql!(
    FAMILY_ADD = "INSERT INTO family_history (id, patient_id, sealed, created_by, created_at)
    VALUES ($1, $2, $3, $4, $5)"
);

/// Adds an entry.
pub async fn add(tx: &mut Tx, new: &FamilyStored) -> Result<()> {
    tx.run(&FAMILY_ADD, args![new.id, new.patient_id, &new.sealed, new.created_by, new.created_at]).await?;
    Ok(())
}

/// A page of a patient's family history that the grant reaches, in the order it was told.
pub async fn of_patient(db: &mut Db, grant: &Grant<Read, Records>, page: &PageQuery) -> Result<Vec<FamilyStored>> {
    let found = Where::new("SELECT id, patient_id, sealed, created_by, created_at FROM family_history")
        .and("patient_id = ?", Some(grant.patient()))
        .and("id > ?", page.after()?);
    let found = reached(found, grant, Dated::Written);
    Ok(db.find(found.tail("ORDER BY id LIMIT ? OFFSET ?", args![page.rows(), page.skip()])).await?)
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
