//! The table of health profiles.
use kernel::{PatientId, Result};
use store::{Sql, Tx, args, sql};

use crate::model::HealthStored;

sql!(HEALTH_OF = "SELECT patient_id, sealed, updated_at, version FROM health_profiles WHERE patient_id = $1");

/// A patient's health profile; none before anything was recorded.
pub async fn of_patient(sql: &mut impl Sql, patient: PatientId) -> Result<Option<HealthStored>> {
    Ok(sql.one(&HEALTH_OF, args![patient]).await?)
}

sql!(
    HEALTH_PUT = "INSERT INTO health_profiles (patient_id, sealed, updated_at, version) VALUES ($1, $2, $3, $4)
    ON CONFLICT (patient_id)
    DO UPDATE SET sealed = excluded.sealed, updated_at = excluded.updated_at, version = excluded.version"
);

/// Writes a health profile, whose patient's row is locked.
pub async fn put(tx: &mut Tx, profile: &HealthStored) -> Result<()> {
    let row = args![profile.patient_id, &profile.sealed, profile.updated_at, profile.version];
    tx.run(&HEALTH_PUT, row).await?;
    Ok(())
}

sql!(HEALTH_TOUCH = "UPDATE health_profiles SET version = version + 1 WHERE patient_id = $1");

/// Counts a change of what the profile shows of the registration: whoever has read the profile has not seen it.
pub async fn touch(tx: &mut Tx, patient: PatientId) -> Result<()> {
    tx.run(&HEALTH_TOUCH, args![patient]).await?;
    Ok(())
}
