//! A hospital as it is shown, with its address and its figures.
use chrono::{DateTime, Utc};
use garde::Validate;
use kernel::{HospitalId, Versioned};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::{FromRow, Row};
use utoipa::ToSchema;

use crate::text::Words;
use crate::{InstitutionType, VerificationStatus};

/// Where a hospital is, in the members its country uses. `city` is the one that lists can be filtered by.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(transparent)]
#[garde(transparent)]
#[schema(value_type = Object)]
pub struct Address(#[garde(custom(small))] pub Map<String, Value>);

impl Address {
    pub fn city(&self) -> Option<&str> {
        self.0.get("city").and_then(Value::as_str)
    }
}

/// An address fits on an envelope; a body of a megabyte does not. The city is looked up in an index, whose entries are
/// short.
fn small(address: &Map<String, Value>, _: &()) -> garde::Result {
    let length = serde_json::to_string(address).map_or(usize::MAX, |text| text.len());
    let city = address.get("city").and_then(Value::as_str).map_or(0, |city| city.chars().count());
    match address.len() <= 30 && length <= 4000 && city <= 200 {
        true => Ok(()),
        false => Err(garde::Error::new("is too long for an address")),
    }
}

/// A hospital as anyone signed in may see it, and as every other institution is kept.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Hospital {
    pub id: HospitalId,
    #[serde(rename = "hospital_name")]
    pub name: String,
    pub registration_number: String,
    /// `hospital` on this surface; the others are at `/api/v1/institutions`.
    pub institution_type: InstitutionType,
    pub hospital_type: String,
    pub contact: String,
    pub email: String,
    pub address: Address,
    pub website: Option<String>,
    /// The state or district by which institutions are looked for.
    pub region: Option<String>,
    /// Whether the registration number was verified.
    pub verification_status: VerificationStatus,
    pub total_beds: i64,
    /// Beds that can be taken now.
    pub available_beds: i64,
    /// Beds of admitted patients.
    pub occupied_beds: i64,
    /// Beds that are neither: closed, being cleaned, without staff.
    pub unavailable_beds: i64,
    pub emergency_services: bool,
    pub specializations: Words,
    pub accreditations: Words,
    pub is_active: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Counts the changes.
    pub version: i64,
}

impl Versioned for Hospital {
    fn version(&self) -> i64 {
        self.version
    }
}

impl FromRow for Hospital {
    fn from_row(row: &Row<'_>) -> store::Result<Self> {
        let (total, occupied, unavailable): (i64, i64, i64) =
            (row.get("total_beds")?, row.get("occupied_beds")?, row.get("unavailable_beds")?);
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            registration_number: row.get("registration_number")?,
            institution_type: row.get("institution_type")?,
            hospital_type: row.get("hospital_type")?,
            contact: row.get("contact")?,
            email: row.get("email")?,
            address: row.get("address")?,
            website: row.get("website")?,
            region: row.get("region")?,
            verification_status: row.get("verification_status")?,
            total_beds: total,
            available_beds: total - occupied - unavailable,
            occupied_beds: occupied,
            unavailable_beds: unavailable,
            emergency_services: row.get("emergency_services")?,
            specializations: row.get("specializations")?,
            accreditations: row.get("accreditations")?,
            is_active: row.get("is_active")?,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
            version: row.get("version")?,
        })
    }
}

/// A hospital in figures.
#[derive(Debug, Serialize, ToSchema)]
pub struct HospitalStatistics {
    pub hospital_name: String,
    pub total_beds: i64,
    pub available_beds: i64,
    pub occupied_beds: i64,
    /// Occupied beds in percent of all beds, to two decimals; 0 without beds.
    pub occupancy_rate: f64,
    pub doctor_count: i64,
    /// Patients admitted now.
    pub current_patients: i64,
    /// Patients that were ever admitted, each counted once.
    pub total_patients_treated: i64,
    pub emergency_services: bool,
    pub specializations: Words,
}
