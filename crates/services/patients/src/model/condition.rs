//! Conditions: illnesses, chronic conditions and allergies.
use chrono::{DateTime, NaiveDate, Utc};
use garde::Validate;
use kernel::{PatientId, not_blank, not_future};
use serde::{Deserialize, Serialize};
use store::from_row;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{ConditionKind, ConditionSeverity, ConditionStatus};

/// A condition to chart.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct ConditionIn {
    /// As `Type 2 diabetes`, or what the patient is allergic to.
    #[serde(alias = "condition", alias = "name")]
    #[garde(length(chars, max = 200), custom(not_blank))]
    #[schema(max_length = 200)]
    pub condition_name: String,
    /// `condition` when left out.
    pub kind: Option<ConditionKind>,
    /// `active` when left out.
    pub status: Option<ConditionStatus>,
    pub severity: Option<ConditionSeverity>,
    #[garde(inner(custom(not_future)))]
    pub diagnosed_date: Option<NaiveDate>,
    #[garde(inner(custom(not_future)))]
    pub resolved_date: Option<NaiveDate>,
    #[garde(length(chars, max = 4000))]
    #[schema(max_length = 4000)]
    pub notes: Option<String>,
}

/// What of a condition is sealed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ConditionSecret {
    pub condition_name: String,
    pub severity: Option<ConditionSeverity>,
    pub notes: Option<String>,
}

/// A condition as it is stored.
#[derive(Debug, Clone)]
pub struct ConditionStored {
    pub id: Uuid,
    pub patient_id: PatientId,
    pub kind: ConditionKind,
    pub status: ConditionStatus,
    pub diagnosed_date: Option<NaiveDate>,
    pub resolved_date: Option<NaiveDate>,
    pub sealed: Vec<u8>,
    pub created_by: Uuid,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}
from_row!(ConditionStored {
    id,
    patient_id,
    kind,
    status,
    diagnosed_date,
    resolved_date,
    sealed,
    created_by,
    created_at,
    updated_at,
});

/// A condition of a patient.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Condition {
    pub id: Uuid,
    pub patient_id: PatientId,
    pub kind: ConditionKind,
    pub condition_name: String,
    pub status: ConditionStatus,
    pub severity: Option<ConditionSeverity>,
    pub diagnosed_date: Option<NaiveDate>,
    pub resolved_date: Option<NaiveDate>,
    pub notes: Option<String>,
    /// The account that charted it.
    pub created_by: Uuid,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Condition {
    /// The answer: what was stored in clear, with what was sealed.
    pub fn of(stored: &ConditionStored, secret: ConditionSecret) -> Self {
        Self {
            id: stored.id,
            patient_id: stored.patient_id,
            kind: stored.kind,
            condition_name: secret.condition_name,
            status: stored.status,
            severity: secret.severity,
            diagnosed_date: stored.diagnosed_date,
            resolved_date: stored.resolved_date,
            notes: secret.notes,
            created_by: stored.created_by,
            created_at: stored.created_at,
            updated_at: stored.updated_at,
        }
    }
}

/// A patient's allergies and chronic conditions that are not resolved.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    pub allergies: Vec<String>,
    pub chronic_conditions: Vec<String>,
}

/// Which conditions to list.
#[derive(Debug, Default, Deserialize, IntoParams, Validate)]
#[garde(allow_unvalidated)]
#[into_params(parameter_in = Query)]
pub struct ConditionFilter {
    pub kind: Option<ConditionKind>,
    pub status: Option<ConditionStatus>,
}
