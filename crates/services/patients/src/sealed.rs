//! Clinical members, sealed as JSON with their patient's key and opened again.
use kernel::{Error, PatientId, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::Tx;
use uuid::Uuid;
use vault::{PatientKey, Row, SealedColumn, Vault, sealed_column};

/// The columns that hold what is sealed here.
pub static SEALED: &[SealedColumn] = &[
    sealed_column!("patient_conditions"."sealed" of "patient_id = $1" by (id: Uuid), |row| ("patient_conditions", row.id)),
    sealed_column!("medical_records"."sealed" of "patient_id = $1" by (id: Uuid), |row| ("medical_records", row.id)),
    sealed_column!("health_profiles"."sealed" of "patient_id = $1" by (patient_id: Uuid),
        |row| ("health_profiles", row.patient_id)),
    sealed_column!("validation_steps"."sealed" of "patient_id = $1" by (id: Uuid), |row| ("validation_steps", row.id)),
    sealed_column!("family_history"."sealed" of "patient_id = $1" by (id: Uuid), |row| ("family_history", row.id)),
    sealed_column!("prescriptions"."sealed" of "patient_id = $1" by (id: Uuid), |row| ("prescriptions", row.id)),
    sealed_column!("insurances"."sealed" of "patient_id = $1" by (patient_id: Uuid),
        |row| ("insurances", row.patient_id)),
];

pub fn seal<T: Serialize>(key: &PatientKey, row: Row<'_>, value: &T) -> Result<Vec<u8>> {
    key.seal(row, &serde_json::to_vec(value).map_err(Error::internal)?)
}

pub fn open<T: DeserializeOwned>(key: &PatientKey, row: Row<'_>, sealed: &[u8]) -> Result<T> {
    serde_json::from_slice(&key.open(row, sealed)?).map_err(Error::internal)
}

/// The patient's key, inside a transaction: asking the database beside it would take a second connection.
pub async fn key_in(tx: &mut Tx, vault: &Vault, patient: PatientId) -> Result<PatientKey> {
    vault.key_in(tx, patient).await
}
