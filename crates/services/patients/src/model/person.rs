//! A patient as document 001 answers one: the same patient, with contacts in its shapes.
use contacts::{ContactEmail, ContactPhone};
use kernel::Versioned;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Gender, Patient, Sex};

/// A patient.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Person {
    #[serde(flatten)]
    pub patient: Patient,
    pub sex_id: Option<Sex>,
    pub gender_id: Gender,
    pub contact_email: Option<ContactEmail>,
    pub contact_phone: Option<ContactPhone>,
}

impl Versioned for Person {
    fn version(&self) -> i64 {
        self.patient.version
    }
}

impl From<Patient> for Person {
    fn from(patient: Patient) -> Self {
        Self {
            sex_id: patient.sex,
            gender_id: patient.gender,
            contact_email: patient.email.as_deref().map(ContactEmail::of),
            contact_phone: ContactPhone::of(&patient.contact),
            patient,
        }
    }
}
