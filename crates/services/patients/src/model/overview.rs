//! Answers that put a patient together: the profile, the whole medical record, the dashboard.
use chrono::{DateTime, Utc};
use kernel::{PatientId, Versioned};
use serde::Serialize;
use serde_json::Value;
use store::from_row;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Condition, CurrentMedication, FamilyHistory, HealthProfile, Person, Prescription};
use crate::health_score::{BmiClass, ScorePart};

/// A patient with what is known of their health, and whom to call.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Profile {
    #[serde(flatten)]
    pub patient: Person,
    pub health_profile: HealthProfile,
    pub emergency_contact_name: Option<String>,
    pub emergency_contact_phone: Option<String>,
}

impl Versioned for Profile {
    fn version(&self) -> i64 {
        self.patient.version()
    }
}

/// All that is charted about a patient, but the medical records of single visits, which have a list of their own.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FullRecord {
    pub patient_id: PatientId,
    pub health_profile: HealthProfile,
    /// Illnesses, resolved ones too, in the order they were charted.
    pub conditions: Vec<Condition>,
    /// What the patient takes now.
    pub medications: Vec<CurrentMedication>,
    /// In the order they were charted.
    pub allergies: Vec<Condition>,
    pub family_history: Vec<FamilyHistory>,
    /// The newest first.
    pub prescriptions: Vec<Prescription>,
}

/// Something that was charted about a patient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Activity {
    /// `record`, `condition`, `prescription` or `validation`.
    pub kind: String,
    pub id: Uuid,
    pub at: DateTime<Utc>,
}
from_row!(Activity { kind, id, at });

/// A patient at one glance.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Dashboard {
    pub patient: Person,
    /// 0 to 100: 100 less the points of every part. A figure of wellness, not a diagnosis; none while nothing is known
    /// that it could rest on.
    pub health_score: Option<i64>,
    /// The arithmetic of the score, with what was not known and so not counted.
    pub health_score_parts: Vec<ScorePart>,
    /// What the patient takes now.
    pub medications: Vec<CurrentMedication>,
    /// Illnesses that are not resolved.
    pub conditions: Vec<Condition>,
    /// Whole years, today.
    pub age: u32,
    /// Kilograms by square metre, to one decimal.
    pub bmi: Option<f64>,
    /// The words of the World Health Organization, for adults.
    pub bmi_classification: Option<BmiClass>,
    /// The next ones booked, the nearest first; none for those who may not see them.
    #[schema(value_type = Vec<Object>)]
    pub appointments: Vec<Value>,
    /// The newest ten.
    pub recent_activity: Vec<Activity>,
}
