//! Settling a consent: approving, denying, revoking. Each once, under the lock of its row.
use access::data::Consents;
use access::{Caller, Grant, Relation, Role, Streams, Write};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{App, Error, IfMatch, PatientId, Result};
use store::Tx;
use vault::PatientKey;

use crate::asked::{ApproveIn, ReasonIn, require_ahead, require_span};
use crate::model::{Consent, ConsentId, ConsentStatus, Set, Stored, Subject, Words};
use crate::{grantee, queries, sealed, tell};

/// How long a consent lasts for which nobody said how long.
const USUAL: TimeDelta = TimeDelta::days(365);

/// Who takes a consent back.
#[derive(Clone, Copy)]
pub enum By<'a> {
    /// The patient, or who may act for the patient.
    Patient(&'a Grant<Write, Consents>),
    /// The one it was given to.
    Grantee,
}

/// Approves what was asked for, or less of it: from the commit on it is a care relation. 409 when it was settled before or
/// has expired; 422 for more than was asked; 412 when it is another version than the caller has seen.
pub async fn approve(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    grant: &Grant<Write, Consents>,
    (found, seen): (&Stored, &IfMatch),
    less: ApproveIn,
) -> Result<Consent> {
    let (id, now) = (found.id, app.clock().now());
    // The doctor's row before the patient's, as everywhere. Who asked is never changed.
    grantee::require_there(tx, found.grantee_kind, found.grantee_id).await?;
    let was = lock(tx, (id, grant.patient()), seen).await?;
    require(&was, &[ConsentStatus::Requested], now)?;
    let next = narrowed(was, less, caller, now)?;
    require_oneself(caller, &next)?;
    queries::consents::set(tx, &next).await?;
    relate(tx, &next, now).await?;
    tell::told(app, tx, caller, ("consent.approved", "consent.approve"), (next.patient_id, id.0), now);
    answer(app, tx, &next, now).await
}

/// Denies what was asked for. 409 and 412 as when approving.
pub async fn deny(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    grant: &Grant<Write, Consents>,
    (id, seen): (ConsentId, &IfMatch),
    said: ReasonIn,
) -> Result<Consent> {
    let now = app.clock().now();
    let was = lock(tx, (id, grant.patient()), seen).await?;
    require(&was, &[ConsentStatus::Requested], now)?;
    let key = sealed::key_in(app, tx, was.patient_id).await?;
    let next = Stored {
        status: ConsentStatus::Denied,
        decided_by: Some(caller.actor),
        decided_at: Some(now),
        sealed: reasoned(&key, &was, said)?,
        version: was.version + 1,
        ..was
    };
    queries::consents::set(tx, &next).await?;
    tell::told(app, tx, caller, ("consent.denied", "consent.deny"), (next.patient_id, id.0), now);
    answer(app, tx, &next, now).await
}

/// Takes a consent back, or a request. What rests on it ends with the commit: no stream that was opened by it says
/// anything after the answer. 409 when it has ended already; 412 as when approving.
pub async fn revoke(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    by: By<'_>,
    (found, seen): (&Stored, &IfMatch),
    said: ReasonIn,
) -> Result<Consent> {
    let now = app.clock().now();
    let patient = match by {
        By::Patient(grant) => grant.patient(),
        By::Grantee => found.patient_id,
    };
    let was = lock(tx, (found.id, patient), seen).await?;
    if matches!(by, By::Grantee) && !grantee::is(caller, &was) {
        return Err(Error::not_found("consent"));
    }
    require(&was, &[ConsentStatus::Requested, ConsentStatus::Approved], now)?;
    let key = sealed::key_in(app, tx, patient).await?;
    let next = Stored { sealed: reasoned(&key, &was, said)?, ..ended(was, caller, now) };
    end(app, tx, caller, &next, now).await?;
    answer(app, tx, &next, now).await
}

/// The consent as it is once it was taken back.
pub fn ended(was: Stored, caller: &Caller, now: DateTime<Utc>) -> Stored {
    Stored {
        status: ConsentStatus::Revoked,
        revoked_by: Some(caller.actor),
        revoked_at: Some(now),
        version: was.version + 1,
        ..was
    }
}

/// Writes that a consent has ended, ends what rests on it, and closes the streams once that is durable.
pub async fn end(app: &App, tx: &mut Tx, caller: &Caller, next: &Stored, now: DateTime<Utc>) -> Result<()> {
    queries::consents::set(tx, next).await?;
    access::end_basis(tx, next.id.0, now).await?;
    app.edge::<Streams>().close_after(tx, next.id.0);
    tell::told(app, tx, caller, ("consent.revoked", "consent.revoke"), (next.patient_id, next.id.0), now);
    Ok(())
}

/// The consent of this patient, which nobody else settles; the patient's row first. 409 once the patient has left.
async fn lock(tx: &mut Tx, (id, patient): (ConsentId, PatientId), seen: &IfMatch) -> Result<Stored> {
    patients::require_active(tx, patient).await?;
    let found = queries::consents::lock(tx, id).await?.filter(|found| found.patient_id == patient);
    let found = found.ok_or_else(|| Error::not_found("consent"))?;
    seen.require(found.version)?;
    Ok(found)
}

fn require(was: &Stored, in_one_of: &[ConsentStatus], now: DateTime<Utc>) -> Result<()> {
    match was.status_at(now) {
        status if in_one_of.contains(&status) => Ok(()),
        status => Err(Error::conflict(format!("the consent is {status} already")).about("status")),
    }
}

/// What is approved: what was asked for, or less.
fn narrowed(was: Stored, less: ApproveIn, caller: &Caller, now: DateTime<Utc>) -> Result<Stored> {
    let categories = less.data_categories.map_or_else(|| was.categories.clone(), Set::of);
    // What is sensitive is asked for by its name.
    let all = was.categories.0.contains(&Subject::All);
    let asked = |subject: &Subject| was.categories.0.contains(subject) || all && *subject != Subject::Sensitive;
    if !categories.0.iter().all(asked) {
        return Err(Error::invalid("data_categories", "was not asked for"));
    }
    let actions = less.actions.map_or_else(|| was.actions.clone(), Set::of);
    if actions.0.iter().any(|action| !was.actions.0.contains(action)) {
        return Err(Error::invalid("actions", "was not asked for"));
    }
    require_ahead("expires_at", less.expires_at, now)?;
    let (data_from, data_to) = (less.data_from.or(was.data_from), less.data_to.or(was.data_to));
    require_span(data_from, data_to)?;
    if was.data_from > data_from || is_later(data_to, was.data_to) {
        return Err(Error::invalid("data_from", "and data_to reach further than was asked for"));
    }
    for (member, said, asked) in
        [("expires_at", less.expires_at, was.expires_at), ("erase_at", less.erase_at, was.erase_at)]
    {
        if is_later(said, asked) {
            return Err(Error::invalid(member, "is later than was asked for"));
        }
    }
    Ok(Stored {
        categories,
        actions,
        data_from,
        data_to,
        erase_at: less.erase_at.or(was.erase_at),
        expires_at: ending(less.expires_at.or(was.expires_at).or(Some(now + USUAL)), less.erase_at.or(was.erase_at)),
        status: ConsentStatus::Approved,
        decided_by: Some(caller.actor),
        decided_at: Some(now),
        version: was.version + 1,
        ..was
    })
}

/// A consent ends when its copies are to be erased, if not before.
pub fn ending(expires_at: Option<DateTime<Utc>>, erase_at: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    [expires_at, erase_at].into_iter().flatten().min()
}

/// What is sensitive is opened by the patient alone: who acts for the patient does not see it either.
fn require_oneself(caller: &Caller, consent: &Stored) -> Result<()> {
    let is_sensitive = consent.categories.0.contains(&Subject::Sensitive);
    match is_sensitive && !caller.stands_for(Role::Patient, consent.patient_id.0) {
        true => Err(Error::forbidden("what is sensitive is opened by the patient alone")),
        false => Ok(()),
    }
}

fn is_later(said: Option<DateTime<Utc>>, asked: Option<DateTime<Utc>>) -> bool {
    matches!((said, asked), (Some(said), Some(asked)) if said > asked)
}

/// Makes a consent in force the relation that it is.
async fn relate(tx: &mut Tx, consent: &Stored, now: DateTime<Utc>) -> Result<()> {
    let opens = consent.opens();
    let Some(kind) = grantee::relation(consent.grantee_kind).filter(|_| !opens.actions.is_empty()) else {
        return Ok(());
    };
    let relation = Relation {
        opens: Some(opens),
        expires_at: consent.expires_at,
        ..Relation::new(consent.patient_id, consent.grantee_id, kind, consent.id.0)
    };
    access::relate_as(tx, &relation, now).await
}

/// The words with the reason put in.
fn reasoned(key: &PatientKey, was: &Stored, said: ReasonIn) -> Result<Vec<u8>> {
    let words: Words = sealed::open(key, sealed::CONSENTS, was.id.0, &was.sealed)?;
    let reason = said.reason.map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    sealed::seal(key, sealed::CONSENTS, was.id.0, &Words { reason, ..words })
}

async fn answer(app: &App, tx: &mut Tx, consent: &Stored, now: DateTime<Utc>) -> Result<Consent> {
    let key = sealed::key_in(app, tx, consent.patient_id).await?;
    let words = sealed::open(&key, sealed::CONSENTS, consent.id.0, &consent.sealed)?;
    let name = grantee::name(tx, consent.grantee_kind, consent.grantee_id).await?;
    Ok(Consent::of(consent, words, name, now))
}
