//! The columns that hold sealed values, so that they can be sealed anew with another version of the patient's key.
use uuid::Uuid;
use vault::{SealedColumn, sealed_column};

/// What is sealed with the patient's key here.
pub static SEALED: &[SealedColumn] =
    &[sealed_column!("aadhaar_codes"."sealed" of "patient_id = $1" by (transaction_id: Uuid),
        |row| ("aadhaar_codes", row.transaction_id), Number)];
