//! Alerts, observations and encounters on the wire.
use chrono::{DateTime, Utc};
use emergency::Severity;
use kernel::{AlertId, DoctorId, EncounterId, HospitalId, PatientId, ReadingId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::vitals::{Measurements, ReadingOut};

/// The severity that the rules decided, as it is kept and told.
pub fn severity(decided: rules::Severity) -> Severity {
    match decided {
        rules::Severity::Low => Severity::Low,
        rules::Severity::Medium => Severity::Medium,
        rules::Severity::High => Severity::High,
        rules::Severity::Critical => Severity::Critical,
    }
}

kernel::text_enum!(
    /// How an alert stands.
    AlertStatus {
        Open = "open",
        /// It ended by itself: the value has stayed normal.
        Closed = "closed",
        /// Staff ended it.
        Resolved = "resolved",
    }
);

/// An alert raised by a rule.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Alert {
    pub id: AlertId,
    pub patient_id: PatientId,
    pub encounter_id: Option<EncounterId>,
    /// The rule: `TACHYCARDIA` and so on.
    pub r#type: String,
    pub severity: Severity,
    pub status: AlertStatus,
    pub message: String,
    /// When it was opened.
    pub timestamp: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
    /// Abnormal readings after the first.
    pub repeats: i64,
    pub resolved_at: Option<DateTime<Utc>>,
    pub resolved_by: Option<Uuid>,
    /// Why it stands as it does: staff's note, or how it closed itself.
    pub resolution_notes: Option<String>,
    /// The values, the limit and the arithmetic.
    pub explanation: Value,
    /// Whether a reading at the bedside or one of the patient's wearables raised it, or made it worse last.
    pub source: AlertSource,
}

kernel::text_enum!(
    /// What an alert was raised by.
    AlertSource { Bedside = "bedside", Wearable = "wearable" }
);

/// An alert as the answer to a reading names it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Raised {
    pub id: AlertId,
    pub r#type: String,
    pub severity: Severity,
    pub message: String,
}

/// The answer to a reading.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Recorded {
    pub id: ReadingId,
    pub patient_id: PatientId,
    pub encounter_id: Option<EncounterId>,
    pub timestamp: DateTime<Utc>,
    /// The same reading was stored before; nothing changed.
    pub duplicate: bool,
    /// Alerts this reading opened or made worse.
    pub alerts: Vec<Raised>,
}

#[derive(Debug, Clone, Deserialize, ToSchema, garde::Validate)]
#[garde(allow_unvalidated)]
pub struct ObservationIn {
    pub encounter_id: EncounterId,
    #[garde(length(min = 1, max = 10_000), custom(kernel::not_blank))]
    #[schema(min_length = 1, max_length = 10_000)]
    pub note: String,
}

/// What a doctor or nurse wrote down.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Observation {
    pub id: Uuid,
    pub encounter_id: EncounterId,
    pub note: String,
    pub created_at: DateTime<Utc>,
    pub author_id: Uuid,
}

#[derive(Debug, Clone, Deserialize, ToSchema, garde::Validate)]
#[garde(allow_unvalidated)]
pub struct EncounterIn {
    /// Our id, or the caller's own reference.
    #[garde(length(min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100)]
    pub patient_id: String,
    pub doctor_id: DoctorId,
    /// The caller's own hospital when left out.
    pub hospital_id: Option<HospitalId>,
    #[garde(inner(length(min = 1, max = 50), custom(kernel::not_blank)))]
    #[schema(min_length = 1, max_length = 50)]
    pub room_number: Option<String>,
    #[garde(inner(length(max = 200)))]
    #[schema(max_length = 200)]
    pub department: Option<String>,
    #[garde(inner(length(max = 2000)))]
    #[schema(max_length = 2000)]
    pub reason: Option<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PatientOut {
    pub id: PatientId,
    pub name: String,
    /// Whole years.
    pub age: u32,
    pub gender: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RoomOut {
    pub id: Uuid,
    pub room_number: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EncounterOut {
    pub id: EncounterId,
    pub patient: PatientOut,
    pub room: Option<RoomOut>,
    pub hospital_id: HospitalId,
    pub doctor_id: Option<DoctorId>,
    pub admitted_at: DateTime<Utc>,
    /// `active` or `discharged`.
    pub status: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Overview {
    pub encounter_id: EncounterId,
    pub patient_id: PatientId,
    pub latest_vitals: Option<Measurements>,
    /// The National Early Warning Score of the newest values, and what it lacks; none under sixteen.
    pub news2: Option<Value>,
    pub last_observation: Option<Observation>,
    /// Open alerts of this encounter.
    pub alerts_count: i64,
    pub status: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Encounters {
    pub encounters: Vec<EncounterOut>,
    /// Give it as `cursor` for those that follow; none at the end.
    pub next_cursor: Option<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Alerts {
    pub alerts: Vec<Alert>,
    /// Give it as `cursor` for those that follow; none at the end.
    pub next_cursor: Option<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Recent {
    pub vitals: Vec<ReadingOut>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct History {
    pub readings: Vec<ReadingOut>,
    /// Give it as `cursor` for the readings that follow; none at the end.
    pub next_cursor: Option<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Observations {
    pub observations: Vec<Observation>,
    /// Give it as `cursor` for those that follow; none at the end.
    pub next_cursor: Option<String>,
}
