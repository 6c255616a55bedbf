//! The further e-mail addresses, phones and addresses of a doctor.
use access::Caller;
use axum::http::StatusCode;
use contacts::{ContactKind, ContactPoint, ContactPointIn, ContactPointPatch, ContactValue, Outcome, Owner};
use kernel::{App, DoctorId, Error, IfMatch, Result};
use store::{Sql, Tx};
use uuid::Uuid;

use crate::directory;
use crate::tell::{self, Told};
use crate::{Doctor, queries::doctors};

/// What a doctor's entry says itself; it has no address.
pub fn owner(doctor: &Doctor) -> Owner {
    Owner {
        id: doctor.id.0,
        patient: None,
        kinds: &[ContactKind::Email, ContactKind::Phone],
        email: Some(doctor.email.clone()),
        phone: doctor.contact.clone(),
        address: None,
        version: doctor.version,
    }
}

/// Every way to reach a doctor.
pub async fn list(sql: &mut impl Sql, doctor: &Doctor, kind: Option<ContactKind>) -> Result<Vec<ContactPoint>> {
    contacts::list(sql, &owner(doctor), kind).await
}

/// Adds a contact point.
pub async fn add(app: &App, tx: &mut Tx, caller: &Caller, id: DoctorId, said: ContactPointIn) -> Result<ContactPoint> {
    let doctor = locked(tx, id).await?;
    let outcome = contacts::add(tx, caller, &owner(&doctor), said, app.clock().now()).await?;
    settle(app, tx, caller, doctor, outcome).await
}

/// Changes a contact point, or makes it the doctor's own.
pub async fn change(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    (id, point): (DoctorId, Uuid),
    patch: ContactPointPatch,
    seen: &IfMatch,
) -> Result<ContactPoint> {
    let doctor = locked(tx, id).await?;
    let outcome = contacts::change(tx, caller, &owner(&doctor), point, patch, seen, app.clock().now()).await?;
    settle(app, tx, caller, doctor, outcome).await
}

/// Removes a contact point.
pub async fn remove(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    (id, point): (DoctorId, Uuid),
    seen: &IfMatch,
) -> Result<()> {
    let (doctor, now) = (locked(tx, id).await?, app.clock().now());
    contacts::remove(tx, caller, &owner(&doctor), point, seen, now).await?;
    tell::of(app, tx, caller, Told::UPDATED, id, now);
    Ok(())
}

async fn locked(tx: &mut Tx, id: DoctorId) -> Result<Doctor> {
    doctors::locked(tx, id).await?.ok_or_else(|| Error::not_found("doctor"))
}

/// Writes what became primary to the doctor's entry.
async fn settle(app: &App, tx: &mut Tx, caller: &Caller, was: Doctor, outcome: Outcome) -> Result<ContactPoint> {
    match outcome.promoted {
        // An entry has no address that could be promoted.
        None | Some(ContactValue::Address(_)) => tell::of(app, tx, caller, Told::UPDATED, was.id, app.clock().now()),
        Some(ContactValue::Email(email)) => {
            let email = contacts::email_key(&email);
            let changed = directory::write(app, tx, caller, was, |was| Doctor { email, ..was }).await;
            changed.map_err(named_value)?;
        }
        Some(ContactValue::Phone(phone)) => {
            directory::write(app, tx, caller, was, |was| Doctor { contact: Some(phone), ..was }).await?;
        }
    }
    Ok(outcome.point)
}

/// Another doctor may have the address: here it was sent as the value of a point.
fn named_value(error: Error) -> Error {
    match error.status() {
        StatusCode::CONFLICT => Error::conflict("another doctor has this email").about("value"),
        _ => error,
    }
}
