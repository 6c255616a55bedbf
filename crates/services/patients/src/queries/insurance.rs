//! The table of insurances.
use chrono::{DateTime, Utc};
use kernel::{PatientId, Result};
use store::{Sql, Tx, args, sql};

sql!(INSURANCE_OF = "SELECT sealed AS value FROM insurances WHERE patient_id = $1");

/// Who insures a patient, as it is kept.
pub async fn of_patient(sql: &mut impl Sql, patient: PatientId) -> Result<Option<Vec<u8>>> {
    Ok(sql.one(&INSURANCE_OF, args![patient]).await?)
}

sql!(
    INSURANCE_PUT = "INSERT INTO insurances (patient_id, sealed, updated_at) VALUES ($1, $2, $3)
    ON CONFLICT (patient_id) DO UPDATE SET sealed = excluded.sealed, updated_at = excluded.updated_at"
);

/// Writes who insures a patient, whose row is locked.
pub async fn put(tx: &mut Tx, patient: PatientId, sealed: Vec<u8>, now: DateTime<Utc>) -> Result<()> {
    tx.run(&INSURANCE_PUT, args![patient, sealed, now]).await?;
    Ok(())
}
