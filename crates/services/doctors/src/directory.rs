//! The directory: doctors registered, changed and deactivated.
use access::{Caller, Entry, Role};
use kernel::{App, DoctorId, Error, PageQuery, Result};
use store::{Sql, Tx};

use crate::asked::{DoctorIn, DoctorPatch};
use crate::queries::doctors;
use crate::{Doctor, assignments};

/// Registers a doctor.
pub async fn create(app: &App, tx: &mut Tx, caller: &Caller, input: DoctorIn) -> Result<Doctor> {
    let (id, now) = (DoctorId::new(), app.clock().now());
    let doctor = Doctor {
        id,
        reference: input.doctor_id.unwrap_or_else(|| id.to_string()),
        name: trimmed(&input.name),
        age: input.age,
        gender: input.gender,
        contact: trimmed(&input.contact),
        email: spelled(&input.email),
        license_number: trimmed(&input.license_number),
        specializations: input.specializations,
        qualification: input.qualification,
        experience: input.experience,
        is_available: true,
        is_active: true,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    doctors::add(tx, &doctor).await?;
    access::record(tx, Entry::of(caller, "doctor.create", id, now));
    Ok(doctor)
}

/// The active doctor that a path names.
pub async fn named(sql: &mut impl Sql, name: &str) -> Result<Doctor> {
    doctors::find(sql, name).await?.ok_or_else(|| Error::not_found("doctor"))
}

/// The doctor that a path names. Nothing is erased: administrators see a deactivated one by id.
pub async fn show(sql: &mut impl Sql, caller: &Caller, name: &str) -> Result<Doctor> {
    if caller.role == Role::Admin
        && let Ok(id) = name.parse()
        && let Some(doctor) = doctors::by_id(sql, id).await?
    {
        return Ok(doctor);
    }
    named(sql, name).await
}

/// Changes what was sent.
pub async fn change(app: &App, tx: &mut Tx, caller: &Caller, id: DoctorId, patch: DoctorPatch) -> Result<Doctor> {
    let was = doctors::locked(tx, id).await?.ok_or_else(|| Error::not_found("doctor"))?;
    let doctor = Doctor {
        name: patch.name.map_or(was.name, |text| trimmed(&text)),
        age: patch.age.or(was.age),
        gender: patch.gender.unwrap_or(was.gender),
        contact: patch.contact.map_or(was.contact, |text| trimmed(&text)),
        email: patch.email.map_or(was.email, |text| spelled(&text)),
        license_number: patch.license_number.map_or(was.license_number, |text| trimmed(&text)),
        specializations: patch.specializations.unwrap_or(was.specializations),
        qualification: patch.qualification.unwrap_or(was.qualification),
        experience: patch.experience.unwrap_or(was.experience),
        is_available: patch.is_available.unwrap_or(was.is_available),
        updated_at: app.clock().now(),
        version: was.version + 1,
        ..was
    };
    doctors::set(tx, &doctor).await?;
    access::record(tx, Entry::of(caller, "doctor.update", id, doctor.updated_at));
    Ok(doctor)
}

/// Deactivates a doctor: assignments, affiliations and the account end, history stays. Conflict while the doctor
/// attends somebody who is admitted.
pub async fn deactivate(app: &App, tx: &mut Tx, caller: &Caller, id: DoctorId) -> Result<()> {
    let was = doctors::locked(tx, id).await?.ok_or_else(|| Error::not_found("doctor"))?;
    let first = PageQuery { limit: Some(1), ..PageQuery::default() };
    if !hospitals::active_of_doctor(tx, id, &first).await?.is_empty() {
        return Err(Error::conflict("the doctor attends patients who are admitted: discharge them first"));
    }
    let now = app.clock().now();
    let gone = Doctor { is_active: false, is_available: false, updated_at: now, version: was.version + 1, ..was };
    doctors::set(tx, &gone).await?;
    assignments::end_all(app, tx, caller, id).await?;
    hospitals::end_affiliations_of(tx, id, now).await?;
    identity::close_accounts_of(tx, id.0, now).await?;
    access::record(tx, Entry::of(caller, "doctor.deactivate", id, now));
    Ok(())
}

fn trimmed(text: &str) -> String {
    text.trim().to_owned()
}

/// Email addresses have one spelling, so that nobody is registered twice under one.
fn spelled(email: &str) -> String {
    email.trim().to_lowercase()
}
