//! Registering a patient: the row, the key, the relation, the account and the contacts, together or not at all.
use access::{Caller, Entry, Kind, Role};
use chrono::{DateTime, Utc};
use identity::{NewAccount, PasswordHash, hash_password};
use kernel::{App, Error, PatientId, Result};
use serde_json::Value;
use store::Tx;
use uuid::Uuid;
use vault::Vault;

use crate::association::{self, Association};
use crate::model::{BloodType, FamilyContact, Named, Patient, PatientIn, PersonIn, Stored, ValidationStatus, age};
use crate::{conditions, health, queries, search, tell};

/// A patient to register who was looked over, with the password hashed. Made before a transaction begins: hashing takes
/// long.
pub struct Newcomer {
    said: PatientIn,
    named: Named,
    /// By whom the patient is to be validated; registrations of the other surface ask nobody.
    with: Association,
    password: Option<PasswordHash>,
}

impl Newcomer {
    /// Looks over what single members cannot tell. 422 naming the member when two of them disagree.
    pub async fn of(app: &App, said: PatientIn) -> Result<Self> {
        refuse_wrong_age(&said, app.clock().now())?;
        refuse_two_primaries(&said)?;
        let password = match &said.password {
            Some(password) => Some(hash_password(app, password).await?),
            None => None,
        };
        Ok(Self { said, named: Named::default(), with: Association::default(), password })
    }

    /// As [`of`](Self::of), of a patient as document 001 describes one.
    pub async fn of_person(app: &App, said: PersonIn) -> Result<Self> {
        let (said, named) = said.parted()?;
        Ok(Self { named, ..Self::of(app, said).await? })
    }
}

/// Registers a patient as document 001 describes one: account, registration, health profile, emergency contact and
/// relations, together or not at all. 422 when nobody is named who could validate the patient, or somebody who could not.
pub async fn register_person(app: &App, tx: &mut Tx, caller: &Caller, new: Newcomer) -> Result<Patient> {
    let with = association::chosen(app, tx, caller, &new.named).await?;
    register(app, tx, caller, Newcomer { with, ..new }).await.map_err(renamed)
}

/// A conflict that was found beneath, about the member as it is called in a person.
fn renamed(error: Error) -> Error {
    let names = [("email", "contact_email.email_address"), ("phone", "contact_phone.phone_number")];
    let about = error.problem().errors;
    let found = names.iter().find(|(theirs, _)| about.iter().any(|member| member.member == *theirs));
    match found {
        Some((_, ours)) => Error::new(error.status(), error.detail().to_owned()).about(ours),
        None => error,
    }
}

/// Registers a patient and relates them to whose staff the caller is. Administrators, and the program for a patient who
/// registers without anybody's help, register without being related. 409
/// about `patient_id` when another patient has that reference, and about the account's name when it is taken.
///
/// Allergies and chronic conditions are charted without a grant: of a patient who did not exist there is nothing to
/// protect yet, and who registers cannot read them back.
pub async fn register(app: &App, tx: &mut Tx, caller: &Caller, new: Newcomer) -> Result<Patient> {
    let (id, now) = (PatientId::new(), app.clock().now());
    let holder = registrar(caller)?;
    let stored = stored(id, &new, caller.actor, now);
    refuse_id_of_another(tx, &stored).await?;
    queries::patients::add(tx, &stored).await?;
    search::index(tx, &stored).await?;
    let key = app.edge::<Vault>().create_key(tx, id, now).await?;
    if let Some((holder, kind)) = holder {
        access::relate(tx, id, holder, kind, id.0, now).await?;
    }
    conditions::chart_first(tx, &key, &new.said, caller.actor, now).await?;
    if let Some(said) = new.named.health_profile {
        health::record_first(tx, &key, &stored, said, now).await?;
    }
    let contacts = new.said.family_contacts.iter().map(|said| FamilyContact::new(id, said.clone(), now));
    queries::contacts::add(tx, &contacts.collect::<Vec<_>>(), caller.actor).await?;
    if let Some(password) = new.password {
        identity::create_account(tx, caller, account(&stored, password), now).await?;
    }
    tell::event(app, tx, "patient.created", id, id.0, now);
    tell::audit(tx, caller, "patient.create", id, id, now);
    Ok(Patient::of(stored, now))
}

/// Paths name patients by id or by reference: one that is another patient's id would name two.
async fn refuse_id_of_another(tx: &mut Tx, new: &Stored) -> Result<()> {
    let Ok(id) = new.reference.parse::<PatientId>() else { return Ok(()) };
    match queries::patients::read(tx, id).await? {
        Some(_) => Err(Error::conflict("another patient has this patient_id").about("patient_id")),
        None => Ok(()),
    }
}

/// As [`register_person`] without keeping anything. What it answers tells which references and names are taken, so the
/// try is on the audit chain, whatever came of it.
pub async fn try_person(app: &App, caller: &Caller, new: Newcomer) -> Result<Patient> {
    let mut tx = app.db().begin().await?;
    let tried = register_person(app, &mut tx, caller, new).await;
    drop(tx);
    let outcome = match &tried {
        Ok(_) => "would be registered".to_owned(),
        Err(error) => format!("refused: {}", error.status()),
    };
    let mut tx = app.db().begin().await?;
    access::record(&mut tx, Entry::of(caller, "patient.create dry run", outcome, app.clock().now()));
    tx.commit().await?;
    tried
}

/// Who holds the new relation, and of which kind it is.
fn registrar(caller: &Caller) -> Result<Option<(Uuid, Kind)>> {
    let kind = match caller.role {
        Role::Admin | Role::System => return Ok(None),
        Role::Doctor => Kind::RegisteringDoctor,
        Role::Nurse | Role::Hospital => Kind::RegisteringHospital,
        role => return Err(Error::forbidden(format!("not for the role {role}"))),
    };
    // An account that stands for nobody could never see the patient again.
    let holder = caller.reference.ok_or_else(|| Error::forbidden("your account stands for no doctor or hospital"))?;
    Ok(Some((holder, kind)))
}

fn stored(id: PatientId, new: &Newcomer, by: Uuid, now: DateTime<Utc>) -> Stored {
    let said = &new.said;
    Stored {
        load_key: id,
        reference: said.patient_id.clone().unwrap_or_else(|| id.to_string()),
        name: said.name.trim().to_owned(),
        first_name: new.named.first_name.clone(),
        last_name: new.named.last_name.clone(),
        date_of_birth: said.date_of_birth,
        sex: new.named.sex.clone().over(None),
        gender: said.gender,
        contact: said.contact.trim().to_owned(),
        email: said.email.clone(),
        address: Value::Object(said.address.clone()),
        blood_type: said.blood_type.unwrap_or(BloodType::Unknown),
        emergency_flag: false,
        is_active: true,
        erased_at: None,
        doctor_id: new.with.doctor,
        institution_id: new.with.institution,
        validation_status: ValidationStatus::Pending,
        merge_group: None,
        created_by: by,
        created_at: now,
        updated_at: now,
        version: 1,
    }
}

/// A patient signs in by email, or by the contact when there is none: families share phones, but not addresses. Without
/// either it is our id, as a username.
fn account(patient: &Stored, password: PasswordHash) -> NewAccount {
    let nothing = patient.email.is_none() && patient.contact.is_empty();
    NewAccount {
        email: patient.email.clone(),
        username: nothing.then(|| patient.load_key.to_string()),
        phone: Some(patient.contact.clone()).filter(|contact| patient.email.is_none() && !contact.is_empty()),
        name: Some(patient.name.clone()),
        password,
        role: Role::Patient,
        reference: Some(patient.load_key.0),
    }
}

fn refuse_wrong_age(said: &PatientIn, now: DateTime<Utc>) -> Result<()> {
    let computed = age(said.date_of_birth, now);
    match said.age {
        Some(age) if age.abs_diff(computed) > 1 => {
            Err(Error::invalid("age", format!("disagrees with date_of_birth, which makes it {computed}")))
        }
        _ => Ok(()),
    }
}

fn refuse_two_primaries(said: &PatientIn) -> Result<()> {
    let primaries = said.family_contacts.iter().enumerate().filter(|(_, contact)| contact.is_primary);
    match primaries.map(|(index, _)| index).nth(1) {
        Some(second) => {
            Err(Error::invalid(format!("family_contacts[{second}].is_primary"), "is set for another already"))
        }
        None => Ok(()),
    }
}
