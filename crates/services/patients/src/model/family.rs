//! Family history: which illnesses a patient's relatives had.
use chrono::{DateTime, Utc};
use garde::Validate;
use kernel::{PatientId, not_blank};
use serde::{Deserialize, Serialize};
use store::from_row;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Code;

/// An illness of a relative, as it is told and as it is sealed.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct FamilyIllness {
    /// As `mother` or `paternal grandfather`.
    #[serde(alias = "relationship")]
    #[garde(length(chars, max = 100), custom(not_blank))]
    #[schema(max_length = 100)]
    pub relative: String,
    #[serde(alias = "condition_name")]
    #[garde(length(chars, max = 200), custom(not_blank))]
    #[schema(max_length = 200)]
    pub condition: String,
    #[garde(dive)]
    pub code: Option<Code>,
    /// How old the relative was when it began.
    #[garde(range(max = 120))]
    #[schema(maximum = 120)]
    pub age_at_onset: Option<u32>,
    #[garde(length(chars, max = 4000))]
    #[schema(max_length = 4000)]
    pub notes: Option<String>,
}

/// An entry of the family history as it is stored.
#[derive(Debug, Clone)]
pub struct FamilyStored {
    pub id: Uuid,
    pub patient_id: PatientId,
    pub sealed: Vec<u8>,
    pub created_by: Uuid,
    pub created_at: DateTime<Utc>,
}
from_row!(FamilyStored { id, patient_id, sealed, created_by, created_at });

/// An entry of a patient's family history.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FamilyHistory {
    pub id: Uuid,
    pub patient_id: PatientId,
    #[serde(flatten)]
    pub illness: FamilyIllness,
    /// The account that wrote it.
    pub created_by: Uuid,
    pub created_at: DateTime<Utc>,
}

impl FamilyHistory {
    /// The answer: what was stored in clear, with what was sealed.
    pub fn of(stored: &FamilyStored, illness: FamilyIllness) -> Self {
        Self {
            id: stored.id,
            patient_id: stored.patient_id,
            illness,
            created_by: stored.created_by,
            created_at: stored.created_at,
        }
    }
}
