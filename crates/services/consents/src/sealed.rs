//! Purposes, reasons and notes, sealed with the patient's key.
use axum::http::StatusCode;
use kernel::{App, Error, PatientId, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::Tx;
use uuid::Uuid;
use vault::{PatientKey, Row, SealedColumn, Vault, sealed_column};

/// The tables whose rows have sealed words; a note of a review has a place of its own beside the reason.
pub const CONSENTS: &str = "consents";
pub const GLASS: &str = "broken_glass";
pub const REVIEW: &str = "broken_glass.note";

/// The columns that hold what is sealed here.
pub static SEALED: &[SealedColumn] = &[
    sealed_column!("consents"."sealed" of "patient_id = $1" by (id: Uuid),
        |row| (CONSENTS, row.id)),
    sealed_column!("broken_glass"."sealed" of "patient_id = $1" by (id: Uuid),
        |row| (GLASS, row.id)),
    sealed_column!("broken_glass"."note" of "patient_id = $1" by (id: Uuid),
        |row| (REVIEW, row.id)),
];

pub fn seal<T: Serialize>(key: &PatientKey, table: &str, id: Uuid, value: &T) -> Result<Vec<u8>> {
    key.seal(Row { table, id }, &serde_json::to_vec(value).map_err(Error::internal)?)
}

pub fn open<T: DeserializeOwned>(key: &PatientKey, table: &str, id: Uuid, sealed: &[u8]) -> Result<T> {
    serde_json::from_slice(&key.open(Row { table, id }, sealed)?).map_err(Error::internal)
}

/// The patient's key; none once the patient was erased, and with them why and what for.
pub async fn key(app: &App, patient: PatientId) -> Result<Option<PatientKey>> {
    match app.edge::<Vault>().key(&app.db(), patient).await {
        Ok(key) => Ok(Some(key)),
        Err(error) if matches!(error.status(), StatusCode::GONE | StatusCode::NOT_FOUND) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The patient's key, inside a transaction.
pub async fn key_in(app: &App, tx: &mut Tx, patient: PatientId) -> Result<PatientKey> {
    app.edge::<Vault>().key_in(tx, patient).await
}
