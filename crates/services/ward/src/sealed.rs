//! The columns that hold sealed values, so that they can be sealed anew with another version of the patient's key.
use uuid::Uuid;
use vault::{SealedColumn, sealed_column};

/// What is sealed with the patient's key here.
pub static SEALED: &[SealedColumn] = &[
    sealed_column!("alerts"."sealed" of "patient_id = $1" by (id: Uuid),
        |row| ("alerts", row.id)),
    sealed_column!("observations"."sealed" of "patient_id = $1" by (id: Uuid),
        |row| ("observations", row.id)),
    sealed_column!("ward_watch"."sealed" of "patient_id = $1" by (patient_id: Uuid),
        |row| ("ward_watch", row.patient_id)),
];
