//! Whether an entry of a chart is for few eyes.
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

kernel::text_enum!(
    /// What may be marked as sensitive.
    Entry { Condition = "condition" | "allergy", Record = "record", Prescription = "prescription" }
);

/// An entry of a chart, and whether it is sensitive.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct SensitiveIn {
    pub kind: Entry,
    /// Our id of the entry.
    pub id: Uuid,
    pub is_sensitive: bool,
}
