//! A doctor's profile: the same entry of the directory with the members of `/api/v1`.
use chrono::{DateTime, Utc};
use contacts::{ContactEmail, ContactPhone};
use hospitals::Words;
use kernel::{DoctorId, HospitalId};
use patients::Gender;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::specialties::Catalogue;
use crate::{Doctor, LicenseStatus, ProfessionalStatus};

/// A doctor.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DoctorProfile {
    pub id: DoctorId,
    /// The reference given at registration; our id when none was given. Either names the doctor in a path.
    pub doctor_id: String,
    pub first_name: String,
    pub last_name: String,
    /// Both names together.
    pub name: String,
    pub gender: Gender,
    pub contact_email: ContactEmail,
    pub contact_phone: Option<ContactPhone>,
    /// The institution named at registration; where the doctor works now is in the affiliations.
    pub institution_id: Option<HospitalId>,
    pub medical_license: String,
    pub license_status: LicenseStatus,
    /// The specialty's id, when the catalogue has it.
    pub specialty_id: Option<Uuid>,
    /// The first of the specializations.
    pub specialty: Option<String>,
    pub specializations: Words,
    pub qualification: Words,
    pub years_experience: i64,
    /// For a consultation, in the currency of the institution.
    pub consultation_fee: Option<f64>,
    pub professional_status: ProfessionalStatus,
    pub is_available: bool,
    pub is_active: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Counts the changes.
    pub version: i64,
}

impl kernel::Versioned for DoctorProfile {
    fn version(&self) -> i64 {
        self.version
    }
}

impl DoctorProfile {
    pub fn of(doctor: Doctor, catalogue: &Catalogue) -> Self {
        let (first_name, last_name) = doctor.names();
        Self {
            first_name: first_name.to_owned(),
            last_name: last_name.to_owned(),
            specialty_id: catalogue.of(&doctor).map(|known| known.id),
            specialty: doctor.specializations.0.first().cloned(),
            id: doctor.id,
            doctor_id: doctor.reference,
            name: doctor.name,
            gender: doctor.gender,
            contact_email: ContactEmail::of(&doctor.email),
            contact_phone: doctor.contact.as_deref().and_then(ContactPhone::of),
            institution_id: doctor.institution_id,
            medical_license: doctor.license_number,
            license_status: doctor.license_status,
            specializations: doctor.specializations,
            qualification: doctor.qualification,
            years_experience: doctor.experience,
            consultation_fee: doctor.consultation_fee,
            professional_status: doctor.professional_status,
            is_available: doctor.is_available,
            is_active: doctor.is_active,
            created_at: doctor.created_at,
            updated_at: doctor.updated_at,
            version: doctor.version,
        }
    }
}
