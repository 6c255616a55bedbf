//! A doctor as kept, and as the directory shows one to anyone signed in.
use chrono::{DateTime, Utc};
use hospitals::Words;
use kernel::{DoctorId, HospitalId, text_enum};
use patients::Gender;
use serde::Serialize;
use store::{FromRow, Row};
use utoipa::ToSchema;

text_enum!(
    /// Whether a doctor practises. Whoever does not signs in nowhere and sees no patient.
    ProfessionalStatus { Active = "active", Suspended = "suspended", Retired = "retired" }
);

text_enum!(
    /// Whether somebody has checked that the licence is the doctor's and valid.
    LicenseStatus { Pending = "pending", Verified = "verified", Rejected = "rejected" }
);

/// A doctor.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Doctor {
    pub id: DoctorId,
    /// The reference given at registration; our id when none was given. Either names the doctor in a path.
    #[serde(rename = "doctor_id")]
    pub reference: String,
    pub name: String,
    /// Absent when the doctor was registered with one name: then it is split where [`Doctor::names`] says.
    #[serde(skip)]
    pub first_name: Option<String>,
    #[serde(skip)]
    pub last_name: Option<String>,
    /// In whole years, as it was given.
    pub age: Option<i64>,
    pub gender: Gender,
    /// A phone number; null when none was given.
    pub contact: Option<String>,
    pub email: String,
    pub license_number: String,
    pub license_status: LicenseStatus,
    /// The first is the doctor's specialty.
    pub specializations: Words,
    pub qualification: Words,
    /// In whole years.
    pub experience: i64,
    /// For a consultation, in the currency of the institution.
    pub consultation_fee: Option<f64>,
    /// The institution named at registration.
    pub institution_id: Option<HospitalId>,
    pub professional_status: ProfessionalStatus,
    pub is_available: bool,
    pub is_active: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Counts the changes.
    pub version: i64,
}

impl FromRow for Doctor {
    fn from_row(row: &Row<'_>) -> store::Result<Self> {
        // The column was made when a contact was asked of everybody: the empty text is none.
        let contact: String = row.get("contact")?;
        Ok(Self {
            id: row.get("id")?,
            reference: row.get("reference")?,
            name: row.get("name")?,
            first_name: row.get("first_name")?,
            last_name: row.get("last_name")?,
            age: row.get("age")?,
            gender: row.get("gender")?,
            contact: Some(contact).filter(|text| !text.is_empty()),
            email: row.get("email")?,
            license_number: row.get("license_number")?,
            license_status: row.get("license_status")?,
            specializations: row.get("specializations")?,
            qualification: row.get("qualification")?,
            experience: row.get("experience")?,
            consultation_fee: row.get("consultation_fee")?,
            institution_id: row.get("institution_id")?,
            professional_status: row.get("professional_status")?,
            is_available: row.get("is_available")?,
            is_active: row.get("is_active")?,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
            version: row.get("version")?,
        })
    }
}

impl kernel::Versioned for Doctor {
    fn version(&self) -> i64 {
        self.version
    }
}

impl Doctor {
    /// First and last name; a doctor registered with one name has it split at the last space.
    pub fn names(&self) -> (&str, &str) {
        if let (Some(first), Some(last)) = (&self.first_name, &self.last_name) {
            return (first, last);
        }
        self.name.rsplit_once(' ').map_or((self.name.as_str(), ""), |(first, last)| (first.trim_end(), last))
    }

    /// Whether the doctor may be given patients: neither deactivated nor suspended nor retired.
    pub fn practises(&self) -> bool {
        self.is_active && self.professional_status == ProfessionalStatus::Active
    }
}
