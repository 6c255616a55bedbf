//! The further e-mail addresses, phones and addresses of an institution.
use access::Caller;
use contacts::{ContactKind, ContactPoint, ContactPointIn, ContactPointPatch, ContactValue, Outcome, Owner};
use kernel::{App, HospitalId, IfMatch, Result, Text as _};
use store::{Sql, Tx};
use uuid::Uuid;

use crate::draft::Change;
use crate::queries::hospitals;
use crate::{Address, Hospital, directory, members, tell};

/// What a hospital's row says itself.
pub fn owner(hospital: &Hospital) -> Owner {
    Owner {
        id: hospital.id.0,
        patient: None,
        kinds: ContactKind::ALL,
        email: Some(hospital.email.clone()),
        phone: Some(hospital.contact.clone()),
        address: Some(hospital.address.0.clone()),
        version: hospital.version,
    }
}

/// Every way to reach an institution.
pub async fn list(sql: &mut impl Sql, hospital: &Hospital, kind: Option<ContactKind>) -> Result<Vec<ContactPoint>> {
    contacts::list(sql, &owner(hospital), kind).await
}

/// Adds a contact point.
pub async fn add(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    id: HospitalId,
    said: ContactPointIn,
) -> Result<ContactPoint> {
    let hospital = hospitals::locked(tx, id).await?;
    let outcome = contacts::add(tx, caller, &owner(&hospital), said, app.clock().now()).await?;
    settle(app, tx, caller, hospital, outcome).await
}

/// Changes a contact point, or makes it the institution's own.
pub async fn change(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    (id, point): (HospitalId, Uuid),
    patch: ContactPointPatch,
    seen: &IfMatch,
) -> Result<ContactPoint> {
    let hospital = hospitals::locked(tx, id).await?;
    let outcome = contacts::change(tx, caller, &owner(&hospital), point, patch, seen, app.clock().now()).await?;
    settle(app, tx, caller, hospital, outcome).await
}

/// Removes a contact point.
pub async fn remove(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    (id, point): (HospitalId, Uuid),
    seen: &IfMatch,
) -> Result<()> {
    let (hospital, now) = (hospitals::locked(tx, id).await?, app.clock().now());
    contacts::remove(tx, caller, &owner(&hospital), point, seen, now).await?;
    tell::event(app, tx, "institution.contact_point", id, now);
    Ok(())
}

/// Writes what became primary to the institution's row.
async fn settle(app: &App, tx: &mut Tx, caller: &Caller, was: Hospital, outcome: Outcome) -> Result<ContactPoint> {
    let mut change = Change::nothing(members::CONTACT_POINT);
    match outcome.promoted {
        None => {
            tell::event(app, tx, "institution.contact_point", was.id, app.clock().now());
            return Ok(outcome.point);
        }
        Some(ContactValue::Email(email)) => change.email = Some(email),
        Some(ContactValue::Phone(phone)) => change.contact = Some(phone),
        Some(ContactValue::Address(address)) => change.address = Some(Address(address)),
    }
    directory::write(app, tx, caller, was, change).await?;
    Ok(outcome.point)
}
