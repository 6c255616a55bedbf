//! The directory: doctors registered, changed and deactivated.
use access::{Caller, Role};
use kernel::{App, DoctorId, Error, IfMatch, PageQuery, Result};
use store::{Sql, Tx};

use crate::queries::doctors;
use crate::tell::{self, Told};
use crate::{CancelAgenda, Doctor, LicenseStatus, assignments, contact_points, licenses};

/// Registers a doctor.
pub async fn create(app: &App, tx: &mut Tx, caller: &Caller, doctor: Doctor) -> Result<Doctor> {
    doctors::add(tx, &doctor).await?;
    tell::of(app, tx, caller, Told::CREATED, doctor.id, doctor.created_at);
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

/// The active doctor, locked, in the version that the caller has seen; 412 in another one.
pub async fn seen(tx: &mut Tx, id: DoctorId, seen: &IfMatch) -> Result<Doctor> {
    let doctor = doctors::locked(tx, id).await?.ok_or_else(|| Error::not_found("doctor"))?;
    seen.require(doctor.version)?;
    Ok(doctor)
}

/// Changes what `apply` changes. Another licence number has to be verified anew. Conflict when a doctor who does not
/// practise would be available.
pub async fn change(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    id: DoctorId,
    if_match: &IfMatch,
    apply: impl FnOnce(Doctor) -> Doctor,
) -> Result<Doctor> {
    let was = seen(tx, id, if_match).await?;
    write(app, tx, caller, was, apply).await
}

/// As [`change`], of a doctor whose row is locked.
pub async fn write(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    was: Doctor,
    apply: impl FnOnce(Doctor) -> Doctor,
) -> Result<Doctor> {
    let (id, version, now) = (was.id, was.version + 1, app.clock().now());
    let mut doctor = Doctor { updated_at: now, version, ..apply(was.clone()) };
    if doctor.is_available && !doctor.practises() {
        return Err(Error::conflict(format!("the doctor is {}", doctor.professional_status)).about("is_available"));
    }
    let other_license = doctor.license_number != was.license_number;
    if other_license {
        doctor.license_status = LicenseStatus::Pending;
    }
    doctors::set(tx, &was, &doctor).await?;
    contacts::absorb(tx, &contact_points::owner(&doctor)).await?;
    if other_license {
        licenses::put_down(tx, caller, &doctor, Some("the licence number was changed".to_owned())).await?;
    }
    tell::of(app, tx, caller, Told::UPDATED, id, now);
    Ok(doctor)
}

/// Deactivates a doctor: assignments, affiliations and the account end, history stays. Conflict while the doctor
/// attends somebody who is admitted.
pub async fn deactivate(app: &App, tx: &mut Tx, caller: &Caller, id: DoctorId, if_match: &IfMatch) -> Result<()> {
    let was = seen(tx, id, if_match).await?;
    require_nobody_attended(tx, id).await?;
    let now = app.clock().now();
    let gone =
        Doctor { is_active: false, is_available: false, updated_at: now, version: was.version + 1, ..was.clone() };
    doctors::set(tx, &was, &gone).await?;
    leave(app, tx, caller, id).await?;
    identity::close_accounts_of(tx, id.0, now).await?;
    tell::of(app, tx, caller, Told::DEACTIVATED, id, now);
    Ok(())
}

/// Ends what a doctor who leaves for good has with patients and hospitals.
pub async fn leave(app: &App, tx: &mut Tx, caller: &Caller, id: DoctorId) -> Result<()> {
    (app.edge::<CancelAgenda>().0)(app, tx, caller, id).await?;
    assignments::end_all(app, tx, caller, id).await?;
    hospitals::end_affiliations_of(tx, id, app.clock().now()).await
}

/// Refuses while the doctor attends somebody who is admitted.
pub async fn require_nobody_attended(tx: &mut Tx, id: DoctorId) -> Result<()> {
    let first = PageQuery { limit: Some(1), ..PageQuery::default() };
    match hospitals::active_of_doctor(tx, id, &first).await?.is_empty() {
        true => Ok(()),
        false => Err(Error::conflict("the doctor attends patients who are admitted: discharge them first")),
    }
}
