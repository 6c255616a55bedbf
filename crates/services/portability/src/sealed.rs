//! The columns that hold sealed values, so that they can be sealed anew with another version of the patient's key.
use uuid::Uuid;
use vault::{SealedColumn, sealed_column};

use crate::export::archive;
use crate::{ErasureId, erasure};

/// What is sealed with the patient's key here.
pub static SEALED: &[SealedColumn] = &[
    sealed_column!("export_chunks"."sealed" of "export_id IN (SELECT id FROM exports WHERE patient_id = $1)" by (export_id: Uuid, number: i64, place: i64),
        |row| archive::bound((row.export_id, row.number, row.place))),
];

/// What is sealed here with the master key.
pub static SYSTEM: &[SealedColumn] =
    &[sealed_column!("erasures"."reason" of "CAST($1 AS uuid) IS NOT NULL" by (id: Uuid),
        |row| (erasure::purpose(ErasureId(row.id)), Uuid::nil()), System)];
