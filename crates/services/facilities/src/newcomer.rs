//! A patient who registers: the registration, the login and the Aadhaar number, together or not at all.
use access::{Caller, Entry};
use chrono::NaiveDate;
use kernel::{App, Error, PatientId, Result};
use patients::{AddressIn, BloodType, FamilyContactIn, Gender, Insurance, PatientIn, first_to_call};
use store::Tx;
use vault::{AadhaarNumber, AadhaarText, AadhaarVault, Vault};

use crate::asked::PatientRegisterIn;

/// A patient as both registrations of document 004 describe one.
pub struct PatientSaid {
    pub aadhaar: Option<AadhaarText>,
    pub full_name: String,
    pub date_of_birth: NaiveDate,
    pub gender: Option<Gender>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub password: String,
    pub blood_type: Option<BloodType>,
    pub address: Option<AddressIn>,
    /// Name and phone of whom to call.
    pub call: (Option<String>, Option<String>),
    pub insurance: Insurance,
}

impl From<PatientRegisterIn> for PatientSaid {
    fn from(said: PatientRegisterIn) -> Self {
        Self {
            aadhaar: Some(said.aadhar_number),
            full_name: said.full_name,
            date_of_birth: said.date_of_birth,
            gender: said.gender,
            phone: said.phone,
            email: said.email,
            password: said.password,
            blood_type: said.blood_type,
            address: said.address,
            call: (said.emergency_contact, said.emergency_phone),
            insurance: Insurance { provider: said.insurance_provider, id: said.insurance_id },
        }
    }
}

/// A patient to register who was looked over, with the password hashed. Made before a transaction begins: hashing takes
/// long.
pub struct Newcomer {
    number: Option<AadhaarNumber>,
    patient: patients::Newcomer,
    insurance: Insurance,
}

impl Newcomer {
    /// 422 about a number that cannot be one, 409 about one that somebody has.
    pub async fn of(app: &App, said: PatientSaid) -> Result<Self> {
        let number = said.aadhaar.as_ref().map(|text| read(app, text)).transpose()?;
        if let Some(number) = &number
            && app.edge::<AadhaarVault>().find(&mut app.db(), number).await?.is_some()
        {
            return Err(AadhaarVault::taken());
        }
        let (call, insurance) = (first_to_call(said.call.0.clone(), said.call.1.clone())?, said.insurance.clone());
        let patient = patients::Newcomer::of(app, registration(said, call)).await?;
        Ok(Self { number, patient, insurance })
    }
}

/// The number in a member of a request; 422 about that member when it is none.
pub fn read(app: &App, text: &AadhaarText) -> Result<AadhaarNumber> {
    let number = text.number(app.edge::<AadhaarVault>().rules());
    number.map_err(|why| Error::invalid("aadhar_number", why))
}

fn registration(said: PatientSaid, call: Option<FamilyContactIn>) -> PatientIn {
    PatientIn {
        patient_id: None,
        name: said.full_name,
        age: None,
        date_of_birth: said.date_of_birth,
        gender: said.gender.unwrap_or(Gender::PreferNotToSay),
        contact: said.phone.unwrap_or_default(),
        email: said.email.map(|email| email.trim().to_owned()),
        address: said.address.map(AddressIn::parts).unwrap_or_default(),
        blood_type: said.blood_type,
        allergies: Vec::new(),
        chronic_conditions: Vec::new(),
        family_contacts: call.into_iter().collect(),
        password: Some(said.password),
    }
}

/// Whoever registers has no account yet: the program itself puts it down.
pub const NOBODY: Caller = Caller::operator();

/// Registers the patient and answers the id and the uid of the number. Of several who bring the same number at the same
/// moment one is registered, and 409 is the answer to the others.
pub async fn register(app: &App, tx: &mut Tx, new: Newcomer) -> Result<(PatientId, Option<String>)> {
    let now = app.clock().now();
    let patient = patients::register(app, tx, &NOBODY, new.patient).await?.id;
    let key = app.edge::<Vault>().key_in(tx, patient).await?;
    if new.insurance != Insurance::default() {
        patients::insure(tx, &key, &new.insurance, now).await?;
    }
    let Some(number) = new.number else { return Ok((patient, None)) };
    let uid = app.edge::<AadhaarVault>().keep(tx, &key, &number, None, now).await?;
    access::record(tx, Entry::of(&NOBODY, "aadhaar.register", patient, now).about(patient));
    Ok((patient, Some(uid)))
}
