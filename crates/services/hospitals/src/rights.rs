//! Who works at a hospital, and who keeps its entry in the directory.
use access::{Action, Caller, Category, Role, Who, decide};
use kernel::{App, DoctorId, Error, HospitalId, PatientId, Result};
use store::Sql;

use crate::Hospital;
use crate::queries::affiliations;

/// Keeps a hospital's entry: an admin, or the hospital's own account.
pub struct Keeper;
impl Who for Keeper {
    const ROLES: &'static [Role] = &[Role::Admin, Role::Hospital];
}

/// Counts beds: an admin, or a hospital's front desk and nurses.
pub struct BedKeeper;
impl Who for BedKeeper {
    const ROLES: &'static [Role] = &[Role::Admin, Role::Nurse, Role::Hospital];
}

/// Whether the caller works at this hospital: its nurse, its front desk, or a doctor affiliated with it.
pub async fn works_at(sql: &mut impl Sql, caller: &Caller, hospital: HospitalId) -> Result<bool> {
    match (caller.role, caller.reference) {
        (Role::Nurse | Role::Hospital, Some(own)) => Ok(own == hospital.0),
        (Role::Doctor, Some(own)) => Ok(affiliations::current(sql, DoctorId(own), hospital).await?.is_some()),
        _ => Ok(false),
    }
}

/// Refuses who does not work at this hospital.
pub async fn staff(sql: &mut impl Sql, caller: &Caller, hospital: &Hospital) -> Result<()> {
    match works_at(sql, caller, hospital.id).await? {
        true => Ok(()),
        false => Err(Error::forbidden("only for the staff of this hospital")),
    }
}

/// The patient whom the caller may admit under this name: our id or the uid, which nobody guesses, or a reference, which
/// anybody could, when the caller has to do with the patient already. Whoever admits a patient may read the chart.
pub async fn patient_to_admit(app: &App, caller: &Caller, name: &str) -> Result<PatientId> {
    let found = patients::find(&app.db(), name).await?;
    let patient = found.ok_or_else(|| Error::not_found("patient"))?;
    let unguessed = name.parse() == Ok(patient) || vault::patient_of_uid(&mut app.db(), name).await? == Some(patient);
    match unguessed || knows(app, caller, patient).await? {
        true => Ok(patient),
        // The same answer as above: it must not tell which references there are.
        false => Err(Error::not_found("patient")),
    }
}

/// Whether the patient is somebody to the caller.
pub async fn knows(app: &App, caller: &Caller, patient: PatientId) -> Result<bool> {
    let relations = access::of_patient(&mut app.db(), patient).await?;
    Ok(decide(caller, Action::Read, Category::Registration, patient, &relations, app.clock().now()).is_allowed())
}

/// Refuses who neither works at this hospital nor administers the directory.
pub async fn staff_or_admin(sql: &mut impl Sql, caller: &Caller, hospital: &Hospital) -> Result<()> {
    if caller.role == Role::Admin {
        return Ok(());
    }
    staff(sql, caller, hospital).await
}
