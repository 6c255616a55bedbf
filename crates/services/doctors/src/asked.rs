//! What is asked of the directory: doctors to register, to change and to find.
use garde::Validate;
use hospitals::Words;
use kernel::not_blank;
use patients::Gender;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::RelationshipType;

/// A doctor to register.
#[derive(Debug, Deserialize, ToSchema, Validate)]
pub struct DoctorIn {
    /// Your own reference to this doctor; ours is taken when it is left out. No two doctors share one.
    #[garde(length(chars, max = 100), inner(custom(reference)))]
    #[schema(min_length = 1, max_length = 100)]
    pub doctor_id: Option<String>,
    #[garde(length(chars, max = 200), custom(not_blank))]
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
    #[garde(length(chars, max = 254), custom(hospitals::email))]
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

/// A reference stands in paths and on paper, so it has no white space around it and nothing unseen.
fn reference(value: &str, _: &()) -> garde::Result {
    match value.trim() == value && !value.is_empty() && !value.chars().any(char::is_control) {
        true => Ok(()),
        false => Err(garde::Error::new("must be visible text without white space around it")),
    }
}

/// What to change; members that are left out stay as they are.
#[derive(Debug, Default, Deserialize, ToSchema, Validate)]
pub struct DoctorPatch {
    #[garde(length(chars, max = 200), inner(custom(not_blank)))]
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
    #[garde(length(chars, max = 254), inner(custom(hospitals::email)))]
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
    /// A part of the name.
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
