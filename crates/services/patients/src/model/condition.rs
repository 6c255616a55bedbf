//! Conditions: illnesses, chronic conditions and allergies.
use access::{Mark, When};
use chrono::{DateTime, NaiveDate, Utc};
use garde::Validate;
use kernel::{Patch, PatientId, not_blank, not_future};
use serde::{Deserialize, Serialize};
use store::from_row;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{Code, ConditionKind, ConditionSeverity, ConditionStatus};

/// A condition to chart.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct ConditionIn {
    /// As `Type 2 diabetes`, or what the patient is allergic to.
    #[serde(alias = "condition", alias = "name")]
    #[garde(length(chars, max = 200), custom(not_blank))]
    #[schema(max_length = 200)]
    pub condition_name: String,
    /// The condition's code, where one is known.
    #[garde(dive)]
    pub code: Option<Code>,
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
    /// Whether it is for few eyes, as of the mind, of HIV, of drugs. `false` when left out.
    pub is_sensitive: Option<bool>,
}

/// How a charted condition stands now: members left out stay as they are. What it is does not change: chart another one.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct ConditionPatch {
    pub status: Option<ConditionStatus>,
    /// `null` takes it away.
    #[serde(default)]
    #[schema(value_type = Option<ConditionSeverity>)]
    pub severity: Patch<ConditionSeverity>,
    #[garde(inner(custom(not_future)))]
    pub diagnosed_date: Option<NaiveDate>,
    /// Today when left out and `status` becomes `resolved`; gone when it becomes anything else.
    #[garde(inner(custom(not_future)))]
    pub resolved_date: Option<NaiveDate>,
    /// `null` takes them away.
    #[serde(default)]
    #[garde(custom(short_notes))]
    #[schema(value_type = Option<String>, max_length = 4000)]
    pub notes: Patch<String>,
}

fn short_notes(value: &Patch<String>, _: &()) -> garde::Result {
    match value {
        Patch::Set(text) if text.chars().count() > 4000 => Err(garde::Error::new("length is greater than 4000")),
        _ => Ok(()),
    }
}

/// What of a condition is sealed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ConditionSecret {
    pub condition_name: String,
    /// Absent in what was sealed before codes were.
    #[serde(default)]
    pub code: Option<Code>,
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
    pub is_sensitive: bool,
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
    is_sensitive,
});

impl ConditionStored {
    /// By what a grant tells whether it shows it: the day it was found, else when it was charted.
    pub fn mark(&self) -> Mark {
        let when = self.diagnosed_date.map_or(When::At(self.created_at), When::On);
        Mark { when, by: self.created_by, is_sensitive: self.is_sensitive }
    }
}

/// A condition of a patient.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Condition {
    pub id: Uuid,
    pub patient_id: PatientId,
    pub kind: ConditionKind,
    pub condition_name: String,
    pub code: Option<Code>,
    pub status: ConditionStatus,
    pub severity: Option<ConditionSeverity>,
    pub diagnosed_date: Option<NaiveDate>,
    pub resolved_date: Option<NaiveDate>,
    pub notes: Option<String>,
    /// The account that charted it.
    pub created_by: Uuid,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Whether it is for few eyes.
    pub is_sensitive: bool,
}

/// The time of the last change is the version.
impl kernel::Versioned for Condition {
    fn version(&self) -> i64 {
        self.updated_at.timestamp_micros()
    }
}

impl Condition {
    /// The answer: what was stored in clear, with what was sealed.
    pub fn of(stored: &ConditionStored, secret: ConditionSecret) -> Self {
        Self {
            id: stored.id,
            patient_id: stored.patient_id,
            kind: stored.kind,
            condition_name: secret.condition_name,
            code: secret.code,
            status: stored.status,
            severity: secret.severity,
            diagnosed_date: stored.diagnosed_date,
            resolved_date: stored.resolved_date,
            notes: secret.notes,
            created_by: stored.created_by,
            created_at: stored.created_at,
            updated_at: stored.updated_at,
            is_sensitive: stored.is_sensitive,
        }
    }
}

/// A patient's allergies and chronic conditions that are not resolved.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    pub allergies: Vec<String>,
    pub chronic_conditions: Vec<String>,
}

impl Summary {
    /// Adds what is charted under another record of the same person, each name once.
    pub fn append(&mut self, other: Self) {
        let lists = [(&mut self.allergies, other.allergies), (&mut self.chronic_conditions, other.chronic_conditions)];
        for (known, more) in lists {
            for name in more {
                if !known.contains(&name) {
                    known.push(name);
                }
            }
        }
    }
}

/// Which conditions to list.
#[derive(Debug, Default, Deserialize, IntoParams, Validate)]
#[garde(allow_unvalidated)]
#[into_params(parameter_in = Query)]
pub struct ConditionFilter {
    pub kind: Option<ConditionKind>,
    pub status: Option<ConditionStatus>,
}
