//! The table of what patients chose.
use kernel::{PatientId, Result};
use store::{Sql, Tx, args, sql};

sql!(CHOICES_OF = "SELECT sealed AS value FROM wearable_choices WHERE patient_id = $1");

pub async fn of(sql: &mut impl Sql, patient: PatientId) -> Result<Option<Vec<u8>>> {
    Ok(sql.one(&CHOICES_OF, args![patient]).await?)
}

sql!(
    CHOICES_PUT = "INSERT INTO wearable_choices (patient_id, sealed) VALUES ($1, $2)
    ON CONFLICT (patient_id) DO UPDATE SET sealed = excluded.sealed"
);

pub async fn put(tx: &mut Tx, patient: PatientId, sealed: &Vec<u8>) -> Result<()> {
    tx.run(&CHOICES_PUT, args![patient, sealed]).await?;
    Ok(())
}

sql!(CHOICES_FORGET = "DELETE FROM wearable_choices WHERE patient_id = $1");

pub async fn forget(tx: &mut Tx, patient: PatientId) -> Result<()> {
    tx.run(&CHOICES_FORGET, args![patient]).await?;
    Ok(())
}
