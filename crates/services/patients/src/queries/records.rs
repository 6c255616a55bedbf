//! The table of medical records.
use access::data::Records;
use access::{Grant, Read};
use kernel::{Error, PageQuery, PatientId, Result};
use store::{Db, Sql, Tx, Where, args, sql};
use uuid::Uuid;

use crate::model::RecordStored;
use crate::reached::{Dated, reached};

/// Reads records as they are stored.
macro_rules! records {
    ($rest:literal) => {
        concat!(
            "SELECT id, reference, patient_id, doctor_id, hospital_id, record_type, visit_date, sealed, created_by, created_at,
                is_sensitive
            FROM medical_records ",
            $rest
        )
    };
}

sql!(
    RECORD_ADD =
        "INSERT INTO medical_records (id, reference, patient_id, doctor_id, hospital_id, record_type, visit_date,
        sealed, created_by, created_at, is_sensitive)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
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
        new.is_sensitive,
    ];
    tx.run(&RECORD_ADD, row).await.map(drop).map_err(|error| match error.is_duplicate_of("reference") {
        true => Error::conflict("another record has this record_id").about("record_id"),
        false => error.into(),
    })
}

/// A patient's records that the grant reaches, the one written last first.
pub async fn of_patient(db: &mut Db, grant: &Grant<Read, Records>, page: &PageQuery) -> Result<Vec<RecordStored>> {
    let found = Where::new(records!("")).and("patient_id = ?", Some(grant.patient())).and("id < ?", page.after()?);
    let found = reached(found, grant, Dated::Visit);
    Ok(db.find(found.tail("ORDER BY id DESC LIMIT ? OFFSET ?", args![page.rows(), page.skip()])).await?)
}

sql!(RECORD_BY_ID = records!("WHERE patient_id = $1 AND id = $2"));
sql!(RECORD_BY_REFERENCE = records!("WHERE reference = $2 AND patient_id = $1"));

/// The patient's record of this id or reference.
pub async fn find(sql: &mut impl Sql, patient: PatientId, name: &str) -> Result<Option<RecordStored>> {
    if let Ok(id) = name.parse::<Uuid>()
        && let Some(found) = sql.one(&RECORD_BY_ID, args![patient, id]).await?
    {
        return Ok(Some(found));
    }
    Ok(sql.one(&RECORD_BY_REFERENCE, args![patient, name]).await?)
}
