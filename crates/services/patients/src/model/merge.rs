//! Merging two records of one person, and the journal of it.
use chrono::{DateTime, Utc};
use garde::Validate;
use kernel::{PatientId, not_blank};
use serde::{Deserialize, Serialize};
use store::from_row;
use utoipa::ToSchema;
use uuid::Uuid;

/// A record to merge into the one in the path.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct MergeIn {
    /// The record that another stands for from then on: our id or your own reference.
    #[garde(length(chars, max = 100), custom(not_blank))]
    #[schema(max_length = 100)]
    pub absorbed_id: String,
    /// Why both are thought to be one person, for whoever looks into it later.
    #[garde(length(chars, max = 1000), custom(not_blank))]
    #[schema(max_length = 1000)]
    pub reason: String,
}

/// A record to part again from the one in the path.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct UnmergeIn {
    /// The record that was merged: our id or your own reference.
    #[garde(length(chars, max = 100), custom(not_blank))]
    #[schema(max_length = 100)]
    pub absorbed_id: String,
}

/// That two records were found to be one person's.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Merge {
    pub id: Uuid,
    /// The record that stands for both.
    pub survivor_id: PatientId,
    pub absorbed_id: PatientId,
    pub reason: String,
    /// How alike the two were, of 100.
    pub score: Option<i64>,
    /// The account that merged them.
    pub merged_by: Uuid,
    pub merged_at: DateTime<Utc>,
    /// The account that parted them again.
    pub unmerged_by: Option<Uuid>,
    pub unmerged_at: Option<DateTime<Utc>>,
}
from_row!(Merge { id, survivor_id, absorbed_id, reason, score, merged_by, merged_at, unmerged_by, unmerged_at });
