//! The people to call about a patient.
use chrono::{DateTime, Utc};
use garde::Validate;
use kernel::{Error, PatientId, Result, not_blank};
use serde::{Deserialize, Serialize};
use store::from_row;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::check;

/// Somebody to call about a patient.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct FamilyContactIn {
    #[garde(length(chars, max = 200), custom(kernel::name))]
    #[schema(max_length = 200)]
    pub name: String,
    /// As `spouse` or `daughter`.
    #[garde(length(chars, max = 100), custom(not_blank))]
    #[schema(max_length = 100)]
    pub relationship: String,
    /// A phone number.
    #[garde(length(chars, max = 40), custom(kernel::contact))]
    #[schema(max_length = 40)]
    pub contact: String,
    #[garde(inner(length(chars, max = 254), custom(check::email)))]
    #[schema(max_length = 254)]
    pub email: Option<String>,
    /// Called first. A patient has one primary contact: the one before stays a contact and is primary no longer.
    #[serde(default)]
    pub is_primary: bool,
    /// Called in an emergency.
    #[serde(default)]
    pub is_emergency_contact: bool,
}

/// A contact of a patient.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FamilyContact {
    pub id: Uuid,
    pub patient_id: PatientId,
    pub name: String,
    pub relationship: String,
    pub contact: String,
    pub email: Option<String>,
    pub is_primary: bool,
    pub is_emergency_contact: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}
from_row!(FamilyContact {
    id,
    patient_id,
    name,
    relationship,
    contact,
    email,
    is_primary,
    is_emergency_contact,
    created_at,
    updated_at,
});

/// The time of the last change is the version.
impl kernel::Versioned for FamilyContact {
    fn version(&self) -> i64 {
        self.updated_at.timestamp_micros()
    }
}

/// Whom a document names in two members of a body to be called first in an emergency. Somebody who cannot be called is none:
/// 422 about the other member when one is missing.
pub fn called_first(
    (name_member, name): (&str, Option<String>),
    (phone_member, phone): (&str, Option<String>),
) -> Result<Option<FamilyContactIn>> {
    match (name, phone) {
        (Some(name), Some(contact)) => Ok(Some(FamilyContactIn {
            name,
            relationship: "emergency contact".to_owned(),
            contact,
            email: None,
            is_primary: true,
            is_emergency_contact: true,
        })),
        (Some(_), None) => Err(Error::invalid(phone_member, format!("is needed with {name_member}"))),
        (None, Some(_)) => Err(Error::invalid(name_member, format!("is needed with {phone_member}"))),
        (None, None) => Ok(None),
    }
}

impl FamilyContact {
    /// A new contact of this patient.
    pub fn new(patient: PatientId, said: FamilyContactIn, now: DateTime<Utc>) -> Self {
        Self {
            id: kernel::ids::new(),
            patient_id: patient,
            name: said.name.trim().to_owned(),
            relationship: said.relationship.trim().to_owned(),
            contact: said.contact.trim().to_owned(),
            email: said.email,
            is_primary: said.is_primary,
            is_emergency_contact: said.is_emergency_contact,
            created_at: now,
            updated_at: now,
        }
    }
}
