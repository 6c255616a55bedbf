//! Glass that was broken: a look at a chart without a relation, with a reason.
use access::Role;
use chrono::{DateTime, Utc};
use kernel::{PatientId, UserId};
use serde::Serialize;
use store::from_row;
use utoipa::ToSchema;
use uuid::Uuid;

kernel::text_enum!(
    /// What the reviewer found.
    Outcome { Justified = "justified", Unjustified = "unjustified" }
);

/// As it is stored.
#[derive(Debug, Clone)]
pub struct StoredGlass {
    pub id: Uuid,
    pub patient_id: PatientId,
    pub account_id: UserId,
    pub role: Role,
    pub reference_id: Option<Uuid>,
    pub sealed: Vec<u8>,
    pub at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub outcome: Option<Outcome>,
    pub note: Option<Vec<u8>>,
    pub reviewed_by: Option<UserId>,
    pub reviewed_at: Option<DateTime<Utc>>,
}
from_row!(StoredGlass {
    id,
    patient_id,
    account_id,
    role,
    reference_id,
    sealed,
    at,
    expires_at,
    outcome,
    note,
    reviewed_by,
    reviewed_at,
});

/// Who broke the glass over whose chart, why, and what the review found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BrokenGlass {
    pub id: Uuid,
    pub patient_id: PatientId,
    /// The account that did it.
    pub user_id: UserId,
    /// The person's name, or that of the doctor or hospital the account stands for.
    pub name: Option<String>,
    pub role: Role,
    pub reason: String,
    pub at: DateTime<Utc>,
    /// Until when it opens the chart.
    pub expires_at: DateTime<Utc>,
    /// None until it was reviewed.
    pub outcome: Option<Outcome>,
    pub note: Option<String>,
    pub reviewed_at: Option<DateTime<Utc>>,
}

impl BrokenGlass {
    pub fn of(stored: &StoredGlass, name: Option<String>, reason: String, note: Option<String>) -> Self {
        Self {
            id: stored.id,
            patient_id: stored.patient_id,
            user_id: stored.account_id,
            name,
            role: stored.role,
            reason,
            at: stored.at,
            expires_at: stored.expires_at,
            outcome: stored.outcome,
            note,
            reviewed_at: stored.reviewed_at,
        }
    }
}
