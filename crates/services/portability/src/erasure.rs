//! Erasure: a patient asks, an administrator confirms, and from the commit on nothing of the patient can be read.
use access::{Caller, Entry, Grant, Role, Write, data};
use chrono::{DateTime, Utc};
use events::Log;
use kernel::{App, Error, Listed, PageQuery, PatientId, Result};
use serde_json::json;
use store::Tx;
use vault::{AadhaarVault, Vault};

use crate::model::{Erasure, ErasureId, ErasureIn, ErasureStatus, Stored};
use crate::queries::{erasures, exports};

/// The topic of this service's events; other processes learn from it whose keys to let go of.
pub const TOPIC: &str = "erasures";
/// The word of the event that says so.
pub const DONE: &str = "done";

/// Refuses all but the patient: to be erased is asked for by oneself.
pub fn require_oneself(caller: &Caller, patient: PatientId) -> Result<()> {
    match caller.stands_for(Role::Patient, patient.0) {
        true => Ok(()),
        false => Err(Error::forbidden("only for the patient")),
    }
}

/// Asks for the patient's erasure. 422 when `confirm` is another reference; 409 when it was asked for already, and while
/// the patient is admitted, in an emergency, or merged with another record.
pub async fn ask(app: &App, tx: &mut Tx, caller: &Caller, patient: PatientId, said: &ErasureIn) -> Result<Erasure> {
    let now = app.clock().now();
    patients::require_erasable(app, tx, patient).await?;
    let card = patients::require_active(tx, patient).await?;
    if said.confirm.trim() != card.reference {
        return Err(Error::invalid("confirm", "is not the patient_id of this record"));
    }
    let id = ErasureId::new();
    let new = Stored {
        id,
        patient_id: patient,
        reason: app.edge::<Vault>().seal_system(&purpose(id), said.reason.trim().as_bytes())?,
        status: ErasureStatus::Requested,
        requested_by: caller.actor,
        requested_at: now,
        ended_by: None,
        ended_at: None,
    };
    erasures::add(tx, &new).await?;
    tell(app, tx, caller, ("requested", "erasure.request"), &new, now);
    shown(app, &new)
}

/// Withdraws the open request of a patient; 404 when there is none.
pub async fn withdraw(app: &App, tx: &mut Tx, caller: &Caller, patient: PatientId) -> Result<Erasure> {
    let now = app.clock().now();
    let open = erasures::last_of(tx, patient).await?.filter(|last| last.status == ErasureStatus::Requested);
    let was = open.ok_or_else(|| Error::not_found("erasure"))?;
    if !erasures::end(tx, was.id, ErasureStatus::Withdrawn, caller.actor, now).await? {
        return Err(Error::conflict("the erasure has been decided at this moment"));
    }
    tell(app, tx, caller, ("withdrawn", "erasure.withdraw"), &was, now);
    shown(app, &ended(was, ErasureStatus::Withdrawn, caller, now))
}

/// Erases the patient. What has to be settled first is refused with 409, as when it was asked for. `grant` is the
/// administrator's over the registration.
pub async fn confirm(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    grant: &Grant<Write, data::Registration>,
    id: ErasureId,
) -> Result<Erasure> {
    let (patient, now) = (grant.patient(), app.clock().now());
    // The patient's row before all others, as everywhere.
    patients::require_erasable(app, tx, patient).await?;
    let was = erasures::by_id(tx, id).await?.filter(|was| was.patient_id == patient);
    let was = was.ok_or_else(|| Error::not_found("erasure"))?;
    if !erasures::end(tx, id, ErasureStatus::Done, caller.actor, now).await? {
        return Err(Error::conflict(format!("the erasure is {} already", was.status)));
    }
    destroy(app, tx, caller, patient).await?;
    tell(app, tx, caller, (DONE, "erasure.confirm"), &was, now);
    shown(app, &ended(was, ErasureStatus::Done, caller, now))
}

/// Takes away what names the patient and destroys the key of what does not.
pub async fn destroy(app: &App, tx: &mut Tx, caller: &Caller, patient: PatientId) -> Result<()> {
    let now = app.clock().now();
    patients::erase(app, tx, caller, patient).await?;
    signals::forget_latest(tx, patient).await?;
    signals::forget(tx, patient).await?;
    wearables::forget(tx, patient).await?;
    hcgateway::forget(tx, patient).await?;
    jobs::cancel_of(tx, patient.0, now).await?;
    exports::remove_of(tx, patient).await?;
    facilities::forget(tx, patient).await?;
    providers::forget(tx, patient).await?;
    app.edge::<AadhaarVault>().remove(tx, patient).await?;
    app.edge::<Vault>().erase(tx, patient, now).await?;
    let process = app.clone();
    tx.after_commit(move || emergency::portable::forget(&process, patient));
    Ok(())
}

/// The request of this id.
pub async fn by_id(app: &App, id: ErasureId) -> Result<Erasure> {
    let found = erasures::by_id(&mut app.db(), id).await?.ok_or_else(|| Error::not_found("erasure"))?;
    shown(app, &found)
}

/// The last request of a patient.
pub async fn last_of(app: &App, patient: PatientId) -> Result<Erasure> {
    let found = erasures::last_of(&mut app.db(), patient).await?.ok_or_else(|| Error::not_found("erasure"))?;
    shown(app, &found)
}

/// A page of requests, the last one first.
pub async fn list(app: &App, status: Option<ErasureStatus>, page: &PageQuery) -> Result<Listed<Erasure>> {
    let found = erasures::list(&mut app.db(), status, page).await?;
    let shown = found.iter().map(|stored| shown(app, stored)).collect::<Result<Vec<_>>>()?;
    Ok(Listed::new(shown, page, |erasure| erasure.id.0))
}

fn ended(was: Stored, status: ErasureStatus, by: &Caller, now: DateTime<Utc>) -> Stored {
    Stored { status, ended_by: Some(by.actor), ended_at: Some(now), ..was }
}

pub fn purpose(id: ErasureId) -> String {
    format!("erasures:{id}")
}

fn shown(app: &App, stored: &Stored) -> Result<Erasure> {
    let reason = app.edge::<Vault>().open_system(&purpose(stored.id), &stored.reason)?;
    Ok(Erasure {
        id: stored.id,
        patient_id: stored.patient_id,
        status: stored.status,
        reason: String::from_utf8(reason).map_err(Error::internal)?,
        requested_by: stored.requested_by,
        requested_at: stored.requested_at,
        ended_by: stored.ended_by,
        ended_at: stored.ended_at,
    })
}

/// Tells followers and the audit chain what happened.
pub fn tell(
    app: &App,
    tx: &mut Tx,
    by: &Caller,
    (kind, deed): (&'static str, &'static str),
    what: &Stored,
    now: DateTime<Utc>,
) {
    let patient = what.patient_id;
    let body = json!({"kind": kind, "erasure_id": what.id, "patient_id": patient});
    app.edge::<Log>().emit(tx, TOPIC, patient.0, body, now);
    access::record(tx, Entry::of(by, deed, what.id, now).about(patient));
}
