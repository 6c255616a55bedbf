//! A doctor as anyone signed in may see one.
use chrono::{DateTime, Utc};
use hospitals::Words;
use kernel::DoctorId;
use patients::Gender;
use serde::Serialize;
use store::from_row;
use utoipa::ToSchema;

/// A doctor.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Doctor {
    pub id: DoctorId,
    /// The reference given at registration; our id when none was given. Either names the doctor in a path.
    #[serde(rename = "doctor_id")]
    pub reference: String,
    pub name: String,
    /// In whole years, as it was given.
    pub age: Option<i64>,
    pub gender: Gender,
    pub contact: String,
    pub email: String,
    pub license_number: String,
    pub specializations: Words,
    pub qualification: Words,
    /// In whole years.
    pub experience: i64,
    pub is_available: bool,
    pub is_active: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Counts the changes.
    pub version: i64,
}
from_row!(Doctor {
    id,
    reference,
    name,
    age,
    gender,
    contact,
    email,
    license_number,
    specializations,
    qualification,
    experience,
    is_available,
    is_active,
    created_at,
    updated_at,
    version,
});
