//! What is said about an emergency, here and to the service that keeps emergencies.
use access::Role;
use chrono::{DateTime, Utc};
use garde::Validate;
use kernel::PatientId;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::EmergencyKind;

/// A report that a patient is in an emergency.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct EmergencyReport {
    pub emergency_type: EmergencyKind,
    #[garde(length(chars, max = 2000))]
    #[schema(max_length = 2000)]
    pub emergency_notes: Option<String>,
}

/// What is handed through the emergency door: an emergency to raise, or word that the patient's emergencies are over.
#[derive(Debug, Clone)]
pub struct EmergencyIn {
    pub patient: PatientId,
    /// What is raised. When emergencies end, all of them do, whatever their kind.
    pub kind: EmergencyKind,
    pub notes: Option<String>,
    /// The account that says so.
    pub by: Uuid,
    pub role: Role,
    pub at: DateTime<Utc>,
}

/// Whether a patient is in an emergency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmergencyFlag {
    Raised,
    Cleared,
}
