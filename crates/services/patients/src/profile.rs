//! A patient's profile: the registration, the health profile, and whom to call.
use access::data::{Contacts, Records, Registration};
use access::{Caller, Grant, Read};
use kernel::{App, Result};

use crate::model::Profile;
use crate::queries::contacts;
use crate::{medical_record, show};

/// The three grants that a profile takes.
pub struct Grants<'a> {
    pub registration: &'a Grant<Read, Registration>,
    /// Over all records of the person.
    pub records: &'a [Grant<Read, Records>],
    pub contacts: &'a Grant<Read, Contacts>,
}

/// Puts the profile of the grants' patient together.
pub async fn profile(app: &App, caller: &Caller, grants: &Grants<'_>) -> Result<Profile> {
    let patient = show::show(app, caller, grants.registration, None).await?;
    let called = contacts::in_emergency(&mut app.db(), grants.contacts.patient()).await?;
    let (name, phone) = called.map(|contact| (contact.name, contact.contact)).unzip();
    Ok(Profile {
        patient: patient.into(),
        health_profile: medical_record::health_profile(app, grants.records).await?,
        emergency_contact_name: name,
        emergency_contact_phone: phone,
    })
}
