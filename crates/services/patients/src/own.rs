//! The profile that patients see and keep of themselves.
//!
//! No request names the patient: it is whom the signed-in account stands for, and nobody else.
use access::data::{Contacts, Registration};
use access::{Caller, Grant, Read, Role, Who, Write};
use kernel::{App, Error, IfMatch, PatientId, Result};
use store::Tx;
use vault::{AadhaarVault, Vault};

use crate::change::{self, Change};
use crate::model::{Beside, OwnAadhaar, OwnParts, OwnProfile, OwnProfilePatch, Stored};
use crate::queries::{contacts, patients};
use crate::{insurance, lookup, sealed, show, tell, zone};

/// Patients, of themselves.
pub struct Oneself;
impl Who for Oneself {
    const ROLES: &'static [Role] = &[Role::Patient];
}

/// The patient whom the account stands for.
pub fn oneself(caller: &Caller) -> Result<PatientId> {
    let own = caller.reference.filter(|_| caller.role == Role::Patient);
    own.map(PatientId).ok_or_else(|| Error::forbidden("your account stands for no patient"))
}

/// The caller's own profile.
pub async fn show(app: &App, caller: &Caller) -> Result<OwnProfile> {
    let patient = oneself(caller)?;
    let registration = Grant::<Read, Registration>::ask(app, caller, patient).await?;
    let called = Grant::<Read, Contacts>::ask(app, caller, patient).await?;
    let shown = show::show(app, caller, &registration, None).await?;
    let key = app.edge::<Vault>().key(&app.db(), patient).await?;
    let call = contacts::in_emergency(&mut app.db(), called.patient()).await?;
    let aadhaar = match app.edge::<AadhaarVault>().of(&mut app.db(), patient).await? {
        Some(kept) => {
            let (masked, is_verified) = (kept.masked(&key)?, kept.verified_at.is_some());
            Some(OwnAadhaar { uid: kept.uid, masked, is_verified })
        }
        None => None,
    };
    let insurance = insurance::of(&mut app.db(), &key).await?;
    let time_zone = zone::time_zone(&mut app.db(), patient).await?;
    let beside = Beside { aadhaar, call: call.map(|contact| (contact.name, contact.contact)), insurance, time_zone };
    Ok(OwnProfile::of(shown, beside))
}

/// A change of the own profile with everything it needs to be made.
pub struct OwnChange {
    grant: Grant<Write, Registration>,
    registration: Change,
    parts: OwnParts,
}

impl OwnChange {
    pub async fn permitted(app: &App, caller: &Caller, patch: OwnProfilePatch, seen: IfMatch) -> Result<Self> {
        let grant = Grant::ask(app, caller, oneself(caller)?).await?;
        let mut parts = patch.parted()?;
        let patch = std::mem::take(&mut parts.registration);
        let mut registration = Change::permitted(app, caller, grant.patient(), patch, seen).await?;
        if let Some(who) = parts.call.take() {
            registration = registration.with_call(app, caller, grant.patient(), who).await?;
        }
        Ok(Self { grant, registration, parts })
    }
}

/// Changes the own profile. 412 when it is another version than the caller has seen.
pub async fn change(app: &App, tx: &mut Tx, caller: &Caller, change: OwnChange) -> Result<()> {
    let (patient, now) = (change.grant.patient(), app.clock().now());
    change::update(app, tx, caller, &change.grant, change.registration).await?;
    let key = sealed::key_in(tx, app.edge::<Vault>(), patient).await?;
    let was = insurance::of(tx, &key).await?;
    let insured = change.parts.insured(&was);
    let zone = match change.parts.time_zone {
        Some(next) if next != zone::time_zone(tx, patient).await? => Some(next),
        _ => None,
    };
    if let Some(insured) = &insured {
        insurance::insure(tx, &key, insured, now).await?;
    }
    if let Some(zone) = zone {
        zone::set_time_zone(tx, patient, zone).await?;
    }
    if insured.is_some() || zone.is_some() {
        // It is one profile, with one version.
        let was = lookup::active(tx, patient).await?;
        patients::change(tx, &Stored { updated_at: now, version: was.version + 1, ..was }).await?;
        tell::event(app, tx, "patient.updated", patient, patient.0, now);
        let members = [insured.map(|_| "insurance"), zone.map(|_| "time_zone")];
        let members: Vec<&str> = members.into_iter().flatten().collect();
        tell::audit(tx, caller, "patient.update", patient, members.join(", "), now);
    }
    Ok(())
}
