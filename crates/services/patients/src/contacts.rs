//! Naming the people to call about a patient.
use access::data::Contacts;
use access::{Grant, Read, Write};
use kernel::{App, Listed, PageQuery, Result};
use store::Tx;

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
        contacts::unset_primary(tx, patient, now).await?;
    }
    contacts::add(tx, std::slice::from_ref(&contact), grant.actor()).await?;
    tell::event(app, tx, "contact.added", patient, contact.id, now);
    Ok(contact)
}

/// A page of a patient's contacts.
pub async fn list(app: &App, grant: &Grant<Read, Contacts>, page: &PageQuery) -> Result<Listed<FamilyContact>> {
    let found = contacts::of_patient(&mut app.db(), grant.patient(), page).await?;
    Ok(Listed::new(found, page, |contact| contact.id))
}
