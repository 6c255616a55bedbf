//! An appointment as stored and as answered.
use chrono::{DateTime, Utc};
use kernel::{DoctorId, PatientId};
use serde::{Deserialize, Serialize};
use store::from_row;
use utoipa::ToSchema;
use uuid::Uuid;

kernel::ids!(
    /// An appointment of a patient.
    AppointmentId,
);

kernel::text_enum!(
    /// What became of an appointment. Only a booked one becomes anything else.
    AppointmentStatus { Booked = "booked", Completed = "completed", Cancelled = "cancelled", NoShow = "no_show" }
);

/// What of an appointment is sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    pub title: String,
    pub doctor_name: Option<String>,
    pub location: Option<String>,
    pub notes: Option<String>,
    /// The time agreed with the patient or staff, once its doctor moved it without them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreed_at: Option<DateTime<Utc>>,
}

/// An appointment as it is stored.
#[derive(Debug, Clone)]
pub struct Stored {
    pub id: AppointmentId,
    pub patient_id: PatientId,
    pub doctor_id: Option<DoctorId>,
    pub scheduled_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub duration_minutes: i64,
    pub reminder_minutes_before: Option<i64>,
    pub status: AppointmentStatus,
    /// The doctor is related to the patient because of this appointment.
    pub expected: bool,
    pub sealed: Vec<u8>,
    pub created_by: Uuid,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i64,
}
from_row!(Stored {
    id,
    patient_id,
    doctor_id,
    scheduled_at,
    ends_at,
    duration_minutes,
    reminder_minutes_before,
    status,
    expected,
    sealed,
    created_by,
    created_at,
    updated_at,
    version,
});

/// An appointment. Its words (title, doctor's name, location, notes) are null to the doctor of an appointment that is
/// over, unless the doctor still has to do with the patient.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Appointment {
    pub id: AppointmentId,
    pub patient_id: PatientId,
    pub doctor_id: Option<DoctorId>,
    pub title: Option<String>,
    pub doctor_name: Option<String>,
    pub location: Option<String>,
    pub notes: Option<String>,
    /// In UTC.
    pub scheduled_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub duration_minutes: i64,
    pub reminder_minutes_before: Option<i64>,
    pub status: AppointmentStatus,
    /// The account that booked it.
    pub created_by: Uuid,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Counts the changes; answered as the `ETag` header.
    #[serde(skip)]
    pub version: i64,
}

impl kernel::Versioned for Appointment {
    fn version(&self) -> i64 {
        self.version
    }
}

impl Appointment {
    /// The answer: what was stored in clear, with the words for whoever may read them.
    pub fn of(stored: &Stored, words: Option<Words>) -> Self {
        let (title, rest) = words.map_or((None, None), |words| (Some(words.title.clone()), Some(words)));
        let (doctor_name, location, notes) =
            rest.map_or((None, None, None), |words| (words.doctor_name, words.location, words.notes));
        Self {
            id: stored.id,
            patient_id: stored.patient_id,
            doctor_id: stored.doctor_id,
            title,
            doctor_name,
            location,
            notes,
            scheduled_at: stored.scheduled_at,
            ends_at: stored.ends_at,
            duration_minutes: stored.duration_minutes,
            reminder_minutes_before: stored.reminder_minutes_before,
            status: stored.status,
            created_by: stored.created_by,
            created_at: stored.created_at,
            updated_at: stored.updated_at,
            version: stored.version,
        }
    }
}
