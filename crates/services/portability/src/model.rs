//! Exports and erasures as they are asked for and answered.
use chrono::{DateTime, TimeDelta, Utc};
use jobs::{Job, JobId, State};
use kernel::{PatientId, not_blank};
use serde::{Deserialize, Serialize};
use store::from_row;
use utoipa::ToSchema;
use uuid::Uuid;

kernel::ids!(
    /// A request to be erased.
    ErasureId,
);

/// How long a finished export can be fetched.
pub const KEPT: TimeDelta = TimeDelta::days(7);

/// An export: everything kept about one patient, in one file.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Export {
    pub id: JobId,
    pub patient_id: PatientId,
    pub state: State,
    /// Per cent.
    pub progress: i64,
    /// What is being written now.
    pub progress_note: Option<String>,
    /// Why it failed, or is tried again.
    pub error: Option<String>,
    /// The file's size in bytes, once it is done.
    pub size: Option<i64>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Until when the file can be fetched, once it is done.
    pub expires_at: Option<DateTime<Utc>>,
}

impl From<Job> for Export {
    fn from(job: Job) -> Self {
        let done = job.state == State::Done;
        Self {
            id: job.id,
            patient_id: PatientId(job.subject),
            state: job.state,
            progress: job.progress,
            progress_note: job.progress_note.filter(|_| job.state.is_open()),
            error: job.error,
            size: job.result.and_then(|result| result["size"].as_i64()),
            created_at: job.created_at,
            updated_at: job.updated_at,
            expires_at: done.then(|| job.updated_at + KEPT),
        }
    }
}

/// A wish to be erased, for good.
#[derive(Debug, Deserialize, ToSchema, garde::Validate)]
pub struct ErasureIn {
    /// Why, in words. It is kept when everything else is gone.
    #[garde(length(chars, max = 2000), custom(not_blank))]
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
    /// The `patient_id` of the record, once more, so that nobody is erased by accident.
    #[garde(length(chars, max = 100))]
    #[schema(max_length = 100)]
    pub confirm: String,
}

kernel::text_enum!(
    /// How a request to be erased stands.
    ErasureStatus {
        /// An administrator is to confirm it; until then it may be withdrawn.
        Requested = "requested",
        Withdrawn = "withdrawn",
        /// The patient is erased.
        Done = "done",
    }
);

/// A request to be erased, and what became of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Erasure {
    pub id: ErasureId,
    pub patient_id: PatientId,
    pub status: ErasureStatus,
    pub reason: String,
    /// The account that asked.
    pub requested_by: Uuid,
    pub requested_at: DateTime<Utc>,
    /// The account that withdrew or confirmed it.
    pub ended_by: Option<Uuid>,
    pub ended_at: Option<DateTime<Utc>>,
}

/// An erasure as it is kept, its reason sealed.
#[derive(Debug, Clone)]
pub struct Stored {
    pub id: ErasureId,
    pub patient_id: PatientId,
    pub reason: Vec<u8>,
    pub status: ErasureStatus,
    pub requested_by: Uuid,
    pub requested_at: DateTime<Utc>,
    pub ended_by: Option<Uuid>,
    pub ended_at: Option<DateTime<Utc>>,
}
from_row!(Stored { id, patient_id, reason, status, requested_by, requested_at, ended_by, ended_at });
