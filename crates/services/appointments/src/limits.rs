//! What bookings are not for: to fill a doctor's calendar, or for a doctor to go on seeing a patient.
use access::{Action, Caller, Category, Kind, Role, decide};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{DoctorId, Error, PatientId, Result};
use store::Tx;

use crate::model::{AppointmentId, Stored};
use crate::queries;
use crate::slot::Slot;

/// Minutes of a doctor's time that patients take by themselves.
const OWN_MINUTES: i64 = 60;
/// Appointments to come that patients book by themselves with one doctor.
const OWN_BOOKINGS: i64 = 3;
/// How far from what was agreed a doctor moves an appointment that is all they have to do with the patient.
const MOVES: TimeDelta = TimeDelta::days(14);

/// Refuses a patient who books more of a doctor's time than staff would give unasked: 422 about the minutes, 409 about
/// the bookings. The doctor's row is locked.
pub async fn require_modest(
    tx: &mut Tx,
    caller: &Caller,
    (doctor, patient): (DoctorId, PatientId),
    slot: &Slot,
    (own, now): (AppointmentId, DateTime<Utc>),
) -> Result<()> {
    if caller.role != Role::Patient {
        return Ok(());
    }
    require_short(caller, slot.minutes)?;
    match queries::booked_with(tx, doctor, patient, own, now).await? {
        booked if booked < OWN_BOOKINGS => Ok(()),
        _ => {
            let why = format!(
                "you have {OWN_BOOKINGS} appointments with this doctor to come; the front desk books further ones"
            );
            Err(Error::conflict(why).about("doctor_id"))
        }
    }
}

/// Refuses a patient who takes a doctor's time for longer than an hour.
pub fn require_short(caller: &Caller, minutes: i64) -> Result<()> {
    match caller.role == Role::Patient && minutes > OWN_MINUTES {
        true => {
            let why = format!("is at most {OWN_MINUTES} when patients book; the front desk books longer ones");
            Err(Error::invalid("duration_minutes", why))
        }
        false => Ok(()),
    }
}

/// Whether a booking is all that the caller has to do with the patient: it is for others to prolong.
pub async fn stands_on_booking(tx: &mut Tx, caller: &Caller, patient: PatientId, now: DateTime<Utc>) -> Result<bool> {
    if caller.role != Role::Doctor {
        return Ok(false);
    }
    let mut relations = access::of_patient(tx, patient).await?;
    relations.retain(|relation| relation.kind != Kind::BookedDoctor);
    let without = decide(caller, Action::Write, Category::Appointments, patient, &relations, now);
    Ok(!without.is_allowed())
}

/// Refuses what such a doctor may not change: whose appointment it is, and to move it away from what was agreed.
pub fn require_as_agreed(agreed: DateTime<Utc>, was: &Stored, next: &Stored) -> Result<()> {
    if next.doctor_id != was.doctor_id {
        return Err(Error::forbidden(
            "who else is to see the patient is said by the patient and those who treat or registered them",
        ));
    }
    match (next.scheduled_at - agreed).abs() > MOVES && next.scheduled_at != was.scheduled_at {
        true => {
            Err(Error::forbidden("a booking alone lets you move it by 14 days from what was agreed, and not further"))
        }
        false => Ok(()),
    }
}
