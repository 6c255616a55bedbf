//! The columns that hold sealed values, so that they can be sealed anew with another version of the patient's key.
use chrono::{DateTime, Utc};
use uuid::Uuid;
use vault::{SealedColumn, sealed_column};

use crate::{rows, shelf};

/// What is sealed with the patient's key here.
pub static SEALED: &[SealedColumn] = &[
    sealed_column!("readings"."sealed" of "patient_id = $1" by (at: DateTime<Utc>, source: Uuid, id: Uuid),
        |row| ("readings", row.id)),
    sealed_column!("signal_latest"."sealed" of "patient_id = $1" by (patient_id: Uuid),
        |row| ("signal_latest", row.patient_id)),
    sealed_column!("signal_heads"."sealed" of "patient_id = $1" by (patient_id: Uuid),
        |row| ("signal_heads", row.patient_id)),
    sealed_column!("signal_chunks"."sealed" of "patient_id = $1" by (number: i64),
        |row| rows::chunk_place(row.number)),
    sealed_column!("signal_segments"."sealed" of "patient_id = $1" by (metric: i64, stretch: i64, at: i64),
        |row| rows::segment_place(row.metric, row.at)),
    sealed_column!("reading_shelves"."sealed" of "patient_id = $1" by (hour: i64),
        |row| shelf::place(row.hour)),
];
