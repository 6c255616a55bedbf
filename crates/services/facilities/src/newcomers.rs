//! Whoever registers without anybody's help: patients, doctors and hospitals.
use axum::http::StatusCode;
use contacts::{ContactEmail, ContactPhone};
use doctors::DoctorIn;
use hospitals::{Address, InstitutionIn, InstitutionType, Words};
use identity::{PasswordHash, hash_password};
use kernel::{App, Error, HospitalId, Result};
use patients::{AddressIn, Gender, Insurance};
use serde_json::Value;
use store::Tx;

use crate::answer::Made;
use crate::asked::{RegisterIn, Registrant};
use crate::newcomer::{self, Newcomer, PatientSaid};

/// Somebody to register who was looked over, with the password hashed.
pub enum Ready {
    Patient(Box<Newcomer>),
    Doctor(Box<DoctorIn>, Option<HospitalId>, PasswordHash),
    Hospital(Box<InstitutionIn>, PasswordHash),
}

impl Ready {
    /// 422 naming the member that whoever registers so needs.
    pub async fn of(app: &App, said: RegisterIn) -> Result<Self> {
        match said.user_type {
            Registrant::Patient => Ok(Self::Patient(Box::new(Newcomer::of(app, patient(said)?).await?))),
            Registrant::Doctor => {
                let works = works_at(app, said.hospital_id.as_deref()).await?;
                let (said, password) = (doctor(&said)?, hash_password(app, &said.password).await?);
                Ok(Self::Doctor(Box::new(said), works, password))
            }
            Registrant::Hospital => {
                let password = said.password.clone();
                let said = institution(said)?;
                Ok(Self::Hospital(Box::new(said), hash_password(app, &password).await?))
            }
        }
    }

    /// Registers whoever it is. 409 naming the member that another has already.
    pub async fn register(self, app: &App, tx: &mut Tx) -> Result<Made> {
        match self {
            Self::Patient(new) => newcomer::register(app, tx, *new).await.map(|(id, uid)| Made::Patient { id, uid }),
            Self::Doctor(said, works, password) => {
                let made = doctors::register_oneself(app, tx, *said, works, password).await;
                made.map(|doctor| Made::Doctor(doctor.id)).map_err(renamed)
            }
            Self::Hospital(said, password) => {
                let made = hospitals::register_oneself(app, tx, *said, password).await;
                made.map(|hospital| Made::Hospital(hospital.id))
            }
        }
    }
}

fn needed<T>(value: Option<T>, member: &str, kind: Registrant) -> Result<T> {
    value.ok_or_else(|| Error::invalid(member, format!("is needed for the user type {kind}")))
}

fn patient(said: RegisterIn) -> Result<PatientSaid> {
    Ok(PatientSaid {
        full_name: needed(said.full_name, "full_name", said.user_type)?,
        date_of_birth: needed(said.date_of_birth, "date_of_birth", said.user_type)?,
        aadhaar: said.aadhar_number,
        gender: said.gender,
        phone: said.phone,
        email: said.email,
        password: said.password,
        blood_type: said.blood_type,
        address: said.address,
        call: (said.emergency_contact, said.emergency_phone),
        insurance: Insurance { provider: said.insurance_provider, id: said.insurance_id },
    })
}

fn doctor(said: &RegisterIn) -> Result<DoctorIn> {
    let words = |word: &Option<String>| Words(word.iter().map(|word| word.trim().to_owned()).collect());
    Ok(DoctorIn {
        doctor_id: None,
        name: needed(said.full_name.clone(), "full_name", said.user_type)?,
        age: None,
        gender: said.gender.unwrap_or(Gender::PreferNotToSay),
        contact: said.phone.clone().unwrap_or_default(),
        email: needed(said.email.clone(), "email", said.user_type)?,
        license_number: needed(said.registration_number.clone(), "registration_number", said.user_type)?,
        specializations: words(&said.specialization),
        qualification: words(&said.qualification),
        experience: said.experience.unwrap_or_default(),
        password: None,
    })
}

/// The institution a doctor says to work at.
async fn works_at(app: &App, named: Option<&str>) -> Result<Option<HospitalId>> {
    let Some(named) = named else { return Ok(None) };
    let found = hospitals::find_institution(&mut app.db(), named).await;
    found.map(|institution| Some(institution.id)).map_err(|error| match error.status() {
        StatusCode::NOT_FOUND => Error::invalid("hospital_id", "names no active institution"),
        StatusCode::CONFLICT => Error::conflict(error.detail().to_owned()).about("hospital_id"),
        _ => error,
    })
}

/// A conflict that was found beneath, about the member as it is called here.
fn renamed(error: Error) -> Error {
    let about = error.problem().errors.into_iter().next().map(|first| first.member);
    match (error.status(), about.as_deref()) {
        (StatusCode::CONFLICT, Some("license_number")) => {
            Error::conflict("another doctor has this registration_number").about("registration_number")
        }
        _ => error,
    }
}

fn institution(said: RegisterIn) -> Result<InstitutionIn> {
    let kind = said.user_type;
    let email_address = needed(said.email, "email", kind)?;
    Ok(InstitutionIn {
        name: needed(said.hospital_name, "hospital_name", kind)?,
        institution_type_id: said.r#type.unwrap_or(InstitutionType::Hospital),
        website: None,
        license_number: needed(said.registration_number.or(said.license_number), "registration_number", kind)?,
        contact_email: ContactEmail { email_address, is_primary: true },
        contact_phone: said.phone.map(|phone_number| ContactPhone { phone_number, is_primary: true }),
        address: address(
            said.address,
            [("city", said.city), ("state", said.state.clone()), ("pincode", said.pincode)],
        )?,
        region: said.state,
        password: None,
        total_beds: said.total_beds.unwrap_or_default(),
        emergency_services: false,
        specializations: Words::default(),
        accreditations: Words::default(),
    })
}

/// The address with the parts of it that were said beside it.
fn address(said: Option<AddressIn>, beside: [(&str, Option<String>); 3]) -> Result<Address> {
    let mut parts = said.map(AddressIn::parts).unwrap_or_default();
    for (name, value) in beside {
        if let Some(value) = value {
            parts.insert(name.to_owned(), Value::String(value.trim().to_owned()));
        }
    }
    let address = Address(parts);
    match garde::Validate::validate(&address) {
        Ok(()) => Ok(address),
        Err(_) => Err(Error::invalid("address", "is too long for an address")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said(value: Value) -> RegisterIn {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn each_kind_says_which_member_it_needs() {
        let missing = |made: Option<Error>| made.map(|error| error.problem().errors[0].member.clone());
        let bare = |kind| said(json!({"user_type": kind, "password": "SecurePassword123"}));
        assert_eq!(missing(patient(bare("patient")).err()).as_deref(), Some("full_name"));
        assert_eq!(missing(doctor(&bare("doctor")).err()).as_deref(), Some("full_name"));
        assert_eq!(missing(institution(bare("hospital")).err()).as_deref(), Some("email"));
    }

    #[test]
    fn a_hospitals_address_is_put_together() {
        let hospital = said(json!({
            "user_type": "hospital", "password": "SecurePassword123", "email": "desk@lal.example", "hospital_name": "Lal",
            "license_number": "L-1", "type": "lab", "address": "12 MG Road", "city": "Pune", "state": "Maharashtra", "pincode": "411001",
        }));
        let made = institution(hospital).ok().unwrap();
        assert_eq!(made.address.city(), Some("Pune"));
        assert_eq!(made.address.0["text"], "12 MG Road");
        assert_eq!((made.institution_type_id, made.license_number.as_str()), (InstitutionType::Laboratory, "L-1"));
    }
}
