//! Naming the people to call about a patient.
use access::data::Contacts;
use access::{Grant, Read, Write};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{App, Error, IfMatch, Listed, PageQuery, PatientId, Result, Versioned as _};
use store::Tx;
use uuid::Uuid;

use crate::lookup::require_active;
use crate::model::{FamilyContact, FamilyContactIn};
use crate::queries::contacts;
use crate::tell;

/// Adds a contact. A new primary contact takes the place of the one before.
pub async fn add(
    app: &App,
    tx: &mut Tx,
    grant: &Grant<Write, Contacts>,
    said: FamilyContactIn,
) -> Result<FamilyContact> {
    let (patient, now) = (grant.patient(), app.clock().now());
    // The patient's row is locked by this, so that of two new primary contacts one comes after the other.
    require_active(tx, patient).await?;
    let contact = FamilyContact::new(patient, said, now);
    if contact.is_primary {
        unset_primary(tx, patient, now).await?;
    }
    contacts::add(tx, std::slice::from_ref(&contact), grant.actor()).await?;
    tell::event(app, tx, "contact.added", patient, contact.id, now);
    Ok(contact)
}

/// Leaves the patient without a primary contact: who was it stays a contact, as another version.
async fn unset_primary(tx: &mut Tx, patient: PatientId, now: DateTime<Utc>) -> Result<()> {
    let Some(was) = contacts::primary(tx, patient).await? else { return Ok(()) };
    let updated_at = after(was.updated_at, now);
    contacts::change(tx, &FamilyContact { is_primary: false, updated_at, ..was }).await
}

/// Says a contact anew. A new primary contact takes the place of the one before.
pub async fn change(
    app: &App,
    tx: &mut Tx,
    grant: &Grant<Write, Contacts>,
    (id, seen): (Uuid, &IfMatch),
    said: FamilyContactIn,
) -> Result<FamilyContact> {
    let was = locked(tx, grant, id, seen).await?;
    let now = after(was.updated_at, app.clock().now());
    let changed = FamilyContact { id, created_at: was.created_at, ..FamilyContact::new(grant.patient(), said, now) };
    if changed.is_primary && !was.is_primary {
        unset_primary(tx, grant.patient(), now).await?;
    }
    contacts::change(tx, &changed).await?;
    tell::event(app, tx, "contact.changed", grant.patient(), id, now);
    Ok(changed)
}

/// Forgets a contact.
pub async fn remove(
    app: &App,
    tx: &mut Tx,
    grant: &Grant<Write, Contacts>,
    (id, seen): (Uuid, &IfMatch),
) -> Result<()> {
    locked(tx, grant, id, seen).await?;
    contacts::remove(tx, id).await?;
    tell::event(app, tx, "contact.removed", grant.patient(), id, app.clock().now());
    Ok(())
}

/// The contact behind the lock of the patient's row, as when one is added.
async fn locked(tx: &mut Tx, grant: &Grant<Write, Contacts>, id: Uuid, seen: &IfMatch) -> Result<FamilyContact> {
    require_active(tx, grant.patient()).await?;
    let found = contacts::lock(tx, grant.patient(), id).await?;
    let found = found.ok_or_else(|| Error::not_found("contact"))?;
    seen.require(found.version())?;
    Ok(found)
}

/// The time of a change, which is its version: two changes are never of one time.
pub(crate) fn after(was: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    now.max(was + TimeDelta::microseconds(1))
}

/// A page of a patient's contacts.
pub async fn list(app: &App, grant: &Grant<Read, Contacts>, page: &PageQuery) -> Result<Listed<FamilyContact>> {
    let found = contacts::of_patient(&mut app.db(), grant.patient(), page).await?;
    Ok(Listed::new(found, page, |contact| contact.id))
}
