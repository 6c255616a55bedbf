//! What is asked when somebody registers without anybody's help.
use chrono::NaiveDate;
use garde::Validate;
use hospitals::InstitutionType;
use kernel::{not_blank, not_future, text_enum};
use patients::{AddressIn, BloodType, Gender};
use serde::Deserialize;
use utoipa::ToSchema;
use vault::AadhaarText;

text_enum!(
    /// Whom somebody registers as.
    Registrant { Patient = "patient", Doctor = "doctor", Hospital = "hospital" }
);

/// A patient who registers with an Aadhaar number.
#[derive(Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct PatientRegisterIn {
    /// Twelve digits, with spaces or dashes between them. Kept sealed, and never shown whole again.
    #[serde(alias = "aadhaar_number")]
    #[schema(value_type = String, example = "1234 5678 9012")]
    pub aadhar_number: AadhaarText,
    #[garde(length(chars, max = 200), custom(kernel::name))]
    #[schema(min_length = 1, max_length = 200)]
    pub full_name: String,
    #[garde(custom(not_future))]
    pub date_of_birth: NaiveDate,
    pub gender: Option<Gender>,
    /// The login is under the email address, else under the phone, else under the `patient_id` that is answered.
    #[garde(length(chars, max = 40), inner(custom(kernel::contact)))]
    #[schema(max_length = 40)]
    pub phone: Option<String>,
    #[garde(length(chars, max = 254), inner(custom(kernel::email)))]
    #[schema(max_length = 254)]
    pub email: Option<String>,
    #[garde(length(chars, min = 8, max = 128))]
    #[schema(min_length = 8, max_length = 128)]
    pub password: String,
    pub blood_type: Option<BloodType>,
    #[garde(inner(custom(AddressIn::small)))]
    pub address: Option<AddressIn>,
    /// Who is called in an emergency; needs `emergency_phone`.
    #[garde(length(chars, max = 200), inner(custom(kernel::name)))]
    #[schema(min_length = 1, max_length = 200)]
    pub emergency_contact: Option<String>,
    #[garde(length(chars, max = 40), inner(custom(kernel::contact)))]
    #[schema(max_length = 40)]
    pub emergency_phone: Option<String>,
    #[garde(length(chars, max = 255))]
    #[schema(max_length = 255)]
    pub insurance_provider: Option<String>,
    #[garde(length(chars, max = 100))]
    #[schema(max_length = 100)]
    pub insurance_id: Option<String>,
}

/// Somebody who registers as a patient, a doctor or a hospital. Each kind has members of its own; those of the others are
/// passed over.
#[derive(Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct RegisterIn {
    pub user_type: Registrant,
    /// Needed for doctors and hospitals, whose login it names. A patient's is under the email address, else under the
    /// phone, else under the `patient_id` that is answered.
    #[garde(length(chars, max = 254), inner(custom(kernel::email)))]
    #[schema(max_length = 254)]
    pub email: Option<String>,
    #[garde(length(chars, max = 40), inner(custom(kernel::contact)))]
    #[schema(max_length = 40)]
    pub phone: Option<String>,
    #[garde(length(chars, min = 8, max = 128))]
    #[schema(min_length = 8, max_length = 128)]
    pub password: String,
    /// Needed for patients and doctors.
    #[garde(length(chars, max = 200), inner(custom(kernel::name)))]
    #[schema(min_length = 1, max_length = 200)]
    pub full_name: Option<String>,
    /// A patient's; an account works without one.
    #[serde(alias = "aadhaar_number")]
    #[schema(value_type = Option<String>)]
    pub aadhar_number: Option<AadhaarText>,
    /// Needed for patients.
    #[garde(inner(custom(not_future)))]
    pub date_of_birth: Option<NaiveDate>,
    pub gender: Option<Gender>,
    pub blood_type: Option<BloodType>,
    /// A patient's or a hospital's.
    #[garde(inner(custom(AddressIn::small)))]
    pub address: Option<AddressIn>,
    /// Whom to call about a patient in an emergency; needs `emergency_phone`.
    #[garde(length(chars, max = 200), inner(custom(kernel::name)))]
    #[schema(min_length = 1, max_length = 200)]
    pub emergency_contact: Option<String>,
    #[garde(length(chars, max = 40), inner(custom(kernel::contact)))]
    #[schema(max_length = 40)]
    pub emergency_phone: Option<String>,
    #[garde(length(chars, max = 255))]
    #[schema(max_length = 255)]
    pub insurance_provider: Option<String>,
    #[garde(length(chars, max = 100))]
    #[schema(max_length = 100)]
    pub insurance_id: Option<String>,
    /// Needed for doctors, whose licence it is, and for hospitals. No two have one.
    #[garde(length(chars, max = 100), inner(custom(not_blank)))]
    #[schema(min_length = 1, max_length = 100)]
    pub registration_number: Option<String>,
    #[garde(length(chars, max = 100), inner(custom(not_blank)))]
    #[schema(min_length = 1, max_length = 100)]
    pub specialization: Option<String>,
    #[garde(length(chars, max = 100), inner(custom(not_blank)))]
    #[schema(min_length = 1, max_length = 100)]
    pub qualification: Option<String>,
    /// A doctor's, in whole years.
    #[garde(range(min = 0, max = 80))]
    #[schema(minimum = 0, maximum = 80)]
    pub experience: Option<i64>,
    /// Where a doctor works, by id, registration number or name. The hospital affiliates the doctor by itself.
    #[garde(length(chars, max = 200), inner(custom(not_blank)))]
    #[schema(min_length = 1, max_length = 200)]
    pub hospital_id: Option<String>,
    /// Needed for hospitals.
    #[garde(length(chars, max = 200), inner(custom(kernel::name)))]
    #[schema(min_length = 1, max_length = 200)]
    pub hospital_name: Option<String>,
    /// What kind of institution it is; `hospital` when left out.
    pub r#type: Option<InstitutionType>,
    #[garde(length(chars, max = 100), inner(custom(not_blank)))]
    #[schema(min_length = 1, max_length = 100)]
    pub city: Option<String>,
    #[garde(length(chars, max = 100), inner(custom(not_blank)))]
    #[schema(min_length = 1, max_length = 100)]
    pub state: Option<String>,
    #[garde(length(chars, max = 10), inner(custom(not_blank)))]
    #[schema(min_length = 1, max_length = 10)]
    pub pincode: Option<String>,
    /// Stands for a hospital's `registration_number` where there is none.
    #[garde(length(chars, max = 100), inner(custom(not_blank)))]
    #[schema(min_length = 1, max_length = 100)]
    pub license_number: Option<String>,
    #[garde(range(min = 0, max = 100_000))]
    #[schema(minimum = 0, maximum = 100_000)]
    pub total_beds: Option<i64>,
}
