//! Delegates: a parent, a guardian, a spouse or a carer who may act for a patient.
use std::collections::HashMap;

use access::data::Consents;
use access::{Caller, Entry, Grant, Kind, Read, Relation, Role, Streams, Write};
use kernel::{App, Error, Listed, PageQuery, PatientId, Result, UserId};
use store::Tx;
use uuid::Uuid;

use crate::asked::{DelegateIn, require_ahead};
use crate::model::{Delegate, Delegation, May, StoredDelegate};
use crate::{queries, tell};

/// The patient of this name, when the caller gives rights over them: the patient, or an administrator for one who cannot.
/// A delegate makes no further delegates.
pub async fn giver(app: &App, caller: &Caller, name: &str) -> Result<PatientId> {
    caller.must_be_person()?;
    let patient = patients::find(&app.db(), name).await?.ok_or_else(|| Error::not_found("patient"))?;
    if caller.role == Role::Admin {
        return Ok(patient);
    }
    let grant = Grant::<Write, Consents>::ask(app, caller, patient).await?;
    match is_oneself(app, caller, patient).await? {
        true => Ok(grant.patient()),
        false => Err(Error::forbidden("only for the patient and administrators")),
    }
}

/// Whether the record is the caller's own, or was merged with it.
async fn is_oneself(app: &App, caller: &Caller, patient: PatientId) -> Result<bool> {
    let records = access::group(&mut app.db(), patient).await?;
    Ok(caller.role == Role::Patient && records.iter().any(|record| caller.reference == Some(record.0)))
}

/// The patient of this name, to whoever may see who acts for them.
pub async fn seen(app: &App, caller: &Caller, name: &str) -> Result<PatientId> {
    let patient = patients::find(&app.db(), name).await?.ok_or_else(|| Error::not_found("patient"))?;
    match caller.role {
        Role::Admin => {
            let (mut tx, now) = (app.db().begin().await?, app.clock().now());
            access::record(&mut tx, Entry::of(caller, "read delegates", patient, now).about(patient));
            tx.commit().await?;
            Ok(patient)
        }
        _ => Ok(Grant::<Read, Consents>::ask(app, caller, patient).await?.patient()),
    }
}

/// An administrator, who reads no chart, must not open one to an account of their choice: whoever has an account gives
/// such rights themselves. For a child, or one who cannot sign in, somebody else must.
async fn require_no_account(tx: &mut Tx, patient: PatientId) -> Result<()> {
    for record in access::group(tx, patient).await? {
        let own = identity::accounts_of(tx, record.0).await?;
        if identity::accounts(tx, &own).await?.iter().any(|account| account.is_active) {
            let why = "the patient has an account, and says themselves who acts for them";
            return Err(Error::conflict(why).about("user"));
        }
    }
    Ok(())
}

/// Lets somebody act for the patient. 422 about `user` when there is no such patient's account; 409 when it acts for the
/// patient already, is the patient's own, or an administrator asks for a patient who has an account.
pub async fn add(app: &App, tx: &mut Tx, caller: &Caller, patient: PatientId, said: &DelegateIn) -> Result<Delegate> {
    let now = app.clock().now();
    require_ahead("expires_at", said.expires_at, now)?;
    patients::require_active(tx, patient).await?;
    if caller.role == Role::Admin {
        require_no_account(tx, patient).await?;
    }
    let account = identity::find_account(tx, &said.user).await?;
    let account = account.filter(|account| account.is_active && account.user_type == Role::Patient);
    let account = account.ok_or_else(|| Error::invalid("user", "is no patient's account"))?;
    if account.reference_id == Some(patient.0) {
        return Err(Error::conflict("is the patient's own account").about("user"));
    }
    let new = StoredDelegate {
        id: kernel::ids::new(),
        patient_id: patient,
        account_id: account.id,
        relationship: said.relationship,
        may: said.may.unwrap_or(May::Read),
        given_by: caller.actor,
        given_at: now,
        expires_at: said.expires_at,
        ended_by: None,
        ended_at: None,
    };
    queries::delegates::end_expired(tx, patient, account.id, now).await?;
    queries::delegates::add(tx, &new).await?;
    let relation = Relation {
        opens: new.may.opens(),
        expires_at: new.expires_at,
        ..Relation::new(patient, account.id.0, Kind::Delegate, new.id)
    };
    access::relate_as(tx, &relation, now).await?;
    tell::told(app, tx, caller, ("delegate.added", "delegate.add"), (patient, new.id), now);
    Ok(Delegate::of(&new, account.name, now))
}

/// Ends a delegate's right: by the patient, an administrator, or the delegate. 404 when it has ended.
pub async fn end(app: &App, tx: &mut Tx, caller: &Caller, (patient, id): (PatientId, Uuid)) -> Result<()> {
    let now = app.clock().now();
    let found = queries::delegates::lock(tx, id, patient).await?.filter(|found| found.ended_at.is_none());
    let found = found.ok_or_else(|| Error::not_found("delegate"))?;
    queries::delegates::end(tx, found.id, caller.actor, now).await?;
    access::end_basis(tx, found.id, now).await?;
    app.edge::<Streams>().close_after(tx, found.id);
    tell::told(app, tx, caller, ("delegate.ended", "delegate.end"), (patient, found.id), now);
    Ok(())
}

/// The patient of this name, when the caller may end that delegate: whoever gives rights, and the delegate.
pub async fn ender(app: &App, caller: &Caller, name: &str, id: Uuid) -> Result<PatientId> {
    if let Some(patient) = patients::find(&app.db(), name).await? {
        let own = queries::delegates::by_id(&mut app.db(), id).await?;
        if own.is_some_and(|own| own.patient_id == patient && own.account_id.0 == caller.actor) {
            return Ok(patient);
        }
    }
    giver(app, caller, name).await
}

/// A page of those who act or acted for a patient, the newest first.
pub async fn list(app: &App, patient: PatientId, page: &PageQuery) -> Result<Listed<Delegate>> {
    let (mut db, now) = (app.db(), app.clock().now());
    let listed = Listed::new(queries::delegates::of_patient(&mut db, patient, page).await?, page, |one| one.id);
    let accounts: Vec<UserId> = listed.entries.iter().map(|one| one.account_id).collect();
    let accounts = identity::accounts(&mut db, &accounts).await?;
    let names: HashMap<_, _> = accounts.into_iter().map(|account| (account.id, account.name)).collect();
    Ok(listed.map(|one| {
        let name = names.get(&one.account_id).cloned().flatten();
        Delegate::of(&one, name, now)
    }))
}

/// A page of those for whom the caller may act now, the newest first. Their names are registration: each is a look.
pub async fn own(app: &App, caller: &Caller, page: &PageQuery) -> Result<Listed<Delegation>> {
    let (mut db, now) = (app.db(), app.clock().now());
    let found = queries::delegates::of_account(&mut db, caller.actor, page, now).await?;
    let listed = Listed::new(found, page, |one| one.id);
    let patients: Vec<PatientId> = listed.entries.iter().map(|one| one.patient_id).collect();
    let mut tx = app.db().begin().await?;
    for patient in &patients {
        let look = Entry::of(caller, "read registration", patient, now);
        access::record(&mut tx, look.about(*patient).because("delegate"));
    }
    tx.commit().await?;
    let cards = patients::cards(&db, &patients).await?;
    let mut names: HashMap<PatientId, String> = cards.into_iter().map(|card| (card.id, card.name)).collect();
    Ok(listed.map(|one| Delegation {
        id: one.id,
        patient_id: one.patient_id,
        patient_name: names.remove(&one.patient_id),
        relationship: one.relationship,
        may: one.may,
        given_at: one.given_at,
        expires_at: one.expires_at,
    }))
}
