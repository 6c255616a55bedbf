//! Registering a patient: the row, the key, the relation, the account and the contacts, together or not at all.
use access::{Caller, Kind, Role};
use chrono::{DateTime, Utc};
use identity::{NewAccount, PasswordHash, hash_password};
use kernel::{App, Error, PatientId, Result};
use serde_json::Value;
use store::Tx;
use uuid::Uuid;
use vault::Vault;

use crate::model::{BloodType, FamilyContact, Patient, PatientIn, Stored, age};
use crate::{conditions, queries, tell};

/// A patient to register who was looked over, with the password hashed. Made before a transaction begins: hashing takes
/// long.
pub struct Newcomer {
    said: PatientIn,
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
        Ok(Self { said, password })
    }
}

/// Registers a patient and relates them to whose staff the caller is. Administrators register without being related. 409
/// about `patient_id` when another patient has that reference, and about the account's name when it is taken.
///
/// Allergies and chronic conditions are charted without a grant: of a patient who did not exist there is nothing to
/// protect yet, and who registers cannot read them back.
pub async fn register(app: &App, tx: &mut Tx, caller: &Caller, new: Newcomer) -> Result<Patient> {
    let (id, now) = (PatientId::new(), app.clock().now());
    let holder = registrar(caller)?;
    let stored = stored(id, &new.said, caller.actor, now);
    queries::patients::add(tx, &stored).await?;
    let key = app.edge::<Vault>().create_key(tx, id, now).await?;
    if let Some((holder, kind)) = holder {
        access::relate(tx, id, holder, kind, id.0, now).await?;
    }
    conditions::chart_first(tx, &key, &new.said, caller.actor, now).await?;
    let contacts = new.said.family_contacts.iter().map(|said| FamilyContact::new(id, said.clone(), now));
    queries::contacts::add(tx, &contacts.collect::<Vec<_>>(), caller.actor).await?;
    if let Some(password) = new.password {
        identity::create_account(tx, caller, account(&stored, password), now).await?;
    }
    tell::event(app, tx, "patient.created", id, id.0, now);
    tell::audit(tx, caller, "patient.create", id, id, now);
    Ok(Patient::of(stored, now))
}

/// Who holds the new relation, and of which kind it is.
fn registrar(caller: &Caller) -> Result<Option<(Uuid, Kind)>> {
    let kind = match caller.role {
        Role::Admin => return Ok(None),
        Role::Doctor => Kind::RegisteringDoctor,
        Role::Nurse | Role::Hospital => Kind::RegisteringHospital,
        role => return Err(Error::forbidden(format!("not for the role {role}"))),
    };
    // An account that stands for nobody could never see the patient again.
    let holder = caller.reference.ok_or_else(|| Error::forbidden("your account stands for no doctor or hospital"))?;
    Ok(Some((holder, kind)))
}

fn stored(id: PatientId, said: &PatientIn, by: Uuid, now: DateTime<Utc>) -> Stored {
    Stored {
        load_key: id,
        reference: said.patient_id.clone().unwrap_or_else(|| id.to_string()),
        name: said.name.trim().to_owned(),
        date_of_birth: said.date_of_birth,
        gender: said.gender,
        contact: said.contact.trim().to_owned(),
        email: said.email.clone(),
        address: Value::Object(said.address.clone()),
        blood_type: said.blood_type.unwrap_or(BloodType::Unknown),
        emergency_flag: false,
        is_active: true,
        created_by: by,
        created_at: now,
        updated_at: now,
        version: 1,
    }
}

/// A patient signs in by email, or by the contact when there is none: families share phones, but not addresses.
fn account(patient: &Stored, password: PasswordHash) -> NewAccount {
    NewAccount {
        email: patient.email.clone(),
        username: None,
        phone: if patient.email.is_none() { Some(patient.contact.clone()) } else { None },
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
