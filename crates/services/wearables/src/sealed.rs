//! The columns that hold sealed values, so that they can be sealed anew with another version of the patient's key.
use uuid::Uuid;
use vault::{SealedColumn, sealed_column};

/// What is sealed with the patient's key here.
pub static SEALED: &[SealedColumn] = &[
    sealed_column!("wearable_records"."sealed" of "patient_id = $1" by (id: Uuid),
        |row| ("wearable_records", row.id)),
    sealed_column!("wearable_choices"."sealed" of "patient_id = $1" by (patient_id: Uuid),
        |row| ("wearable_choices", row.patient_id)),
    sealed_column!("wearable_sources"."sealed" of "patient_id = $1" by (id: Uuid),
        |row| ("wearable_sources", row.id)),
];
