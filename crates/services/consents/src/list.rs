//! Looking at consents: the patient at all of them, a grantee at its own.
use std::collections::HashMap;

use access::data::Consents;
use access::{Act, Action, Caller, Category, Entry, Grant, Role, decide};
use axum::http::StatusCode;
use kernel::{App, Error, Listed, PageQuery, PatientId, Result};

use crate::asked::ConsentFilter;
use crate::model::{Consent, ConsentId, Stored, Words};
use crate::queries::consents::{self, Wanted};
use crate::{grantee, sealed};

/// A page of consents, the newest first: those of the patient who is named, or of the signed-in patient, to the patient
/// and whoever acts for them; to a doctor or a hospital's staff those that they asked for. The look is on the audit chain.
pub async fn list(app: &App, caller: &Caller, filter: &ConsentFilter, page: &PageQuery) -> Result<Listed<Consent>> {
    let wanted = wanted(app, caller, filter).await?;
    let listed = wanted_page(app, &wanted, page).await?;
    if wanted.grantee.is_some() {
        let mut tx = app.db().begin().await?;
        let shown = format!("{} consents", listed.entries.len());
        access::record(&mut tx, Entry::of(caller, "list consents", shown, app.clock().now()));
        tx.commit().await?;
    }
    Ok(listed)
}

/// A page of the wanted consents, for somebody who was found to have the right to them.
pub async fn wanted_page(app: &App, wanted: &Wanted, page: &PageQuery) -> Result<Listed<Consent>> {
    let (mut db, now) = (app.db(), app.clock().now());
    let found = consents::find(&mut db, wanted, page, now).await?;
    let total = match page.wants_total() {
        true => Some(consents::count(&mut db, wanted, now).await?),
        false => None,
    };
    let listed = Listed::new(found, page, |consent| consent.id.0).with_total(total);
    let names = grantee::names(&mut db, &listed.entries).await?;
    let mut words = HashMap::new();
    for consent in &listed.entries {
        words.insert(consent.id, words_of(app, consent).await?);
    }
    Ok(listed.map(|consent| {
        let name = names.get(&consent.grantee_id).cloned().flatten();
        Consent::of(&consent, words.remove(&consent.id).unwrap_or_default(), name, now)
    }))
}

async fn wanted(app: &App, caller: &Caller, filter: &ConsentFilter) -> Result<Wanted> {
    let wanted = Wanted { grantee_id: filter.grantee, status: filter.status, ..Wanted::default() };
    let patient = match (&filter.patient, caller.role, caller.reference) {
        (Some(name), ..) => Some(patients::find(&app.db(), name).await?.ok_or_else(|| Error::not_found("patient"))?),
        (None, Role::Patient, Some(own)) => Some(PatientId(own)),
        _ => None,
    };
    let own = grantee::of(caller);
    if let Some(patient) = patient
        && (own.is_none() || acts_for(app, caller, patient).await?)
    {
        let grant = Grant::<access::Read, Consents>::ask(app, caller, patient).await?;
        return Ok(Wanted { patient: Some(grant.patient()), ..wanted });
    }
    let own =
        own.ok_or_else(|| Error::forbidden("consents are seen by the patient and by those who asked for them"))?;
    Ok(Wanted { patient, grantee: Some(own), ..wanted })
}

/// Whether the patient's consents are the caller's to see beside those the caller asked for.
async fn acts_for(app: &App, caller: &Caller, patient: PatientId) -> Result<bool> {
    let relations = access::of_patient(&mut app.db(), patient).await?;
    Ok(decide(caller, Action::Read, Category::Consents, patient, &relations, app.clock().now()).is_allowed())
}

/// One consent, to its grantee or with the patient's right. To everybody else there is none.
pub async fn show(app: &App, caller: &Caller, id: ConsentId) -> Result<Consent> {
    let found = by_id(app, id).await?;
    if grantee::is(caller, &found) {
        let mut tx = app.db().begin().await?;
        let look = Entry::of(caller, "read consents", id, app.clock().now());
        access::record(&mut tx, look.about(found.patient_id).because("the grantee"));
        tx.commit().await?;
    } else {
        over::<access::Read>(app, caller, &found).await?;
    }
    let name = grantee::name(&mut app.db(), found.grantee_kind, found.grantee_id).await?;
    Ok(Consent::of(&found, words_of(app, &found).await?, name, app.clock().now()))
}

/// The consent of this id, whoever asks.
pub async fn by_id(app: &App, id: ConsentId) -> Result<Stored> {
    consents::by_id(&mut app.db(), id).await?.ok_or_else(|| Error::not_found("consent"))
}

/// A grant over the consents of this one's patient. To whom the patient is a stranger, the consent does not exist either.
pub async fn over<A: Act>(app: &App, caller: &Caller, consent: &Stored) -> Result<Grant<A, Consents>> {
    match Grant::ask(app, caller, consent.patient_id).await {
        Err(error) if error.status() == StatusCode::NOT_FOUND => Err(Error::not_found("consent")),
        asked => asked,
    }
}

/// The sealed words of a consent, for somebody who may see it; none once the patient was erased.
async fn words_of(app: &App, consent: &Stored) -> Result<Words> {
    match sealed::key(app, consent.patient_id).await? {
        Some(key) => sealed::open(&key, sealed::CONSENTS, consent.id.0, &consent.sealed),
        None => Ok(Words::default()),
    }
}
