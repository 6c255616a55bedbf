//! What is asked when a patient is registered or changed.
use chrono::NaiveDate;
use garde::Validate;
use kernel::{Patch, not_blank, not_future};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{BloodType, FamilyContactIn, Gender, Named};
use crate::check::{self, Object};

/// A patient to register.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct PatientIn {
    /// Your own reference to this patient; ours is taken when it is left out. No two patients share one.
    #[garde(inner(length(chars, max = 100), custom(check::reference)))]
    #[schema(max_length = 100)]
    pub patient_id: Option<String>,
    #[garde(length(chars, max = 200), custom(kernel::name))]
    #[schema(max_length = 200)]
    pub name: String,
    /// Whole years. Computed from the date of birth; one that disagrees by more than a year is refused.
    #[garde(range(max = 150))]
    #[schema(maximum = 150)]
    pub age: Option<u32>,
    #[garde(custom(not_future))]
    pub date_of_birth: NaiveDate,
    pub gender: Gender,
    /// A phone number.
    #[garde(length(chars, max = 40), custom(kernel::contact))]
    #[schema(max_length = 40)]
    pub contact: String,
    #[garde(inner(length(chars, max = 254), custom(check::email)))]
    #[schema(max_length = 254)]
    pub email: Option<String>,
    /// Shaped as you like, up to 4 KB.
    #[serde(default)]
    #[garde(custom(kernel::small_json))]
    #[schema(value_type = Object)]
    pub address: Object,
    pub blood_type: Option<BloodType>,
    #[serde(default)]
    #[garde(length(max = 100), inner(length(chars, max = 200), custom(not_blank)))]
    #[schema(max_items = 100)]
    pub allergies: Vec<String>,
    #[serde(default)]
    #[garde(length(max = 100), inner(length(chars, max = 200), custom(not_blank)))]
    #[schema(max_items = 100)]
    pub chronic_conditions: Vec<String>,
    #[serde(default)]
    #[garde(length(max = 20), dive)]
    #[schema(max_items = 20)]
    pub family_contacts: Vec<FamilyContactIn>,
    /// Opens an account with which the patient signs in by email, or by the contact when there is no email.
    #[garde(inner(length(chars, min = 8, max = 128)))]
    #[schema(min_length = 8, max_length = 128)]
    pub password: Option<String>,
}

/// A change to a patient: members left out stay as they are.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct PatientPatch {
    /// The reference is kept for good: another one than the patient's is refused.
    #[garde(length(chars, max = 100))]
    #[schema(max_length = 100)]
    pub patient_id: Option<String>,
    #[garde(inner(length(chars, max = 200), custom(kernel::name)))]
    #[schema(max_length = 200)]
    pub name: Option<String>,
    #[garde(inner(custom(not_future)))]
    pub date_of_birth: Option<NaiveDate>,
    pub gender: Option<Gender>,
    /// A phone number.
    #[garde(inner(length(chars, max = 40), custom(kernel::contact)))]
    #[schema(max_length = 40)]
    pub contact: Option<String>,
    /// `null` takes the address away.
    #[serde(default)]
    #[garde(custom(check::email_set))]
    #[schema(value_type = Option<String>, max_length = 254)]
    pub email: Patch<String>,
    /// Takes the place of the whole address; `null` empties it.
    #[serde(default)]
    #[garde(custom(check::object_set))]
    #[schema(value_type = Option<Object>)]
    pub address: Patch<Object>,
    /// `null` is `unknown`.
    #[serde(default)]
    #[schema(value_type = Option<BloodType>)]
    pub blood_type: Patch<BloodType>,
    /// Takes the place of the whole list, for whoever may write the patient's records.
    #[garde(length(max = 100), inner(inner(length(chars, max = 200), custom(not_blank))))]
    #[schema(max_items = 100)]
    pub allergies: Option<Vec<String>>,
    /// Takes the place of the whole list, for whoever may write the patient's records.
    #[garde(length(max = 100), inner(inner(length(chars, max = 200), custom(not_blank))))]
    #[schema(max_items = 100)]
    pub chronic_conditions: Option<Vec<String>>,
    /// What the other surface may say besides.
    #[serde(skip)]
    pub named: Named,
}

impl PatientPatch {
    /// The names of the members that were sent, for the audit log.
    pub fn members(&self) -> Vec<&'static str> {
        let sent = [
            ("name", self.name.is_some()),
            ("date_of_birth", self.date_of_birth.is_some()),
            ("gender", self.gender.is_some()),
            ("contact", self.contact.is_some()),
            ("email", self.email != Patch::Keep),
            ("address", self.address != Patch::Keep),
            ("blood_type", self.blood_type != Patch::Keep),
            ("allergies", self.allergies.is_some()),
            ("chronic_conditions", self.chronic_conditions.is_some()),
            ("first_name", self.named.first_name.is_some()),
            ("last_name", self.named.last_name.is_some()),
            ("sex_id", self.named.sex != Patch::Keep),
            ("doctor_id", self.named.doctor != Patch::Keep),
            ("institution_id", self.named.institution != Patch::Keep),
            ("health_profile", self.named.health_profile.is_some()),
        ];
        sent.into_iter().filter(|(_, sent)| *sent).map(|(name, _)| name).collect()
    }

    /// True when the change names who is to validate the patient, and will be of the care team then.
    pub fn names_care_team(&self) -> bool {
        self.named.doctor != Patch::Keep || self.named.institution != Patch::Keep
    }

    /// True when the change touches what only a grant over the records opens.
    pub fn touches_records(&self) -> bool {
        self.allergies.is_some() || self.chronic_conditions.is_some() || self.named.health_profile.is_some()
    }
}
