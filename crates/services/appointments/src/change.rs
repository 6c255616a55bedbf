//! Changing a booked appointment: only what was sent changes.
use access::{Caller, Grant, Kind, Role, Write, data};
use chrono::{DateTime, TimeDelta, Utc};
use doctors::Doctor;
use kernel::{App, Error, IfMatch, Patch, Result};
use store::Tx;

use crate::asked::AppointmentPatch;
use crate::model::{Appointment, AppointmentId, AppointmentStatus, Stored, Words};
use crate::slot::{self, Slot};
use crate::{limits, queries, sealed, tell};

/// Changes an appointment of the grant's patient. 409 when it is over, or when its doctor is booked at the new time; 412
/// when it is another version than the caller has seen.
pub async fn change(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    grant: &Grant<Write, data::Appointments>,
    (id, patch, seen): (AppointmentId, AppointmentPatch, IfMatch),
) -> Result<Appointment> {
    let now = app.clock().now();
    // The doctor's row before the appointment's, so it is looked at once without a lock.
    let unlocked = queries::by_id(tx, id).await?.ok_or_else(|| Error::not_found("appointment"))?;
    let doctor = lock_doctor(tx, &patch, &unlocked).await?;
    if patch.scheduled_at.is_some() || patch.duration_minutes.is_some() {
        patients::require_active(tx, unlocked.patient_id).await?;
    }
    let was = lock_booked(tx, id).await?;
    seen.require(was.version)?;
    if was.doctor_id != unlocked.doctor_id {
        return Err(Error::conflict("the appointment was changed at the same moment; look at it and try again"));
    }
    let key = sealed::key_in(app, tx, was.patient_id).await?;
    let before = sealed::words(grant, &key, &was)?;
    let members = patch.members().join(", ");
    if members.is_empty() {
        return Ok(Appointment::of(&was, Some(before)));
    }
    refuse_status(caller, &patch, &was, now)?;
    let agreed = before.agreed_at.unwrap_or(was.scheduled_at);
    let mut words = reworded(&patch, before, doctor.as_ref());
    let next = moved(patch, was.clone(), doctor.as_ref(), now);
    if limits::stands_on_booking(tx, caller, was.patient_id, now).await? {
        limits::require_as_agreed(agreed, &was, &next)?;
        words.agreed_at = Some(agreed);
    } else if next.scheduled_at != was.scheduled_at {
        words.agreed_at = None;
    }
    let next = Stored { sealed: sealed::seal(&key, id, &words)?, ..next };
    require_room(tx, caller, (&was, &next), doctor.as_ref(), now).await?;
    expect(tx, &was, &next, now).await?;
    queries::set(tx, &next).await?;
    tell::event(app, tx, kind_of(next.status), &next, now);
    tell::audit_change(tx, caller, &next, &members, now);
    Ok(Appointment::of(&next, Some(words)))
}

/// An appointment that nobody else changes until the transaction ends. 409 when it is over.
pub async fn lock_booked(tx: &mut Tx, id: AppointmentId) -> Result<Stored> {
    let found = queries::lock(tx, id).await?.ok_or_else(|| Error::not_found("appointment"))?;
    match found.status {
        AppointmentStatus::Booked => Ok(found),
        over => Err(Error::conflict(format!("the appointment is over: {over}")).about("status")),
    }
}

/// The doctor it will have, locked; none when it will have none.
async fn lock_doctor(tx: &mut Tx, patch: &AppointmentPatch, was: &Stored) -> Result<Option<Doctor>> {
    match (&patch.doctor_id, was.doctor_id) {
        (Patch::Set(name), _) => slot::lock_doctor(tx, name).await.map(Some),
        (Patch::Clear, _) | (Patch::Keep, None) => Ok(None),
        // A doctor who has left keeps what was booked, and takes nothing new: the time stays as it is.
        (Patch::Keep, Some(doctor)) => match doctors::locked(tx, doctor).await? {
            Some(doctor) => Ok(Some(doctor)),
            None => doctors::by_id(tx, doctor).await,
        },
    }
}

/// Who may say what became of it, and when that can be known.
fn refuse_status(caller: &Caller, patch: &AppointmentPatch, was: &Stored, now: DateTime<Utc>) -> Result<()> {
    let begins = patch.scheduled_at.unwrap_or(was.scheduled_at);
    match patch.status {
        None | Some(AppointmentStatus::Booked | AppointmentStatus::Cancelled) => Ok(()),
        Some(_) if caller.role == Role::Patient && was.doctor_id.is_some() => {
            Err(Error::forbidden("whether the appointment took place is said by those you came to"))
        }
        Some(AppointmentStatus::NoShow) if begins > now => Err(Error::conflict("it has not begun yet").about("status")),
        // Who comes early may be seen early.
        Some(_) if begins > now + TimeDelta::days(1) => Err(Error::conflict("it has not begun yet").about("status")),
        Some(_) => Ok(()),
    }
}

fn reworded(patch: &AppointmentPatch, was: Words, doctor: Option<&Doctor>) -> Words {
    let doctor_name = match (&patch.doctor_name, &patch.doctor_id) {
        // Another doctor has another name.
        (Patch::Keep, Patch::Set(_)) => doctor.map(|doctor| doctor.name.clone()),
        (Patch::Keep, Patch::Clear) => None,
        (said, _) => said.clone().over(was.doctor_name),
    };
    Words {
        title: patch.title.as_ref().map_or(was.title, |title| title.trim().to_owned()),
        doctor_name,
        location: patch.location.clone().over(was.location),
        notes: patch.notes.clone().over(was.notes),
        agreed_at: was.agreed_at,
    }
}

fn moved(patch: AppointmentPatch, was: Stored, doctor: Option<&Doctor>, now: DateTime<Utc>) -> Stored {
    let minutes = patch.duration_minutes.unwrap_or(was.duration_minutes);
    let slot = Slot::of(patch.scheduled_at.unwrap_or(was.scheduled_at), minutes);
    let status = patch.status.unwrap_or(was.status);
    Stored {
        doctor_id: doctor.map(|doctor| doctor.id),
        scheduled_at: slot.from,
        ends_at: slot.to,
        duration_minutes: minutes,
        reminder_minutes_before: patch.reminder_minutes_before.over(was.reminder_minutes_before),
        status,
        expected: status == AppointmentStatus::Booked && doctor.is_some(),
        updated_at: now,
        version: was.version + 1,
        ..was
    }
}

/// Refuses another time or doctor that cannot be. Where neither is touched, what was agreed stands.
async fn require_room(
    tx: &mut Tx,
    caller: &Caller,
    (was, next): (&Stored, &Stored),
    doctor: Option<&Doctor>,
    now: DateTime<Utc>,
) -> Result<()> {
    let slot = Slot { from: next.scheduled_at, to: next.ends_at, minutes: next.duration_minutes };
    if next.scheduled_at != was.scheduled_at {
        slot.require_possible(now)?;
    }
    let same_time = (was.scheduled_at, was.ends_at) == (next.scheduled_at, next.ends_at);
    let same = same_time && was.doctor_id == next.doctor_id;
    if !same_time && next.status == AppointmentStatus::Booked {
        slot::require_not_elsewhere(tx, next.patient_id, &slot, next.id).await?;
    }
    match doctor {
        Some(doctor) if !same && next.status == AppointmentStatus::Booked => {
            if !doctor.practises() {
                return Err(Error::invalid("doctor_id", "is not an active doctor any more"));
            }
            if was.doctor_id != next.doctor_id {
                limits::require_modest(tx, caller, (doctor.id, next.patient_id), &slot, (next.id, now)).await?;
            } else if was.duration_minutes != next.duration_minutes {
                limits::require_short(caller, slot.minutes)?;
            }
            slot::require_free(tx, doctor.id, &slot, next.id).await
        }
        _ => Ok(()),
    }
}

/// Only the doctor who expects the patient is related because of it.
async fn expect(tx: &mut Tx, was: &Stored, next: &Stored, now: DateTime<Utc>) -> Result<()> {
    if was.expected && (!next.expected || was.doctor_id != next.doctor_id) {
        access::end_basis(tx, was.id.0, now).await?;
    }
    match next.doctor_id.filter(|_| next.expected) {
        Some(doctor) => access::relate(tx, next.patient_id, doctor.0, Kind::BookedDoctor, next.id.0, now).await,
        None => Ok(()),
    }
}

fn kind_of(status: AppointmentStatus) -> &'static str {
    match status {
        AppointmentStatus::Cancelled => "appointment.cancelled",
        _ => "appointment.changed",
    }
}
