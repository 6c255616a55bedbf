//! What is asked of profiles: doctors to register, to change and to find.
use contacts::{ContactEmail, ContactPhone};
use garde::Validate;
use hospitals::Words;
use kernel::{Patch, not_blank};
use patients::Gender;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::{LicenseStatus, ProfessionalStatus};

/// A doctor to register at an institution, with a login.
#[derive(Debug, Deserialize, ToSchema, Validate)]
pub struct ProfileIn {
    /// The institution's id, licence number, or a name that no other has. The doctor becomes affiliated with it.
    #[garde(length(chars, max = 200), custom(not_blank))]
    #[schema(min_length = 1, max_length = 200)]
    pub institution_id: String,
    #[garde(length(chars, max = 99), custom(kernel::name))]
    #[schema(min_length = 1, max_length = 99)]
    pub first_name: String,
    #[garde(length(chars, max = 99), custom(kernel::name))]
    #[schema(min_length = 1, max_length = 99)]
    pub last_name: String,
    #[garde(length(chars, max = 100), custom(not_blank))]
    #[schema(min_length = 1, max_length = 100)]
    pub medical_license: String,
    /// A specialty's id, word or name.
    #[garde(length(chars, max = 100))]
    #[schema(max_length = 100)]
    pub specialty_id: Option<String>,
    /// In whole years.
    #[serde(default)]
    #[garde(range(min = 0, max = 70))]
    #[schema(minimum = 0, maximum = 70)]
    pub years_experience: i64,
    /// With two decimals at most.
    #[garde(inner(custom(fee)))]
    #[schema(minimum = 0, maximum = 10_000_000)]
    pub consultation_fee: Option<f64>,
    #[garde(dive)]
    pub contact_email: ContactEmail,
    #[garde(dive)]
    pub contact_phone: Option<ContactPhone>,
    #[serde(alias = "gender_id")]
    #[garde(skip)]
    pub gender: Option<Gender>,
    #[serde(default)]
    #[garde(dive)]
    pub qualification: Words,
    /// For the login, which is under the email address.
    #[garde(length(chars, min = 8, max = 128))]
    #[schema(min_length = 8, max_length = 128)]
    pub password: String,
}

/// What to change; members that are left out stay as they are.
#[derive(Debug, Default, Deserialize, ToSchema, Validate)]
pub struct ProfilePatch {
    /// Another institution, which an administrator names. The doctor becomes affiliated with it, in place of the one named
    /// before.
    #[garde(length(chars, max = 200), inner(custom(not_blank)))]
    #[schema(min_length = 1, max_length = 200)]
    pub institution_id: Option<String>,
    #[garde(length(chars, max = 99), inner(custom(kernel::name)))]
    #[schema(min_length = 1, max_length = 99)]
    pub first_name: Option<String>,
    #[garde(length(chars, max = 99), inner(custom(kernel::name)))]
    #[schema(min_length = 1, max_length = 99)]
    pub last_name: Option<String>,
    /// Another number has to be verified anew.
    #[garde(length(chars, max = 100), inner(custom(not_blank)))]
    #[schema(min_length = 1, max_length = 100)]
    pub medical_license: Option<String>,
    /// Takes the place of the first specialization.
    #[garde(length(chars, max = 100))]
    #[schema(max_length = 100)]
    pub specialty_id: Option<String>,
    #[garde(range(min = 0, max = 70))]
    #[schema(minimum = 0, maximum = 70)]
    pub years_experience: Option<i64>,
    /// `null` takes the fee away.
    #[serde(default)]
    #[garde(custom(fee_set))]
    #[schema(value_type = Option<f64>, minimum = 0, maximum = 10_000_000)]
    pub consultation_fee: Patch<f64>,
    /// The login stays under the address it was made with.
    #[garde(dive)]
    pub contact_email: Option<ContactEmail>,
    /// `null` takes the number away.
    #[serde(default)]
    #[garde(custom(phone_set))]
    #[schema(value_type = Option<ContactPhone>)]
    pub contact_phone: Patch<ContactPhone>,
    #[serde(alias = "gender_id")]
    #[garde(skip)]
    pub gender: Option<Gender>,
    #[garde(dive)]
    pub qualification: Option<Words>,
    #[garde(skip)]
    pub is_available: Option<bool>,
}

/// More than any consultation costs.
const DEAREST: f64 = 10_000_000.0;

fn fee(value: &f64, _: &()) -> garde::Result {
    let hundredths = value * 100.0;
    match *value {
        fee if !(0.0..=DEAREST).contains(&fee) => Err(garde::Error::new("must be between 0 and 10000000")),
        // Money in binary is never exact; a tenth of a paisa is far more than what that makes up.
        _ if (hundredths - hundredths.round()).abs() > 0.001 => Err(garde::Error::new("has more than two decimals")),
        _ => Ok(()),
    }
}

fn fee_set(value: &Patch<f64>, context: &()) -> garde::Result {
    if let Patch::Set(value) = value { fee(value, context) } else { Ok(()) }
}

fn phone_set(value: &Patch<ContactPhone>, _: &()) -> garde::Result {
    match value {
        Patch::Set(phone) => phone.validate().map_err(|_| garde::Error::new("is not a phone number")),
        Patch::Keep | Patch::Clear => Ok(()),
    }
}

/// Whether to do it, or only to say what would be done.
#[derive(Debug, Default, Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct DryRun {
    /// Checks everything and keeps nothing.
    #[garde(skip)]
    pub dry_run: Option<bool>,
}

/// Which doctors to list.
#[derive(Debug, Default, Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct ProfileFilter {
    /// A specialty's id, word or name, or a specialization as it was written.
    #[serde(alias = "specialty_id")]
    #[garde(length(chars, max = 100))]
    #[param(max_length = 100)]
    pub specialty: Option<String>,
    /// The id, licence number or name of an institution where the doctor works now.
    #[serde(alias = "institution_id")]
    #[garde(length(chars, max = 200))]
    #[param(max_length = 200)]
    pub institution: Option<String>,
    /// The city of an institution where the doctor works now.
    #[garde(length(chars, max = 200))]
    #[param(max_length = 200)]
    pub city: Option<String>,
    /// The region of an institution where the doctor works now.
    #[garde(length(chars, max = 200))]
    #[param(max_length = 200)]
    pub region: Option<String>,
    #[garde(skip)]
    pub professional_status: Option<ProfessionalStatus>,
    #[garde(skip)]
    pub license_status: Option<LicenseStatus>,
    /// How words of the name begin; each of several must be found.
    #[garde(length(chars, max = 200))]
    #[param(max_length = 200)]
    pub search: Option<String>,
    /// Words of the name as they sound, however they are spelled.
    #[garde(length(chars, max = 200))]
    #[param(max_length = 200)]
    pub sounds_like: Option<String>,
    /// In whole years.
    #[garde(range(min = 0, max = 80))]
    #[param(minimum = 0, maximum = 80)]
    pub min_experience: Option<i64>,
    #[garde(skip)]
    pub available: Option<bool>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fee_has_two_decimals_at_most() {
        for good in [0.0, 0.1, 499.99, 1234.05, 10_000_000.0] {
            assert!(fee(&good, &()).is_ok(), "{good}");
        }
        for bad in [-0.01, 0.001, 499.995, 10_000_000.01, f64::NAN, f64::INFINITY] {
            assert!(fee(&bad, &()).is_err(), "{bad}");
        }
    }
}
