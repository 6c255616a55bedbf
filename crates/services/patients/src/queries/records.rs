//! The table of medical records.
use kernel::{Error, PageQuery, PatientId, Result};
use store::{Sql, Tx, args, sql};
use uuid::Uuid;

use crate::model::RecordStored;

sql!(
    RECORD_ADD =
        "INSERT INTO medical_records (id, reference, patient_id, doctor_id, hospital_id, record_type, visit_date,
        sealed, created_by, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
);

/// Adds a medical record; 409 about `record_id` when another record has the reference.
pub async fn add(tx: &mut Tx, new: &RecordStored) -> Result<()> {
    let row = args![
        new.id,
        &new.reference,
        new.patient_id,
        &new.doctor_id,
        &new.hospital_id,
        &new.record_type,
        new.visit_date,
        &new.sealed,
        new.created_by,
        new.created_at,
    ];
    tx.run(&RECORD_ADD, row).await.map(drop).map_err(|error| match error.is_duplicate_of("reference") {
        true => Error::conflict("another record has this record_id").about("record_id"),
        false => error.into(),
    })
}

sql!(
    RECORDS_OF =
        "SELECT id, reference, patient_id, doctor_id, hospital_id, record_type, visit_date, sealed, created_by,
        created_at
    FROM medical_records
    WHERE patient_id = $1 AND id < $2
    ORDER BY id DESC
    LIMIT $3 OFFSET $4"
);

/// A patient's records, the one written last first.
pub async fn of_patient(sql: &mut impl Sql, patient: PatientId, page: &PageQuery) -> Result<Vec<RecordStored>> {
    let before = page.after()?.unwrap_or(Uuid::max());
    Ok(sql.all(&RECORDS_OF, args![patient, before, page.rows(), page.skip()]).await?)
}

sql!(RECORD_ID = "SELECT id AS value FROM medical_records WHERE patient_id = $1 AND id = $2");
sql!(RECORD_BY_REFERENCE = "SELECT id AS value FROM medical_records WHERE reference = $2 AND patient_id = $1");

/// The patient's record of this id or reference.
pub async fn find(sql: &mut impl Sql, patient: PatientId, name: &str) -> Result<Option<Uuid>> {
    if let Ok(id) = name.parse::<Uuid>()
        && let Some(found) = sql.one(&RECORD_ID, args![patient, id]).await?
    {
        return Ok(Some(found));
    }
    Ok(sql.one(&RECORD_BY_REFERENCE, args![patient, name]).await?)
}
