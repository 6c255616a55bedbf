//! The columns that hold sealed values, so that they can be sealed anew with another version of the patient's key.
use uuid::Uuid;
use vault::{SealedColumn, sealed_column};

/// What is sealed with the patient's key here.
pub static SEALED: &[SealedColumn] = &[
    sealed_column!("provider_connections"."sealed" of "patient_id = $1" by (id: Uuid),
        |row| ("provider_connections", row.id)),
    sealed_column!("provider_journeys"."sealed" of "patient_id = $1" by (patient_id: Uuid, hash: Vec<u8>),
        |row| ("provider_journeys", row.patient_id)),
];
