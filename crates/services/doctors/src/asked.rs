//! What is asked of the directory: doctors to register, to change and to find.
use chrono::{DateTime, Utc};
use contacts::email_key;
use garde::Validate;
use hospitals::Words;
use kernel::{DoctorId, not_blank};
use patients::Gender;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::{Doctor, LicenseStatus, ProfessionalStatus, RelationshipType};

/// A doctor to register.
#[derive(Debug, Deserialize, ToSchema, Validate)]
pub struct DoctorIn {
    /// Your own reference to this doctor; ours is taken when it is left out. No two doctors share one.
    #[garde(length(chars, max = 100), inner(custom(reference)))]
    #[schema(min_length = 1, max_length = 100)]
    pub doctor_id: Option<String>,
    #[garde(length(chars, max = 200), custom(kernel::name))]
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    #[garde(range(min = 18, max = 120))]
    #[schema(minimum = 18, maximum = 120)]
    pub age: Option<i64>,
    #[garde(skip)]
    pub gender: Gender,
    #[garde(length(chars, max = 40), custom(kernel::contact))]
    #[schema(max_length = 40)]
    pub contact: String,
    #[garde(length(chars, max = 254), custom(kernel::email))]
    #[schema(max_length = 254)]
    pub email: String,
    #[garde(length(chars, max = 100), custom(not_blank))]
    #[schema(min_length = 1, max_length = 100)]
    pub license_number: String,
    #[serde(default)]
    #[garde(dive)]
    pub specializations: Words,
    #[serde(default)]
    #[garde(dive)]
    pub qualification: Words,
    /// In whole years.
    #[serde(default)]
    #[garde(range(min = 0, max = 80))]
    #[schema(minimum = 0, maximum = 80)]
    pub experience: i64,
    /// With a password the doctor gets a login, under the email address.
    #[garde(length(chars, min = 8, max = 128))]
    #[schema(min_length = 8, max_length = 128)]
    pub password: Option<String>,
}

impl DoctorIn {
    /// The doctor as registered at this moment.
    pub fn doctor(self, now: DateTime<Utc>) -> Doctor {
        let id = DoctorId::new();
        Doctor {
            id,
            reference: self.doctor_id.unwrap_or_else(|| id.to_string()),
            name: trimmed(&self.name),
            first_name: None,
            last_name: None,
            age: self.age,
            gender: self.gender,
            contact: Some(trimmed(&self.contact)),
            email: email_key(&self.email),
            license_number: trimmed(&self.license_number),
            license_status: LicenseStatus::Pending,
            specializations: self.specializations,
            qualification: self.qualification,
            experience: self.experience,
            consultation_fee: None,
            institution_id: None,
            professional_status: ProfessionalStatus::Active,
            is_available: true,
            is_active: true,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }
}

pub fn trimmed(text: &str) -> String {
    text.trim().to_owned()
}

/// A reference stands in paths and on paper, so it has no white space around it and nothing unseen.
fn reference(value: &str, _: &()) -> garde::Result {
    if value.eq_ignore_ascii_case("me") {
        return Err(garde::Error::new("must not be `me`, which names whoever is signed in"));
    }
    match value.trim() == value && !value.is_empty() && !value.chars().any(char::is_control) {
        true => Ok(()),
        false => Err(garde::Error::new("must be visible text without white space around it")),
    }
}

/// What to change; members that are left out stay as they are.
#[derive(Debug, Default, Deserialize, ToSchema, Validate)]
pub struct DoctorPatch {
    #[garde(length(chars, max = 200), inner(custom(kernel::name)))]
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    #[garde(range(min = 18, max = 120))]
    #[schema(minimum = 18, maximum = 120)]
    pub age: Option<i64>,
    #[garde(skip)]
    pub gender: Option<Gender>,
    #[garde(length(chars, max = 40), inner(custom(kernel::contact)))]
    #[schema(max_length = 40)]
    pub contact: Option<String>,
    #[garde(length(chars, max = 254), inner(custom(kernel::email)))]
    #[schema(max_length = 254)]
    pub email: Option<String>,
    #[garde(length(chars, max = 100), inner(custom(not_blank)))]
    #[schema(min_length = 1, max_length = 100)]
    pub license_number: Option<String>,
    #[garde(dive)]
    pub specializations: Option<Words>,
    #[garde(dive)]
    pub qualification: Option<Words>,
    #[garde(range(min = 0, max = 80))]
    #[schema(minimum = 0, maximum = 80)]
    pub experience: Option<i64>,
    #[garde(skip)]
    pub is_available: Option<bool>,
}

impl DoctorPatch {
    /// The doctor after the change. One name takes the place of the two that were given before.
    pub fn over(self, was: Doctor) -> Doctor {
        let renamed = self.name.is_some();
        Doctor {
            name: self.name.map_or(was.name, |text| trimmed(&text)),
            first_name: was.first_name.filter(|_| !renamed),
            last_name: was.last_name.filter(|_| !renamed),
            age: self.age.or(was.age),
            gender: self.gender.unwrap_or(was.gender),
            contact: self.contact.map(|text| trimmed(&text)).or(was.contact),
            email: self.email.map_or(was.email, |text| email_key(&text)),
            license_number: self.license_number.map_or(was.license_number, |text| trimmed(&text)),
            specializations: self.specializations.unwrap_or(was.specializations),
            qualification: self.qualification.unwrap_or(was.qualification),
            experience: self.experience.unwrap_or(was.experience),
            is_available: self.is_available.unwrap_or(was.is_available),
            ..was
        }
    }
}

/// Whether the doctor sees patients now, in the query or in the body.
#[derive(Debug, Default, Deserialize, ToSchema, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct AvailabilityIn {
    #[garde(skip)]
    pub is_available: Option<bool>,
}

/// Which doctors to list.
#[derive(Debug, Default, Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct DoctorFilter {
    /// One of the doctor's specializations, as a whole.
    #[garde(length(chars, max = 100))]
    #[param(max_length = 100)]
    pub specialization: Option<String>,
    #[garde(skip)]
    pub available: Option<bool>,
    /// Beginnings of words of the name, all of them.
    #[garde(length(chars, max = 200))]
    #[param(max_length = 200)]
    pub search: Option<String>,
}

/// A doctor's place at a hospital, in the query or in the body.
#[derive(Debug, Default, Deserialize, ToSchema, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct AffiliationIn {
    #[garde(length(chars, max = 100))]
    #[schema(max_length = 100)]
    #[param(max_length = 100)]
    pub department: Option<String>,
    #[garde(length(chars, max = 100))]
    #[schema(max_length = 100)]
    #[param(max_length = 100)]
    pub position: Option<String>,
}

impl AffiliationIn {
    /// What the body says, and what the query says where the body is silent.
    pub fn or(self, query: Self) -> Self {
        let said = |text: Option<String>| text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
        Self {
            department: said(self.department).or(said(query.department)),
            position: said(self.position).or(said(query.position)),
        }
    }
}

/// Which of a doctor's patients to list; all of them when nothing is said.
#[derive(Debug, Default, Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct PatientsFilter {
    #[garde(skip)]
    pub relationship_type: Option<RelationshipType>,
}

/// What an assignment is to be.
#[derive(Debug, Default, Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct AssignmentIn {
    /// `current`, which is also what is meant when it is left out.
    #[garde(inner(custom(only_current)))]
    pub relationship_type: Option<RelationshipType>,
}

/// What is over was current once: previous assignments are made by ending current ones.
fn only_current(kind: &RelationshipType, _: &()) -> garde::Result {
    match kind {
        RelationshipType::Current => Ok(()),
        RelationshipType::Previous => Err(garde::Error::new("must be current")),
    }
}
