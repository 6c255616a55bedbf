//! A patient as document 004 describes one: what patients see and keep of themselves.
use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use garde::Validate;
use kernel::{Patch, PatientId, Result, Versioned, not_future};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use super::{BloodType, FamilyContactIn, Gender, PatientPatch, ValidationStatus, called_first};
use crate::check::{self, Object, longest_set, set};
use crate::zone;

/// An address in one text, or in parts.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged, expecting = "is neither an address as text nor an object")]
pub enum AddressIn {
    Text(String),
    Parts(Object),
}

/// The part under which an address in one text is kept.
const TEXT: &str = "text";

impl AddressIn {
    /// The address as it is kept.
    pub fn parts(self) -> Object {
        match self {
            Self::Text(text) => Object::from_iter([(TEXT.to_owned(), Value::String(text.trim().to_owned()))]),
            Self::Parts(parts) => parts,
        }
    }

    /// As [`kernel::small_json`].
    pub fn small(&self, context: &()) -> garde::Result {
        match self {
            Self::Text(text) => kernel::small_json(text, context),
            Self::Parts(parts) => kernel::small_json(parts, context),
        }
    }
}

impl PartialSchema for AddressIn {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String);
        let parts = ObjectBuilder::new().schema_type(Type::Object);
        OneOfBuilder::new().item(text).item(parts).into()
    }
}

impl ToSchema for AddressIn {
    fn name() -> Cow<'static, str> {
        "AddressIn".into()
    }
}

/// The address as it was given.
fn as_given(kept: Value) -> Value {
    match &kept {
        Value::Object(parts) if parts.len() == 1 => {
            parts.get(TEXT).filter(|text| text.is_string()).cloned().unwrap_or(kept)
        }
        _ => kept,
    }
}

/// Who insures the patient.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Insurance {
    pub provider: Option<String>,
    /// The number the insurer knows the patient by.
    pub id: Option<String>,
}

/// What a profile has beside the registration.
pub struct Beside {
    pub aadhaar: Option<OwnAadhaar>,
    /// Name and phone of whom to call in an emergency.
    pub call: Option<(String, String)>,
    pub insurance: Insurance,
    pub time_zone: Tz,
}

/// What patients see of their Aadhaar number.
pub struct OwnAadhaar {
    pub uid: String,
    pub masked: String,
    pub is_verified: bool,
}

/// A patient's own profile.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnProfile {
    pub id: PatientId,
    /// The reference given at registration; our id when none was given.
    pub patient_id: String,
    /// 64 hexadecimal digits that stand for the Aadhaar number; null without one.
    pub patient_uid: Option<String>,
    /// The same as `patient_uid`.
    pub aadhar_uid: Option<String>,
    /// The last four digits, as `XXXX XXXX 2346`.
    pub aadhar_number: Option<String>,
    /// Whether a one-time code proved that the number is the patient's.
    pub aadhar_verified: bool,
    pub full_name: String,
    pub date_of_birth: NaiveDate,
    /// Whole years, today.
    pub age: u32,
    pub gender: Gender,
    pub blood_type: BloodType,
    pub phone: Option<String>,
    pub email: Option<String>,
    /// As it was given: text or an object.
    #[schema(value_type = AddressIn)]
    pub address: Value,
    /// Who is called first in an emergency.
    pub emergency_contact: Option<String>,
    pub emergency_phone: Option<String>,
    pub insurance_provider: Option<String>,
    pub insurance_id: Option<String>,
    /// An IANA time zone: where the patient's days begin and end.
    pub time_zone: &'static str,
    pub validation_status: ValidationStatus,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Counts the changes; answered as the `ETag` header.
    #[serde(skip)]
    pub version: i64,
}

impl Versioned for OwnProfile {
    fn version(&self) -> i64 {
        self.version
    }
}

impl OwnProfile {
    pub fn of(patient: super::Patient, beside: Beside) -> Self {
        let (emergency_contact, emergency_phone) = beside.call.unzip();
        let uid = beside.aadhaar.as_ref().map(|aadhaar| aadhaar.uid.clone());
        Self {
            id: patient.id,
            patient_id: patient.patient_id,
            patient_uid: uid.clone(),
            aadhar_uid: uid,
            aadhar_verified: beside.aadhaar.as_ref().is_some_and(|aadhaar| aadhaar.is_verified),
            aadhar_number: beside.aadhaar.map(|aadhaar| aadhaar.masked),
            full_name: patient.name,
            date_of_birth: patient.date_of_birth,
            age: patient.age,
            gender: patient.gender,
            blood_type: patient.blood_type,
            phone: Some(patient.contact).filter(|contact| !contact.is_empty()),
            email: patient.email,
            address: as_given(patient.address),
            emergency_contact,
            emergency_phone,
            insurance_provider: beside.insurance.provider,
            insurance_id: beside.insurance.id,
            time_zone: beside.time_zone.name(),
            validation_status: patient.validation_status,
            created_at: patient.created_at,
            updated_at: patient.updated_at,
            version: patient.version,
        }
    }
}

/// What a patient changes of the own profile: members left out stay as they are. The login stays under the name it was
/// made with, and the Aadhaar number is changed by proving another one.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct OwnProfilePatch {
    #[serde(alias = "name")]
    #[garde(length(chars, max = 200), inner(custom(kernel::name)))]
    #[schema(max_length = 200)]
    pub full_name: Option<String>,
    #[garde(inner(custom(not_future)))]
    pub date_of_birth: Option<NaiveDate>,
    pub gender: Option<Gender>,
    /// `null` is `unknown`.
    #[serde(default)]
    #[schema(value_type = Option<BloodType>)]
    pub blood_type: Patch<BloodType>,
    #[serde(alias = "contact")]
    #[garde(length(chars, max = 40), inner(custom(kernel::contact)))]
    #[schema(max_length = 40)]
    pub phone: Option<String>,
    /// `null` takes the address away.
    #[serde(default)]
    #[garde(custom(check::email_set))]
    #[schema(value_type = Option<String>, max_length = 254)]
    pub email: Patch<String>,
    /// Takes the place of the whole address; `null` empties it.
    #[serde(default)]
    #[garde(custom(set(AddressIn::small)))]
    #[schema(value_type = Option<AddressIn>)]
    pub address: Patch<AddressIn>,
    /// Who is called first in an emergency from now on; needs `emergency_phone`.
    #[garde(length(chars, max = 200), inner(custom(kernel::name)))]
    #[schema(max_length = 200)]
    pub emergency_contact: Option<String>,
    #[garde(length(chars, max = 40), inner(custom(kernel::contact)))]
    #[schema(max_length = 40)]
    pub emergency_phone: Option<String>,
    #[serde(default)]
    #[garde(custom(longest_set(255)))]
    #[schema(value_type = Option<String>, max_length = 255)]
    pub insurance_provider: Patch<String>,
    #[serde(default)]
    #[garde(custom(longest_set(100)))]
    #[schema(value_type = Option<String>, max_length = 100)]
    pub insurance_id: Patch<String>,
    /// An IANA time zone, as `Asia/Kolkata`.
    #[garde(inner(custom(zone::is_zone)))]
    #[schema(max_length = 64)]
    pub time_zone: Option<String>,
}

/// A change taken apart by where its members are kept.
pub struct OwnParts {
    pub registration: PatientPatch,
    pub call: Option<FamilyContactIn>,
    pub insurance_provider: Patch<String>,
    pub insurance_id: Patch<String>,
    pub time_zone: Option<Tz>,
}

impl OwnParts {
    /// The insurance after the change; none when it stays as it is.
    pub fn insured(&self, was: &Insurance) -> Option<Insurance> {
        let now = Insurance {
            provider: self.insurance_provider.clone().over(was.provider.clone()),
            id: self.insurance_id.clone().over(was.id.clone()),
        };
        (now != *was).then_some(now)
    }
}

impl OwnProfilePatch {
    pub fn parted(self) -> Result<OwnParts> {
        let registration = PatientPatch {
            name: self.full_name,
            date_of_birth: self.date_of_birth,
            gender: self.gender,
            blood_type: self.blood_type,
            contact: self.phone,
            email: self.email,
            address: match self.address {
                Patch::Keep => Patch::Keep,
                Patch::Clear => Patch::Clear,
                Patch::Set(address) => Patch::Set(address.parts()),
            },
            ..PatientPatch::default()
        };
        Ok(OwnParts {
            registration,
            call: first_to_call(self.emergency_contact, self.emergency_phone)?,
            insurance_provider: self.insurance_provider,
            insurance_id: self.insurance_id,
            time_zone: self.time_zone.and_then(|name| name.parse().ok()),
        })
    }
}

/// Whom document 004 names to be called in an emergency.
pub fn first_to_call(name: Option<String>, phone: Option<String>) -> Result<Option<FamilyContactIn>> {
    called_first(("emergency_contact", name), ("emergency_phone", phone))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_address_comes_back_as_it_was_given() {
        for given in [json!("12 MG Road, Pune"), json!({"city": "Pune", "pincode": "411001"}), json!({})] {
            let said: AddressIn = serde_json::from_value(given.clone()).unwrap();
            assert_eq!(as_given(Value::Object(said.parts())), given);
        }
        assert!(serde_json::from_value::<AddressIn>(json!(5)).is_err());
    }

    #[test]
    fn an_insurance_that_stays_is_not_written_again() {
        let was = Insurance { provider: Some("Star Health".to_owned()), id: Some("S-1".to_owned()) };
        let parts = |patch: OwnProfilePatch| patch.parted().ok().unwrap();
        assert_eq!(parts(OwnProfilePatch::default()).insured(&was), None);
        let cleared = OwnProfilePatch { insurance_id: Patch::Clear, ..OwnProfilePatch::default() };
        assert_eq!(parts(cleared).insured(&was).map(|now| now.id), Some(None));
    }
}
