//! The further e-mail addresses, phones and addresses of a patient.
use ::contacts::{ContactKind, ContactPoint, ContactPointIn, ContactPointPatch, ContactValue, Outcome, Owner};
use access::data::Contacts;
use access::{Caller, Grant, Read, Role, Write};
use kernel::{App, Error, IfMatch, Result, Text as _};
use serde_json::Value;
use store::Tx;
use uuid::Uuid;

use crate::model::Stored;
use crate::queries::patients;
use crate::{lookup, search, tell};

/// What a patient's registration says itself; with the further points, every way to reach the patient.
pub fn owner(patient: &Stored) -> Owner {
    Owner {
        id: patient.load_key.0,
        patient: Some(patient.load_key),
        kinds: ContactKind::ALL,
        email: patient.email.clone(),
        phone: Some(patient.contact.clone()),
        address: patient.address.as_object().cloned(),
        version: patient.version,
    }
}

/// Every way to reach a patient. The deactivated are shown to administrators alone.
pub async fn list(
    app: &App,
    caller: &Caller,
    grant: &Grant<Read, Contacts>,
    kind: Option<ContactKind>,
) -> Result<Vec<ContactPoint>> {
    let found = patients::by_id(&app.db(), grant.patient()).await?;
    let shown = found.filter(|patient| patient.is_active || caller.role == Role::Admin);
    let patient = shown.ok_or_else(|| Error::not_found("patient"))?;
    ::contacts::list(&mut app.db(), &owner(&patient), kind).await
}

/// Adds a contact point. 409 when the patient has been deactivated.
pub async fn add(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    grant: &Grant<Write, Contacts>,
    said: ContactPointIn,
) -> Result<ContactPoint> {
    let patient = lookup::active(tx, grant.patient()).await?;
    let before = search::keys_of(tx, &patient).await?;
    let outcome = ::contacts::add(tx, caller, &owner(&patient), said, app.clock().now()).await?;
    let (point, patient) = settle(app, tx, caller, patient, outcome).await?;
    search::reindex(tx, &before, &patient).await?;
    Ok(point)
}

/// Changes a contact point, or makes it the patient's own.
pub async fn change(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    grant: &Grant<Write, Contacts>,
    id: Uuid,
    patch: ContactPointPatch,
    seen: &IfMatch,
) -> Result<ContactPoint> {
    let patient = lookup::active(tx, grant.patient()).await?;
    let (before, now) = (search::keys_of(tx, &patient).await?, app.clock().now());
    let outcome = ::contacts::change(tx, caller, &owner(&patient), id, patch, seen, now).await?;
    let (point, patient) = settle(app, tx, caller, patient, outcome).await?;
    search::reindex(tx, &before, &patient).await?;
    Ok(point)
}

/// Removes a contact point.
pub async fn remove(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    grant: &Grant<Write, Contacts>,
    id: Uuid,
    seen: &IfMatch,
) -> Result<()> {
    let (patient, now) = (lookup::active(tx, grant.patient()).await?, app.clock().now());
    let before = search::keys_of(tx, &patient).await?;
    ::contacts::remove(tx, caller, &owner(&patient), id, seen, now).await?;
    search::reindex(tx, &before, &patient).await?;
    tell::event(app, tx, "contact_point.changed", patient.load_key, id, now);
    Ok(())
}

/// Writes what became primary to the patient's row, and answers the row as it is then.
async fn settle(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    was: Stored,
    outcome: Outcome,
) -> Result<(ContactPoint, Stored)> {
    let (patient, now) = (was.load_key, app.clock().now());
    tell::event(app, tx, "contact_point.changed", patient, outcome.point.id.unwrap_or(patient.0), now);
    let version = was.version + 1;
    let (member, changed) = match outcome.promoted {
        None => return Ok((outcome.point, was)),
        Some(ContactValue::Email(email)) => ("email", Stored { email: Some(email), ..was }),
        Some(ContactValue::Phone(contact)) => ("contact", Stored { contact, ..was }),
        Some(ContactValue::Address(address)) => ("address", Stored { address: Value::Object(address), ..was }),
    };
    let changed = Stored { updated_at: now, version, ..changed };
    patients::change(tx, &changed).await?;
    tell::event(app, tx, "patient.updated", patient, patient.0, now);
    tell::audit(tx, caller, "patient.update", patient, member, now);
    Ok((outcome.point, changed))
}
