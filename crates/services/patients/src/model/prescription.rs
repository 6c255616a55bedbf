//! Prescriptions: what a doctor orders a patient to take, from when until when.
use access::{Mark, When};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use garde::Validate;
use kernel::{DoctorId, PatientId, Versioned, not_blank};
use serde::{Deserialize, Serialize};
use store::from_row;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::PrescriptionStatus;
use crate::check;

/// One thing to take.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct Medication {
    /// As `Metformin 500 mg tablets`.
    #[serde(alias = "medication_name")]
    #[garde(length(chars, max = 200), custom(not_blank))]
    #[schema(max_length = 200)]
    pub name: String,
    /// As `1 tablet`.
    #[garde(length(chars, max = 200))]
    #[schema(max_length = 200)]
    pub dosage: Option<String>,
    /// As `twice a day`.
    #[garde(length(chars, max = 200))]
    #[schema(max_length = 200)]
    pub frequency: Option<String>,
    /// As `by mouth`.
    #[garde(length(chars, max = 100))]
    #[schema(max_length = 100)]
    pub route: Option<String>,
    /// As `10 days`.
    #[garde(length(chars, max = 100))]
    #[schema(max_length = 100)]
    pub duration: Option<String>,
    /// As `after food`.
    #[garde(length(chars, max = 1000))]
    #[schema(max_length = 1000)]
    pub instructions: Option<String>,
}

/// A prescription to write.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct PrescriptionIn {
    /// Your own reference to this prescription; ours is taken when it is left out. No two prescriptions share one.
    #[garde(inner(length(chars, max = 100), custom(check::reference)))]
    #[schema(max_length = 100)]
    pub prescription_id: Option<String>,
    /// The patient of the path, if it is said again.
    #[garde(length(chars, max = 100))]
    #[schema(max_length = 100)]
    pub patient_id: Option<String>,
    /// The signed-in doctor, if it is said again: nobody prescribes in another's name.
    #[garde(length(chars, max = 100))]
    #[schema(max_length = 100)]
    pub doctor_id: Option<String>,
    /// The medical record of this patient that it rests on, by id or reference.
    #[garde(length(chars, max = 100))]
    #[schema(max_length = 100)]
    pub record_id: Option<String>,
    #[garde(length(min = 1, max = 50), dive)]
    #[schema(min_items = 1, max_items = 50)]
    pub medications: Vec<Medication>,
    #[garde(length(chars, max = 4000))]
    #[schema(max_length = 4000)]
    pub dosage_instructions: Option<String>,
    /// As `10 days`; when it ends by itself says `end_date`.
    #[garde(length(chars, max = 100))]
    #[schema(max_length = 100)]
    pub duration: Option<String>,
    /// Today when left out.
    #[garde(inner(custom(check::prescribed_day)))]
    pub start_date: Option<NaiveDate>,
    /// The last day on which it is taken.
    #[garde(inner(custom(check::prescribed_day)))]
    pub end_date: Option<NaiveDate>,
    #[garde(length(chars, max = 4000))]
    #[schema(max_length = 4000)]
    pub notes: Option<String>,
    /// Whether it is for few eyes; so it is when it rests on a record that is. `false` when left out.
    pub is_sensitive: Option<bool>,
}

/// How a prescription ends.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct PrescriptionPatch {
    /// `completed` or `stopped`. What ended stays ended: write a new one.
    #[garde(custom(an_end))]
    pub status: PrescriptionStatus,
    /// Why it was ended.
    #[garde(length(chars, max = 1000))]
    #[schema(max_length = 1000)]
    pub reason: Option<String>,
}

fn an_end(status: &PrescriptionStatus, _: &()) -> garde::Result {
    match status {
        PrescriptionStatus::Completed | PrescriptionStatus::Stopped => Ok(()),
        PrescriptionStatus::Active | PrescriptionStatus::Expired | PrescriptionStatus::Planned => {
            Err(garde::Error::new("must be completed or stopped"))
        }
    }
}

/// What of a prescription is sealed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PrescriptionBody {
    pub medications: Vec<Medication>,
    pub dosage_instructions: Option<String>,
    pub duration: Option<String>,
    pub notes: Option<String>,
    /// Why it was ended.
    pub reason: Option<String>,
}

/// A prescription as it is stored.
#[derive(Debug, Clone)]
pub struct PrescriptionStored {
    pub id: Uuid,
    pub reference: String,
    pub patient_id: PatientId,
    pub doctor_id: DoctorId,
    pub record_id: Option<Uuid>,
    pub status: PrescriptionStatus,
    pub start_date: NaiveDate,
    pub end_date: Option<NaiveDate>,
    pub sealed: Vec<u8>,
    pub created_by: Uuid,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i64,
    pub is_sensitive: bool,
}
from_row!(PrescriptionStored {
    id,
    reference,
    patient_id,
    doctor_id,
    record_id,
    status,
    start_date,
    end_date,
    sealed,
    created_by,
    created_at,
    updated_at,
    version,
    is_sensitive,
});

/// The last day on which a prescription may begin to be taken now, and the first on which one may have ended. Tomorrow's
/// counts, since east of Greenwich it is today's.
pub fn current_between(now: DateTime<Utc>) -> (NaiveDate, NaiveDate) {
    let today = now.date_naive();
    (today + TimeDelta::days(1), today)
}

impl PrescriptionStored {
    /// By what a grant tells whether it shows it.
    pub fn mark(&self) -> Mark {
        Mark { when: When::On(self.start_date), by: self.created_by, is_sensitive: self.is_sensitive }
    }

    /// How it stands by the clock: what was not ended may have expired, or begin later.
    pub fn status_at(&self, now: DateTime<Utc>) -> PrescriptionStatus {
        let (begins, ends) = current_between(now);
        match self.status {
            PrescriptionStatus::Active if self.end_date.is_some_and(|last| last < ends) => PrescriptionStatus::Expired,
            PrescriptionStatus::Active if self.start_date > begins => PrescriptionStatus::Planned,
            status => status,
        }
    }
}

/// A prescription of a patient.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Prescription {
    pub id: Uuid,
    pub prescription_id: String,
    pub patient_id: PatientId,
    pub doctor_id: DoctorId,
    pub record_id: Option<Uuid>,
    pub status: PrescriptionStatus,
    pub start_date: NaiveDate,
    pub end_date: Option<NaiveDate>,
    #[serde(flatten)]
    pub body: PrescriptionBody,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Whether it is for few eyes.
    pub is_sensitive: bool,
    /// Counts the changes; answered as the `ETag` header.
    #[serde(skip)]
    pub version: i64,
}

impl Versioned for Prescription {
    fn version(&self) -> i64 {
        self.version
    }
}

impl Prescription {
    /// The answer at this moment: what was stored in clear, with what was sealed.
    pub fn of(stored: PrescriptionStored, body: PrescriptionBody, now: DateTime<Utc>) -> Self {
        let status = stored.status_at(now);
        Self {
            id: stored.id,
            prescription_id: stored.reference,
            patient_id: stored.patient_id,
            doctor_id: stored.doctor_id,
            record_id: stored.record_id,
            status,
            start_date: stored.start_date,
            end_date: stored.end_date,
            body,
            created_at: stored.created_at,
            updated_at: stored.updated_at,
            is_sensitive: stored.is_sensitive,
            version: stored.version,
        }
    }

    /// What is taken by this prescription, each with where it comes from.
    pub fn medications(&self) -> impl Iterator<Item = CurrentMedication> + '_ {
        self.body.medications.iter().map(|medication| CurrentMedication {
            prescription_id: self.prescription_id.clone(),
            patient_id: self.patient_id,
            doctor_id: self.doctor_id,
            start_date: self.start_date,
            end_date: self.end_date,
            medication: medication.clone(),
            dosage_instructions: self.body.dosage_instructions.clone(),
        })
    }
}

/// Something the patient takes now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CurrentMedication {
    pub prescription_id: String,
    pub patient_id: PatientId,
    pub doctor_id: DoctorId,
    pub start_date: NaiveDate,
    pub end_date: Option<NaiveDate>,
    #[serde(flatten)]
    pub medication: Medication,
    pub dosage_instructions: Option<String>,
}

/// Which prescriptions to list.
#[derive(Debug, Default, Deserialize, IntoParams, Validate)]
#[garde(allow_unvalidated)]
#[into_params(parameter_in = Query)]
pub struct PrescriptionFilter {
    pub status: Option<PrescriptionStatus>,
}
