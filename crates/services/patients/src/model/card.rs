//! The card: the little of a patient that other services' lists show.
use chrono::{DateTime, NaiveDate, Utc};
use kernel::PatientId;

use super::{Gender, Stored};

/// Who a patient is, in one line of a ward's list. Registration data only, nothing clinical.
#[derive(Debug, Clone)]
pub struct Card {
    pub id: PatientId,
    /// The caller's own reference, answered as `patient_id`.
    pub reference: String,
    pub name: String,
    pub gender: Gender,
    pub date_of_birth: NaiveDate,
    pub contact: String,
    pub emergency_flag: bool,
    pub is_active: bool,
}

impl Card {
    /// Whole years at this moment.
    pub fn age(&self, now: DateTime<Utc>) -> u32 {
        super::age(self.date_of_birth, now)
    }
}

impl From<Stored> for Card {
    fn from(stored: Stored) -> Self {
        Self {
            id: stored.load_key,
            reference: stored.reference,
            name: stored.name,
            gender: stored.gender,
            date_of_birth: stored.date_of_birth,
            contact: stored.contact,
            emergency_flag: stored.emergency_flag,
            is_active: stored.is_active,
        }
    }
}
