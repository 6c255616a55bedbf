//! An institution as it is shown: the same row that `/api/hospitals` shows of a hospital.
use chrono::{DateTime, Utc};
use contacts::{ContactEmail, ContactPhone};
use kernel::{HospitalId, Versioned};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{Address, Hospital, InstitutionStatus, InstitutionType, VerificationStatus, Words};

/// An institution as anyone signed in may see it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Institution {
    pub id: HospitalId,
    pub name: String,
    /// The id of the type; its word is beside it.
    pub institution_type_id: &'static str,
    pub institution_type: InstitutionType,
    /// A hospital's registration number.
    pub license_number: String,
    pub verification_status: VerificationStatus,
    pub website: Option<String>,
    pub contact_email: ContactEmail,
    pub contact_phone: Option<ContactPhone>,
    pub address: Address,
    pub region: Option<String>,
    pub total_beds: i64,
    pub available_beds: i64,
    pub occupied_beds: i64,
    pub emergency_services: bool,
    pub specializations: Words,
    pub accreditations: Words,
    pub status: InstitutionStatus,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Counts the changes.
    pub version: i64,
}

impl Versioned for Institution {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<Hospital> for Institution {
    fn from(hospital: Hospital) -> Self {
        Self {
            id: hospital.id,
            institution_type_id: hospital.institution_type.id(),
            institution_type: hospital.institution_type,
            license_number: hospital.registration_number,
            verification_status: hospital.verification_status,
            website: hospital.website,
            contact_email: ContactEmail::of(&hospital.email),
            contact_phone: ContactPhone::of(&hospital.contact),
            address: hospital.address,
            region: hospital.region,
            total_beds: hospital.total_beds,
            available_beds: hospital.available_beds,
            occupied_beds: hospital.occupied_beds,
            emergency_services: hospital.emergency_services,
            specializations: hospital.specializations,
            accreditations: hospital.accreditations,
            status: match hospital.is_active {
                true => InstitutionStatus::Active,
                false => InstitutionStatus::Inactive,
            },
            name: hospital.name,
            created_at: hospital.created_at,
            updated_at: hospital.updated_at,
            version: hospital.version,
        }
    }
}
