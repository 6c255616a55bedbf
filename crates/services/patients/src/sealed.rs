//! Clinical members, sealed as JSON with their patient's key and opened again.
use kernel::{Error, PatientId, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::Tx;
use vault::{PatientKey, Row, Vault};

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
