//! Who may act for a patient.
use access::{Action, Opens, Span};
use chrono::{DateTime, Utc};
use kernel::{PatientId, UserId};
use serde::Serialize;
use store::from_row;
use utoipa::ToSchema;
use uuid::Uuid;

kernel::text_enum!(
    Relationship { Parent = "parent", Guardian = "guardian", Spouse = "spouse", Carer = "carer" }
);

kernel::text_enum!(
    /// Seeing what the patient sees, or also doing what the patient does.
    May { Read = "read", Manage = "manage" }
);

impl May {
    /// What of the patient's own rights is left; all of them when none is said.
    pub fn opens(self) -> Option<Opens> {
        match self {
            Self::Read => Some(Opens { categories: None, actions: vec![Action::Read], span: Span::ALWAYS }),
            Self::Manage => None,
        }
    }
}

/// A delegate as stored.
#[derive(Debug, Clone)]
pub struct StoredDelegate {
    pub id: Uuid,
    pub patient_id: PatientId,
    pub account_id: UserId,
    pub relationship: Relationship,
    pub may: May,
    pub given_by: Uuid,
    pub given_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub ended_by: Option<Uuid>,
    pub ended_at: Option<DateTime<Utc>>,
}
from_row!(StoredDelegate {
    id,
    patient_id,
    account_id,
    relationship,
    may,
    given_by,
    given_at,
    expires_at,
    ended_by,
    ended_at,
});

/// Somebody who may act for a patient.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Delegate {
    pub id: Uuid,
    pub patient_id: PatientId,
    pub user_id: UserId,
    /// The name of the account, when it has one.
    pub name: Option<String>,
    pub relationship: Relationship,
    pub may: May,
    /// True from `given_at` until it ended or expired.
    pub is_active: bool,
    /// The account that gave the right.
    pub given_by: Uuid,
    pub given_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
}

impl Delegate {
    pub fn of(stored: &StoredDelegate, name: Option<String>, now: DateTime<Utc>) -> Self {
        Self {
            id: stored.id,
            patient_id: stored.patient_id,
            user_id: stored.account_id,
            name,
            relationship: stored.relationship,
            may: stored.may,
            is_active: stored.ended_at.is_none() && stored.expires_at.is_none_or(|at| now < at),
            given_by: stored.given_by,
            given_at: stored.given_at,
            expires_at: stored.expires_at,
            ended_at: stored.ended_at,
        }
    }
}

/// A patient for whom the caller may act.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Delegation {
    pub id: Uuid,
    pub patient_id: PatientId,
    pub patient_name: Option<String>,
    pub relationship: Relationship,
    pub may: May,
    pub given_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
}
