//! What is asked of the institutions: to register, to change and to find one.
use contacts::{ContactEmail, ContactPhone};
use garde::Validate;
use kernel::{Patch, not_blank};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::asked::short_website;
use crate::{Address, InstitutionStatus, InstitutionType, VerificationStatus, Words};

/// An institution to register.
#[derive(Debug, Deserialize, ToSchema, Validate)]
pub struct InstitutionIn {
    #[garde(length(chars, max = 200), custom(kernel::name))]
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// The word or the id of a type: see `GET /api/v1/institution-types`.
    #[garde(skip)]
    pub institution_type_id: InstitutionType,
    #[garde(length(chars, max = 300))]
    #[schema(max_length = 300)]
    pub website: Option<String>,
    /// No two institutions have one; a hospital's registration number.
    #[garde(length(chars, max = 100), custom(not_blank))]
    #[schema(min_length = 1, max_length = 100)]
    pub license_number: String,
    /// No two institutions and no two accounts have one.
    #[garde(dive)]
    pub contact_email: ContactEmail,
    #[garde(dive)]
    pub contact_phone: Option<ContactPhone>,
    #[serde(default)]
    #[garde(dive)]
    pub address: Address,
    /// The state or district by which institutions are looked for.
    #[garde(length(chars, max = 100), inner(custom(not_blank)))]
    #[schema(min_length = 1, max_length = 100)]
    pub region: Option<String>,
    /// With a password the institution gets a login of its own, under its e-mail address.
    #[garde(length(chars, min = 8, max = 128))]
    #[schema(min_length = 8, max_length = 128)]
    pub password: Option<String>,
    #[serde(default)]
    #[garde(range(min = 0, max = 100_000))]
    #[schema(minimum = 0, maximum = 100_000)]
    pub total_beds: i64,
    #[serde(default)]
    #[garde(skip)]
    pub emergency_services: bool,
    #[serde(default)]
    #[garde(dive)]
    pub specializations: Words,
    #[serde(default)]
    #[garde(dive)]
    pub accreditations: Words,
}

/// What to change; members that are left out stay as they are.
#[derive(Debug, Default, Deserialize, ToSchema, Validate)]
pub struct InstitutionPatch {
    #[garde(length(chars, max = 200), inner(custom(kernel::name)))]
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    #[garde(skip)]
    pub institution_type_id: Option<InstitutionType>,
    /// `null` takes the website away.
    #[serde(default)]
    #[garde(custom(short_website))]
    #[schema(value_type = Option<String>, max_length = 300)]
    pub website: Patch<String>,
    /// Another number is not verified yet.
    #[garde(length(chars, max = 100), inner(custom(not_blank)))]
    #[schema(min_length = 1, max_length = 100)]
    pub license_number: Option<String>,
    #[garde(dive)]
    pub contact_email: Option<ContactEmail>,
    /// `null` takes the phone away.
    #[serde(default)]
    #[garde(custom(phone_set))]
    #[schema(value_type = Option<ContactPhone>)]
    pub contact_phone: Patch<ContactPhone>,
    #[garde(dive)]
    pub address: Option<Address>,
    /// `null` takes the region away.
    #[serde(default)]
    #[garde(custom(region_set))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub region: Patch<String>,
    #[garde(range(min = 0, max = 100_000))]
    #[schema(minimum = 0, maximum = 100_000)]
    pub total_beds: Option<i64>,
    #[garde(skip)]
    pub emergency_services: Option<bool>,
    #[garde(dive)]
    pub specializations: Option<Words>,
    #[garde(dive)]
    pub accreditations: Option<Words>,
}

fn phone_set(value: &Patch<ContactPhone>, _: &()) -> garde::Result {
    match value {
        Patch::Set(phone) => phone.validate().map_err(|report| garde::Error::new(report.to_string().trim().to_owned())),
        Patch::Keep | Patch::Clear => Ok(()),
    }
}

fn region_set(value: &Patch<String>, context: &()) -> garde::Result {
    match value {
        Patch::Set(text) if text.chars().count() > 100 => Err(garde::Error::new("length is greater than 100")),
        Patch::Set(text) => not_blank(text, context),
        Patch::Keep | Patch::Clear => Ok(()),
    }
}

/// Which institutions to list.
#[derive(Debug, Default, Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct InstitutionFilter {
    /// Beginnings of words of the name, all of them.
    #[garde(length(chars, max = 200))]
    #[param(max_length = 200)]
    pub search: Option<String>,
    /// Words of the name as they sound, all of them.
    #[garde(length(chars, max = 200))]
    #[param(max_length = 200)]
    pub sounds_like: Option<String>,
    /// The word or the id of a type.
    #[garde(skip)]
    pub institution_type: Option<InstitutionType>,
    #[garde(length(chars, max = 100))]
    #[param(max_length = 100)]
    pub region: Option<String>,
    #[garde(length(chars, max = 200))]
    #[param(max_length = 200)]
    pub city: Option<String>,
    #[garde(skip)]
    pub verification_status: Option<VerificationStatus>,
    /// `inactive` shows administrators what was closed.
    #[garde(skip)]
    pub status: Option<InstitutionStatus>,
    /// One of the institution's specializations, as a whole.
    #[garde(length(chars, max = 100))]
    #[param(max_length = 100)]
    pub specialization: Option<String>,
}
