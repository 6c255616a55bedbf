//! A patient as stored and as answered.
use chrono::{DateTime, NaiveDate, Utc};
use kernel::PatientId;
use serde::Serialize;
use serde_json::Value;
use store::from_row;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{BloodType, Gender, Summary};

/// A patient's registration as it is stored.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The patient's id, under the name that batched reads ask for.
    pub load_key: PatientId,
    pub reference: String,
    pub name: String,
    pub date_of_birth: NaiveDate,
    pub gender: Gender,
    pub contact: String,
    pub email: Option<String>,
    pub address: Value,
    pub blood_type: BloodType,
    pub emergency_flag: bool,
    pub is_active: bool,
    pub created_by: Uuid,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i64,
}
from_row!(Stored {
    load_key,
    reference,
    name,
    date_of_birth,
    gender,
    contact,
    email,
    address,
    blood_type,
    emergency_flag,
    is_active,
    created_by,
    created_at,
    updated_at,
    version,
});

/// A patient.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Patient {
    pub id: PatientId,
    /// The reference given at registration; our id when none was given. Either names the patient in a path.
    pub patient_id: String,
    pub name: String,
    /// Whole years, today.
    pub age: u32,
    pub date_of_birth: NaiveDate,
    pub gender: Gender,
    pub contact: String,
    pub email: Option<String>,
    /// As it was given.
    #[schema(value_type = Object)]
    pub address: Value,
    pub blood_type: BloodType,
    pub emergency_flag: bool,
    pub is_active: bool,
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
        Self {
            id: stored.load_key,
            patient_id: stored.reference,
            name: stored.name,
            age: age(stored.date_of_birth, now),
            date_of_birth: stored.date_of_birth,
            gender: stored.gender,
            contact: stored.contact,
            email: stored.email,
            address: stored.address,
            blood_type: stored.blood_type,
            emergency_flag: stored.emergency_flag,
            is_active: stored.is_active,
            created_at: stored.created_at,
            updated_at: stored.updated_at,
            allergies: None,
            chronic_conditions: None,
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

/// What names are searched by. Bytes are ordered alike on both engines, whatever language a database sorts text in.
pub(crate) fn name_key(name: &str) -> Vec<u8> {
    name.to_lowercase().into_bytes()
}
