//! A patient as stored and as answered.
use chrono::{DateTime, NaiveDate, Utc};
use kernel::{DoctorId, HospitalId, PatientId};
use serde::Serialize;
use serde_json::Value;
use store::from_row;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{BloodType, Gender, Sex, Summary, ValidationStatus};

/// A patient's registration as it is stored.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The patient's id, under the name that batched reads ask for.
    pub load_key: PatientId,
    pub reference: String,
    pub name: String,
    /// Absent when the whole name was given: see [`Stored::names`].
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub date_of_birth: NaiveDate,
    pub sex: Option<Sex>,
    pub gender: Gender,
    pub contact: String,
    pub email: Option<String>,
    pub address: Value,
    pub blood_type: BloodType,
    pub emergency_flag: bool,
    pub is_active: bool,
    /// When everything that names the patient was erased.
    pub erased_at: Option<DateTime<Utc>>,
    /// The doctor named at registration; once one has validated the patient, that one.
    pub doctor_id: Option<DoctorId>,
    /// As [`doctor_id`](Self::doctor_id).
    pub institution_id: Option<HospitalId>,
    pub validation_status: ValidationStatus,
    /// The head of the group of records that are one person; none when this is the person's only record.
    pub merge_group: Option<PatientId>,
    pub created_by: Uuid,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i64,
}
from_row!(Stored {
    load_key,
    reference,
    name,
    first_name,
    last_name,
    date_of_birth,
    sex,
    gender,
    contact,
    email,
    address,
    blood_type,
    emergency_flag,
    is_active,
    erased_at,
    doctor_id,
    institution_id,
    validation_status,
    merge_group,
    created_by,
    created_at,
    updated_at,
    version,
});

impl Stored {
    /// Whether another record stands for this one in lists.
    pub fn is_absorbed(&self) -> bool {
        self.merge_group.is_some_and(|head| head != self.load_key)
    }

    /// Whether others were merged into this one.
    pub fn stands_for_others(&self) -> bool {
        self.merge_group == Some(self.load_key)
    }

    /// First and last name, as they were given, or else the name parted at its last space.
    pub fn names(&self) -> (String, String) {
        match (&self.first_name, &self.last_name) {
            (None, None) => {
                let (first, last) = self.name.rsplit_once(' ').unwrap_or((&self.name, ""));
                (first.trim_end().to_owned(), last.to_owned())
            }
            (first, last) => (first.clone().unwrap_or_default(), last.clone().unwrap_or_default()),
        }
    }
}

/// A patient.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Patient {
    pub id: PatientId,
    /// The reference given at registration; our id when none was given. Either names the patient in a path.
    pub patient_id: String,
    pub name: String,
    /// Of a patient registered with one name: all of it but the last word.
    pub first_name: String,
    /// Of a patient registered with one name: its last word, or nothing.
    pub last_name: String,
    /// Whole years, today.
    pub age: u32,
    pub date_of_birth: NaiveDate,
    pub sex: Option<Sex>,
    pub gender: Gender,
    /// A phone number; empty when none was given.
    pub contact: String,
    pub email: Option<String>,
    /// As it was given.
    #[schema(value_type = Object)]
    pub address: Value,
    pub blood_type: BloodType,
    pub emergency_flag: bool,
    pub is_active: bool,
    /// The doctor named at registration, or the one who validated the patient.
    pub doctor_id: Option<DoctorId>,
    /// The institution named at registration, or the one that validated the patient.
    pub institution_id: Option<HospitalId>,
    pub validation_status: ValidationStatus,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Present when `include=records` asked for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub allergies: Option<Vec<String>>,
    /// Present when `include=records` asked for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub chronic_conditions: Option<Vec<String>>,
    /// The record this one was merged into; either id goes on naming the patient.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub merged_into: Option<PatientId>,
    /// The records that were merged into this one, and those merged into them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub merged_ids: Vec<PatientId>,
    /// Counts the changes; answered as the `ETag` header.
    #[serde(skip)]
    pub version: i64,
}

impl kernel::Versioned for Patient {
    fn version(&self) -> i64 {
        self.version
    }
}

impl Patient {
    /// The answer about a patient at this moment.
    pub fn of(stored: Stored, now: DateTime<Utc>) -> Self {
        let (first_name, last_name) = stored.names();
        Self {
            id: stored.load_key,
            patient_id: stored.reference,
            name: stored.name,
            first_name,
            last_name,
            age: age(stored.date_of_birth, now),
            date_of_birth: stored.date_of_birth,
            sex: stored.sex,
            gender: stored.gender,
            contact: stored.contact,
            email: stored.email,
            address: stored.address,
            blood_type: stored.blood_type,
            emergency_flag: stored.emergency_flag,
            is_active: stored.is_active,
            doctor_id: stored.doctor_id,
            institution_id: stored.institution_id,
            validation_status: stored.validation_status,
            created_at: stored.created_at,
            updated_at: stored.updated_at,
            allergies: None,
            chronic_conditions: None,
            merged_into: None,
            merged_ids: Vec::new(),
            version: stored.version,
        }
    }

    /// The same answer with what the patient's records add.
    #[must_use]
    pub fn with(self, records: Summary) -> Self {
        Self { allergies: Some(records.allergies), chronic_conditions: Some(records.chronic_conditions), ..self }
    }
}

/// Whole years since birth; a newborn of today and one born ahead of a test's clock are both 0.
pub(crate) fn age(born: NaiveDate, now: DateTime<Utc>) -> u32 {
    now.date_naive().years_since(born).unwrap_or(0)
}
