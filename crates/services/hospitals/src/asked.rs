//! What is asked of the directory: hospitals to register, to change and to find.
use garde::Validate;
use kernel::{Patch, not_blank};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::Address;
use crate::text::Words;

/// A hospital to register.
#[derive(Debug, Deserialize, ToSchema, Validate)]
pub struct HospitalIn {
    #[garde(length(chars, max = 200), custom(kernel::name))]
    #[schema(min_length = 1, max_length = 200)]
    pub hospital_name: String,
    #[garde(length(chars, max = 100), custom(not_blank))]
    #[schema(min_length = 1, max_length = 100)]
    pub registration_number: String,
    /// Such as `general`, `teaching` or `children`.
    #[garde(length(chars, max = 60), custom(not_blank))]
    #[schema(min_length = 1, max_length = 60)]
    pub hospital_type: String,
    #[garde(length(chars, max = 40), custom(kernel::contact))]
    #[schema(max_length = 40)]
    pub contact: String,
    #[garde(length(chars, max = 254), custom(kernel::email))]
    #[schema(max_length = 254)]
    pub email: String,
    #[serde(default)]
    #[garde(dive)]
    pub address: Address,
    #[garde(length(chars, max = 300))]
    #[schema(max_length = 300)]
    pub website: Option<String>,
    #[garde(range(min = 0, max = 100_000))]
    #[schema(minimum = 0, maximum = 100_000)]
    pub total_beds: i64,
    /// Beds that can be taken now; all of them when left out.
    #[garde(range(min = 0, max = 100_000))]
    #[schema(minimum = 0, maximum = 100_000)]
    pub available_beds: Option<i64>,
    #[serde(default)]
    #[garde(skip)]
    pub emergency_services: bool,
    #[serde(default)]
    #[garde(dive)]
    pub specializations: Words,
    #[serde(default)]
    #[garde(dive)]
    pub accreditations: Words,
    /// With a password the hospital gets a login of its own, under its email address.
    #[garde(length(chars, min = 8, max = 128))]
    #[schema(min_length = 8, max_length = 128)]
    pub password: Option<String>,
}

/// What to change; members that are left out stay as they are.
#[derive(Debug, Deserialize, ToSchema, Validate)]
pub struct HospitalPatch {
    #[garde(length(chars, max = 200), inner(custom(kernel::name)))]
    #[schema(min_length = 1, max_length = 200)]
    pub hospital_name: Option<String>,
    #[garde(length(chars, max = 100), inner(custom(not_blank)))]
    #[schema(min_length = 1, max_length = 100)]
    pub registration_number: Option<String>,
    #[garde(length(chars, max = 60), inner(custom(not_blank)))]
    #[schema(min_length = 1, max_length = 60)]
    pub hospital_type: Option<String>,
    #[garde(length(chars, max = 40), inner(custom(kernel::contact)))]
    #[schema(max_length = 40)]
    pub contact: Option<String>,
    #[garde(length(chars, max = 254), inner(custom(kernel::email)))]
    #[schema(max_length = 254)]
    pub email: Option<String>,
    #[garde(dive)]
    pub address: Option<Address>,
    /// `null` takes the website away.
    #[serde(default)]
    #[garde(custom(short_website))]
    #[schema(value_type = Option<String>, max_length = 300)]
    pub website: Patch<String>,
    #[garde(range(min = 0, max = 100_000))]
    #[schema(minimum = 0, maximum = 100_000)]
    pub total_beds: Option<i64>,
    #[garde(range(min = 0, max = 100_000))]
    #[schema(minimum = 0, maximum = 100_000)]
    pub available_beds: Option<i64>,
    #[garde(skip)]
    pub emergency_services: Option<bool>,
    #[garde(dive)]
    pub specializations: Option<Words>,
    #[garde(dive)]
    pub accreditations: Option<Words>,
}

pub(crate) fn short_website(value: &Patch<String>, _: &()) -> garde::Result {
    match value {
        Patch::Set(text) if text.chars().count() > 300 => Err(garde::Error::new("length is greater than 300")),
        _ => Ok(()),
    }
}

/// How many beds can be taken now, in the query or in the body.
#[derive(Debug, Default, Deserialize, ToSchema, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct BedsIn {
    #[garde(range(min = 0, max = 100_000))]
    #[schema(minimum = 0, maximum = 100_000)]
    #[param(minimum = 0, maximum = 100_000)]
    pub available_beds: Option<i64>,
}

/// Which hospitals to list.
#[derive(Debug, Default, Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct HospitalFilter {
    /// Beginnings of words of the name, all of them.
    #[garde(length(chars, max = 200))]
    #[param(max_length = 200)]
    pub search: Option<String>,
    #[garde(length(chars, max = 200))]
    #[param(max_length = 200)]
    pub city: Option<String>,
    /// One of the hospital's specializations, as a whole.
    #[garde(length(chars, max = 100))]
    #[param(max_length = 100)]
    pub specialization: Option<String>,
    /// Only hospitals with a bed to take, or only those without.
    #[garde(skip)]
    pub has_beds: Option<bool>,
}
