//! Registering a doctor at an institution: the entry, the affiliation and the login, together or not at all.
use access::Caller;
use axum::http::StatusCode;
use contacts::email_key;
use hospitals::{Hospital, Words};
use identity::PasswordHash;
use kernel::{App, DoctorId, Error, Result};
use patients::Gender;
use store::{Sql, Tx};

use crate::asked::{AffiliationIn, trimmed};
use crate::profile_in::ProfileIn;
use crate::specialties::Catalogue;
use crate::{Doctor, LicenseStatus, ProfessionalStatus, accounts, directory, places, rights};

/// A doctor to register who was looked over, with the password hashed. Made before a transaction begins: hashing takes
/// long.
pub struct Newcomer {
    said: ProfileIn,
    institution: Hospital,
    /// The name of the specialty in the catalogue.
    specialty: Option<String>,
    password: PasswordHash,
}

impl Newcomer {
    /// 422 naming the member when there is no such institution or specialty; 403 for the account of another institution.
    pub async fn of(app: &App, caller: &Caller, catalogue: &Catalogue, said: ProfileIn) -> Result<Self> {
        let institution = institution(&mut app.db(), "institution_id", &said.institution_id).await?;
        rights::employer(caller, institution.id)?;
        let specialty = match &said.specialty_id {
            Some(named) => Some(catalogue.named(named)?.name.clone()),
            None => None,
        };
        let password = identity::hash_password(app, &said.password).await?;
        Ok(Self { said, institution, specialty, password })
    }
}

/// The active institution that a member of a request names.
pub async fn institution(sql: &mut impl Sql, member: &'static str, named: &str) -> Result<Hospital> {
    hospitals::find_institution(sql, named).await.map_err(|error| unfit(error, member))
}

/// In a body or a query, an institution that is not there is a member that does not fit.
pub fn unfit(error: Error, member: &'static str) -> Error {
    match error.status() {
        StatusCode::NOT_FOUND => Error::invalid(member, "names no active institution"),
        StatusCode::CONFLICT => Error::conflict(error.detail().to_owned()).about(member),
        _ => error,
    }
}

/// Registers the doctor. 409 naming the member when another doctor or account has the address or the licence.
pub async fn register(app: &App, tx: &mut Tx, caller: &Caller, new: Newcomer) -> Result<Doctor> {
    let (now, place) = (app.clock().now(), new.institution.id);
    let doctor = Doctor { created_at: now, updated_at: now, ..entry(new.said, place, new.specialty) };
    let doctor = directory::create(app, tx, caller, doctor).await.map_err(renamed)?;
    let made = places::start(app, tx, caller, (&doctor, place), AffiliationIn::default()).await;
    made.map_err(|error| unfit(error, "institution_id"))?;
    accounts::open(tx, caller, &doctor, Some(new.password)).await.map_err(renamed)?;
    Ok(doctor)
}

/// As [`register`] without keeping anything. What it answers tells which licences and addresses are taken, so the try is
/// on the audit chain, whatever came of it.
pub async fn try_out(app: &App, caller: &Caller, new: Newcomer) -> Result<Doctor> {
    let mut tx = app.db().begin().await?;
    let tried = register(app, &mut tx, caller, new).await;
    drop(tx);
    let outcome = match &tried {
        Ok(_) => "would be registered".to_owned(),
        Err(error) => format!("refused: {}", error.status()),
    };
    let mut tx = app.db().begin().await?;
    access::record(&mut tx, access::Entry::of(caller, "doctor.create dry run", outcome, app.clock().now()));
    tx.commit().await?;
    tried
}

fn entry(said: ProfileIn, place: kernel::HospitalId, specialty: Option<String>) -> Doctor {
    let id = DoctorId::new();
    let (first, last) = (trimmed(&said.first_name), trimmed(&said.last_name));
    Doctor {
        id,
        reference: id.to_string(),
        name: format!("{first} {last}"),
        first_name: Some(first),
        last_name: Some(last),
        age: None,
        gender: said.gender.unwrap_or(Gender::PreferNotToSay),
        contact: said.contact_phone.map(|phone| trimmed(&phone.phone_number)),
        email: email_key(&said.contact_email.email_address),
        license_number: trimmed(&said.medical_license),
        license_status: LicenseStatus::Pending,
        specializations: Words(specialty.into_iter().collect()),
        qualification: said.qualification,
        experience: said.years_experience,
        consultation_fee: said.consultation_fee,
        institution_id: Some(place),
        professional_status: ProfessionalStatus::Active,
        is_available: true,
        is_active: true,
        created_at: Default::default(),
        updated_at: Default::default(),
        version: 1,
    }
}

/// A conflict that was found beneath, about the member as it is called in a profile.
pub fn renamed(error: Error) -> Error {
    let names = [("license_number", "medical_license"), ("email", "contact_email.email_address")];
    let about = error.problem().errors.into_iter().next().map(|first| first.member);
    match names
        .into_iter()
        .find(|(beneath, _)| error.status() == StatusCode::CONFLICT && about.as_deref() == Some(beneath))
    {
        Some((beneath, member)) => Error::conflict(error.detail().replace(beneath, member)).about(member),
        None => error,
    }
}
