//! What is kept of a patient here, sealed as JSON with the patient's key.
use kernel::{App, Error, PatientId, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::Tx;
use uuid::Uuid;
use vault::{PatientKey, Row, SealedColumn, Vault, sealed_column};

pub const PHONES: &str = "gateway_phones";
pub const QUARANTINE: &str = "gateway_quarantine";
pub const OUTBOX: &str = "gateway_outbox";

/// The columns that hold what is sealed here.
pub static SEALED: &[SealedColumn] = &[
    sealed_column!("gateway_phones"."fcm" of "patient_id = $1" by (session_id: Uuid),
        |row| (PHONES, row.session_id)),
    sealed_column!("gateway_quarantine"."sealed" of "patient_id = $1" by (id: Uuid),
        |row| (QUARANTINE, row.id)),
    sealed_column!("gateway_outbox"."sealed" of "patient_id = $1" by (id: Uuid),
        |row| (OUTBOX, row.id)),
];

pub fn seal<T: Serialize>(key: &PatientKey, table: &str, id: Uuid, value: &T) -> Result<Vec<u8>> {
    key.seal(Row { table, id }, &serde_json::to_vec(value).map_err(Error::internal)?)
}

pub fn open<T: DeserializeOwned>(key: &PatientKey, table: &str, id: Uuid, sealed: &[u8]) -> Result<T> {
    serde_json::from_slice(&key.open(Row { table, id }, sealed)?).map_err(Error::internal)
}

/// The patient's key, inside a transaction: asking the database beside it would take a second connection.
pub async fn key_in(app: &App, tx: &mut Tx, patient: PatientId) -> Result<PatientKey> {
    let mut keys = app.edge::<Vault>().keys(tx, &[patient]).await?;
    keys.remove(&patient).ok_or_else(|| Error::not_found("patient"))
}
