//! The ladder of validation: who has said that a patient is who the registration says.
use access::Role;
use chrono::{DateTime, NaiveDate, Utc};
use garde::Validate;
use kernel::{DoctorId, HospitalId, PatientId, Versioned};
use serde::{Deserialize, Serialize};
use store::from_row;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Stored, ValidationStatus};

impl ValidationStatus {
    /// The step that comes next; none at the top.
    pub fn next(self) -> Option<Self> {
        match self {
            Self::Pending => Some(Self::ValidatedByDoctor),
            Self::ValidatedByDoctor => Some(Self::ValidatedByInstitution),
            Self::ValidatedByInstitution => Some(Self::FullAccess),
            Self::FullAccess => None,
        }
    }
}

/// The next step of a patient's validation.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct ValidationIn {
    /// The step that is meant. Without it the next one is taken, but never `full_access`, which has to be said.
    pub step: Option<ValidationStatus>,
    /// How it was found out, as `saw the identity card`.
    #[garde(length(chars, max = 1000))]
    #[schema(max_length = 1000)]
    pub note: Option<String>,
}

/// That validation is taken back.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct WithdrawalIn {
    #[garde(length(chars, max = 1000))]
    #[schema(max_length = 1000)]
    pub reason: Option<String>,
}

/// A step as it is stored.
#[derive(Debug, Clone)]
pub struct StepStored {
    pub id: Uuid,
    pub patient_id: PatientId,
    pub from_status: ValidationStatus,
    pub to_status: ValidationStatus,
    pub holder_id: Option<Uuid>,
    pub by_id: Uuid,
    pub by_role: Role,
    pub sealed: Option<Vec<u8>>,
    pub at: DateTime<Utc>,
}
from_row!(StepStored { id, patient_id, from_status, to_status, holder_id, by_id, by_role, sealed, at });

/// A step that was taken.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ValidationStep {
    pub id: Uuid,
    pub from_status: ValidationStatus,
    pub to_status: ValidationStatus,
    /// The doctor or the institution that it was taken for.
    pub holder_id: Option<Uuid>,
    /// The account that took it.
    pub by: Uuid,
    #[schema(value_type = String)]
    pub role: Role,
    pub note: Option<String>,
    pub at: DateTime<Utc>,
}

/// A step of the ladder.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Rung {
    pub step: ValidationStatus,
    pub is_taken: bool,
    /// Who may take it.
    pub by: &'static str,
    /// What it opens, and to whom.
    pub opens: &'static str,
}

/// How far a patient's validation has come.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Validation {
    pub patient_id: PatientId,
    pub validation_status: ValidationStatus,
    pub next_step: Option<ValidationStatus>,
    pub doctor_id: Option<DoctorId>,
    pub institution_id: Option<HospitalId>,
    pub steps: Vec<Rung>,
    /// The oldest first.
    pub history: Vec<ValidationStep>,
    /// The version of the patient; answered as the `ETag` header.
    #[serde(skip)]
    pub version: i64,
}

impl Versioned for Validation {
    fn version(&self) -> i64 {
        self.version
    }
}

impl Validation {
    /// The answer about this patient.
    pub fn of(patient: &Stored, history: Vec<ValidationStep>) -> Self {
        let status = patient.validation_status;
        let rung = |(step, by, opens)| Rung { step, is_taken: step <= status, by, opens };
        Self {
            patient_id: patient.load_key,
            validation_status: status,
            next_step: status.next(),
            doctor_id: patient.doctor_id,
            institution_id: patient.institution_id,
            steps: LADDER.into_iter().map(rung).collect(),
            history,
            version: patient.version,
        }
    }
}

const LADDER: [(ValidationStatus, &str, &str); 3] = [
    (
        ValidationStatus::ValidatedByDoctor,
        "the named doctor; when none was, a doctor affiliated with the named institution; a doctor who treats or registered the patient",
        "everything to that doctor, who is assigned to the patient",
    ),
    (
        ValidationStatus::ValidatedByInstitution,
        "staff of the named institution; when none was, whoever may write the care team names one",
        "registration, contacts, care team and appointments to that institution's staff, and its records to read",
    ),
    (
        ValidationStatus::FullAccess,
        "the own account of the institution that validated the patient, or an administrator",
        "everything to that institution's staff",
    ),
];

/// A patient who waits for the caller to take the next step.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Awaited {
    /// Our id of the patient.
    pub patient_id: PatientId,
    pub name: String,
    pub date_of_birth: NaiveDate,
    pub validation_status: ValidationStatus,
    /// When the step before was taken, or the patient registered.
    pub requested_at: DateTime<Utc>,
}
from_row!(Awaited { patient_id, name, date_of_birth, validation_status, requested_at });
