//! What an emergency is, on the wire and inside.
use chrono::{DateTime, Utc};
use kernel::{AlertId, EmergencyId, HospitalId, PatientId};
use patients::EmergencyKind;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

kernel::text_enum!(Severity { Low = "low", Medium = "medium", High = "high", Critical = "critical" });

kernel::text_enum!(
    /// How far the answer to an emergency has come. It only ever moves forward.
    Status {
        Active = "active",
        Acknowledged = "acknowledged",
        Responding = "responding",
        Resolved = "resolved",
        FalseAlarm = "false_alarm",
    }
);

impl Status {
    pub fn is_open(self) -> bool {
        matches!(self, Self::Active | Self::Acknowledged | Self::Responding)
    }

    /// Forward steps: active → acknowledged → responding → an end. Steps may be skipped, never taken back.
    pub fn may_become(self, next: Self) -> bool {
        self.is_open() && next > self
    }

    /// The event's name on the stream.
    pub fn event(self) -> &'static str {
        match self {
            Self::Active => "emergency_alert",
            Self::Acknowledged => "alert_acknowledged",
            Self::Responding => "alert_responding",
            Self::Resolved => "alert_resolved",
            Self::FalseAlarm => "alert_false_alarm",
        }
    }
}

/// An emergency to raise.
#[derive(Debug, Clone, Deserialize, ToSchema, garde::Validate)]
#[garde(allow_unvalidated)]
pub struct EmergencyIn {
    /// The caller's own reference, kept and unique; ours when left out. Not in the form of a UUID: that is our ids'.
    #[garde(inner(length(min = 1, max = 100), custom(no_id)))]
    #[schema(min_length = 1, max_length = 100)]
    pub alert_id: Option<String>,
    #[garde(length(min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100)]
    pub patient_id: String,
    pub hospital_id: Option<HospitalId>,
    pub alert_type: EmergencyKind,
    pub severity: Severity,
    #[garde(length(min = 1, max = 2000), custom(kernel::not_blank))]
    #[schema(min_length = 1, max_length = 2000)]
    pub description: String,
    /// `wearable`, `manual`, `system` and the like.
    #[garde(length(min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100)]
    pub triggered_by: String,
    /// What the sender knows besides, 4096 bytes at most.
    #[garde(inner(custom(kernel::small_json)))]
    pub trigger_data: Option<Value>,
    /// Where, in whatever shape the sender has it; 4096 bytes at most.
    #[garde(inner(custom(kernel::small_json)))]
    pub location: Option<Value>,
}

/// A reference that looks like an id could be taken for one.
fn no_id(value: &str, _: &()) -> garde::Result {
    match value.parse::<Uuid>() {
        Ok(_) => Err(garde::Error::new("must not have the form of a UUID")),
        Err(_) => Ok(()),
    }
}

/// The sealed part of an emergency.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Detail {
    pub description: String,
    pub trigger_data: Option<Value>,
    pub location: Option<Value>,
    pub response_notes: Option<String>,
    pub resolution_notes: Option<String>,
}

/// An emergency as it is answered.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Emergency {
    pub id: EmergencyId,
    /// The caller's own reference, or our id.
    pub alert_id: String,
    pub patient_id: PatientId,
    pub patient_name: Option<String>,
    pub hospital_id: Option<HospitalId>,
    /// The rule alert it came from, if any.
    pub ward_alert_id: Option<AlertId>,
    pub alert_type: EmergencyKind,
    pub severity: Severity,
    pub status: Status,
    pub description: String,
    pub triggered_by: String,
    pub trigger_data: Option<Value>,
    pub location: Option<Value>,
    pub created_at: DateTime<Utc>,
    pub acknowledged_at: Option<DateTime<Utc>>,
    pub acknowledged_by: Option<Uuid>,
    pub responding_at: Option<DateTime<Utc>>,
    pub responder_id: Option<Uuid>,
    pub response_notes: Option<String>,
    pub resolved_at: Option<DateTime<Utc>>,
    pub resolved_by: Option<Uuid>,
    pub resolution_notes: Option<String>,
}

/// What a step of the answer may say; as query parameters or as a JSON body.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, utoipa::IntoParams, garde::Validate)]
#[garde(allow_unvalidated)]
pub struct StepIn {
    /// Who responds; the signed-in user when left out. Only staff names somebody else: from others it is ignored.
    pub responder_id: Option<Uuid>,
    #[garde(inner(length(max = 2000)))]
    #[param(max_length = 2000)]
    #[schema(max_length = 2000)]
    pub notes: Option<String>,
    #[garde(inner(length(max = 2000)))]
    #[param(max_length = 2000)]
    #[schema(max_length = 2000)]
    pub resolution_notes: Option<String>,
}

impl StepIn {
    /// The body's members, and the query's where the body is silent.
    pub fn or(self, query: Self) -> Self {
        Self {
            responder_id: self.responder_id.or(query.responder_id),
            notes: self.notes.or(query.notes),
            resolution_notes: self.resolution_notes.or(query.resolution_notes),
        }
    }
}

/// Which emergencies to list.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams, garde::Validate)]
#[garde(allow_unvalidated)]
pub struct ListQuery {
    /// Only those that have not ended; true when left out.
    pub active_only: Option<bool>,
    pub severity: Option<Severity>,
}

/// Figures over all emergencies the caller may count.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EmergencyStatistics {
    pub total_alerts: i64,
    pub active_alerts: i64,
    pub acknowledged_alerts: i64,
    pub responding_alerts: i64,
    pub resolved_alerts: i64,
    pub false_alarms: i64,
    pub critical_alerts: i64,
    /// From raising to acknowledging, over those acknowledged; none before the first.
    pub average_response_seconds: Option<f64>,
}
