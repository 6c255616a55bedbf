//! What is asked when a patient of document 001 is registered or changed.
use chrono::NaiveDate;
use contacts::{ContactEmail, ContactPhone};
use garde::Validate;
use kernel::{Error, Patch, Result, not_future};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{BloodType, FamilyContactIn, Gender, HealthProfileIn, Named, PatientIn, PatientPatch, Sex, called_first};
use crate::check::{self, Object};

/// A patient to register, with whom and with what is known of their health. All of it is kept, or nothing.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct PersonIn {
    /// The doctor who is to validate the patient, by id, reference or licence number; a signed-in doctor
    /// when left out. One of
    /// `doctor_id` and `institution_id` is needed.
    #[garde(length(chars, max = 200))]
    #[schema(max_length = 200)]
    pub doctor_id: Option<String>,
    /// The institution that is to validate the patient, by id, licence or name; that of the signed-in staff when left
    /// out.
    #[garde(length(chars, max = 200))]
    #[schema(max_length = 200)]
    pub institution_id: Option<String>,
    /// Your own reference to this patient; ours is taken when it is left out. No two patients share one.
    #[garde(inner(length(chars, max = 100), custom(check::reference)))]
    #[schema(max_length = 100)]
    pub patient_id: Option<String>,
    #[garde(length(chars, max = 100), custom(kernel::name))]
    #[schema(max_length = 100)]
    pub first_name: String,
    #[garde(length(chars, max = 100), custom(kernel::name))]
    #[schema(max_length = 100)]
    pub last_name: String,
    #[garde(custom(not_future))]
    pub date_of_birth: NaiveDate,
    #[serde(alias = "sex")]
    pub sex_id: Option<Sex>,
    /// As `sex_id` when left out, and `prefer_not_to_say` without one.
    #[serde(alias = "gender")]
    pub gender_id: Option<Gender>,
    /// Who is called in an emergency; needs `emergency_contact_phone`.
    #[garde(length(chars, max = 200), inner(custom(kernel::name)))]
    #[schema(max_length = 200)]
    pub emergency_contact_name: Option<String>,
    #[garde(length(chars, max = 40), inner(custom(kernel::contact)))]
    #[schema(max_length = 40)]
    pub emergency_contact_phone: Option<String>,
    /// One of `contact_email` and `contact_phone` is needed.
    #[garde(dive)]
    pub contact_email: Option<ContactEmail>,
    #[garde(dive)]
    pub contact_phone: Option<ContactPhone>,
    /// Shaped as you like, up to 4 KB.
    #[serde(default)]
    #[garde(custom(kernel::small_json))]
    #[schema(value_type = Object)]
    pub address: Object,
    #[garde(dive)]
    pub health_profile: Option<HealthProfileIn>,
    /// Opens an account with which the patient signs in by email, or by the phone when there is no email.
    #[garde(inner(length(chars, min = 8, max = 128)))]
    #[schema(min_length = 8, max_length = 128)]
    pub password: Option<String>,
}

/// How to register.
#[derive(Debug, Default, Deserialize, IntoParams, Validate)]
#[garde(allow_unvalidated)]
#[into_params(parameter_in = Query)]
pub struct RegisterQuery {
    /// `true` does everything and undoes it: 200 with the patient that would be, whose id means nothing.
    pub dry_run: Option<bool>,
}

impl PersonIn {
    /// The registration of the other surface, with what that one does not know.
    pub fn parted(self) -> Result<(PatientIn, Named)> {
        let emergency = emergency_contact(self.emergency_contact_name, self.emergency_contact_phone)?;
        if self.contact_email.is_none() && self.contact_phone.is_none() {
            return Err(needed_together("contact_email", "contact_phone"));
        }
        let (first_name, last_name) = (self.first_name.trim().to_owned(), self.last_name.trim().to_owned());
        require_short(&format!("{first_name} {last_name}"))?;
        let mut blood_type = None;
        if let Some(HealthProfileIn { blood_type_id: Patch::Set(known), .. }) = &self.health_profile {
            blood_type = Some(*known);
        }
        let patient = PatientIn {
            patient_id: self.patient_id,
            name: format!("{first_name} {last_name}"),
            age: None,
            date_of_birth: self.date_of_birth,
            gender: self.gender_id.unwrap_or_else(|| gender_of(self.sex_id)),
            contact: self.contact_phone.map(|phone| phone.phone_number).unwrap_or_default(),
            email: self.contact_email.map(|email| email.email_address.trim().to_owned()),
            address: self.address,
            blood_type,
            allergies: Vec::new(),
            chronic_conditions: Vec::new(),
            family_contacts: emergency.into_iter().collect(),
            password: self.password,
        };
        let named = Named {
            first_name: Some(first_name),
            last_name: Some(last_name),
            sex: self.sex_id.map_or(Patch::Keep, Patch::Set),
            doctor: self.doctor_id.map_or(Patch::Keep, Patch::Set),
            institution: self.institution_id.map_or(Patch::Keep, Patch::Set),
            health_profile: self.health_profile,
        };
        Ok((patient, named))
    }
}

/// Both surfaces answer the whole name, and take no longer one.
pub fn require_short(name: &str) -> Result<()> {
    match name.chars().count() > 200 {
        true => Err(Error::invalid("last_name", "is too long: with first_name it is longer than 200 characters")),
        false => Ok(()),
    }
}

/// 422 about both members: either would do.
pub fn needed_together(one: &str, other: &str) -> Error {
    let why = |other: &str| format!("is needed, or else {other}");
    Error::invalid_members(vec![
        kernel::FieldError { member: one.to_owned(), detail: why(other) },
        kernel::FieldError { member: other.to_owned(), detail: why(one) },
    ])
}

fn gender_of(sex: Option<Sex>) -> Gender {
    match sex {
        Some(Sex::Male) => Gender::Male,
        Some(Sex::Female) => Gender::Female,
        Some(Sex::Intersex | Sex::Unknown) | None => Gender::PreferNotToSay,
    }
}

/// Whom document 001 names to be called in an emergency.
fn emergency_contact(name: Option<String>, phone: Option<String>) -> Result<Option<FamilyContactIn>> {
    called_first(("emergency_contact_name", name), ("emergency_contact_phone", phone))
}

/// A change to a patient: members left out stay as they are.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct PersonPatch {
    /// The doctor who is to validate the patient; another may be named until one has, by whoever may change the care team,
    /// and `null` names none.
    #[serde(default)]
    #[garde(custom(check::longest_set(200)))]
    #[schema(value_type = Option<String>, max_length = 200)]
    pub doctor_id: Patch<String>,
    /// The institution that is to validate the patient; as for `doctor_id`.
    #[serde(default)]
    #[garde(custom(check::longest_set(200)))]
    #[schema(value_type = Option<String>, max_length = 200)]
    pub institution_id: Patch<String>,
    #[serde(default, deserialize_with = "check::given")]
    #[garde(length(chars, max = 100), inner(custom(kernel::name)))]
    #[schema(max_length = 100)]
    pub first_name: Option<String>,
    #[serde(default, deserialize_with = "check::given")]
    #[garde(length(chars, max = 100), inner(custom(kernel::name)))]
    #[schema(max_length = 100)]
    pub last_name: Option<String>,
    #[serde(default, deserialize_with = "check::given")]
    #[garde(inner(custom(not_future)))]
    pub date_of_birth: Option<NaiveDate>,
    #[serde(default, alias = "sex")]
    #[schema(value_type = Option<Sex>)]
    pub sex_id: Patch<Sex>,
    #[serde(default, alias = "gender", deserialize_with = "check::given")]
    pub gender_id: Option<Gender>,
    /// Who is called first in an emergency from now on; needs `emergency_contact_phone`.
    #[garde(length(chars, max = 200), inner(custom(kernel::name)))]
    #[schema(max_length = 200)]
    pub emergency_contact_name: Option<String>,
    #[garde(length(chars, max = 40), inner(custom(kernel::contact)))]
    #[schema(max_length = 40)]
    pub emergency_contact_phone: Option<String>,
    /// Takes the place of the primary address; `null` takes it away.
    #[serde(default)]
    #[garde(custom(check::valid_set))]
    #[schema(value_type = Option<ContactEmail>)]
    pub contact_email: Patch<ContactEmail>,
    /// Takes the place of the primary phone; `null` takes it away.
    #[serde(default)]
    #[garde(custom(check::valid_set))]
    #[schema(value_type = Option<ContactPhone>)]
    pub contact_phone: Patch<ContactPhone>,
    /// Takes the place of the whole address; `null` empties it.
    #[serde(default)]
    #[garde(custom(check::object_set))]
    #[schema(value_type = Option<Object>)]
    pub address: Patch<Object>,
    /// `null` is `unknown`.
    #[serde(default)]
    #[schema(value_type = Option<BloodType>)]
    pub blood_type: Patch<BloodType>,
    /// Changes what it names, for whoever may write the patient's records.
    #[garde(dive)]
    pub health_profile: Option<HealthProfileIn>,
}

impl PersonPatch {
    /// The change of the other surface, with what that one does not know and whom to call.
    pub fn parted(self) -> Result<(PatientPatch, Option<FamilyContactIn>)> {
        let emergency = emergency_contact(self.emergency_contact_name, self.emergency_contact_phone)?;
        let trimmed = |name: Option<String>| name.map(|name| name.trim().to_owned());
        let patch = PatientPatch {
            date_of_birth: self.date_of_birth,
            gender: self.gender_id,
            contact: match self.contact_phone {
                Patch::Keep => None,
                Patch::Clear => Some(String::new()),
                Patch::Set(phone) => Some(phone.phone_number),
            },
            email: match self.contact_email {
                Patch::Keep => Patch::Keep,
                Patch::Clear => Patch::Clear,
                Patch::Set(email) => Patch::Set(email.email_address.trim().to_owned()),
            },
            address: self.address,
            blood_type: self.blood_type,
            named: Named {
                first_name: trimmed(self.first_name),
                last_name: trimmed(self.last_name),
                sex: self.sex_id,
                doctor: self.doctor_id,
                institution: self.institution_id,
                health_profile: self.health_profile,
            },
            ..PatientPatch::default()
        };
        Ok((patch, emergency))
    }
}
