//! Booking an appointment.
use access::{Caller, Grant, Kind, Write, data};
use kernel::{App, Error, Result};
use store::Tx;

use crate::asked::AppointmentIn;
use crate::model::{Appointment, AppointmentId, AppointmentStatus, Stored, Words};
use crate::slot::{self, Slot};
use crate::{limits, queries, sealed, tell};

/// Minutes of an appointment of which nothing is said.
const USUAL: i64 = 30;

/// Books an appointment of the grant's patient, and lets its doctor see who comes. 422 for a time that is over or a doctor
/// who is not there; 409 when the doctor or the patient is booked then, or when the patient has been deactivated; 403 for a
/// doctor who has to do with the patient by a booking alone.
///
/// The doctor's row is locked first, then the patient's, as when admitting: two transactions never wait for each other.
pub async fn book(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    grant: &Grant<Write, data::Appointments>,
    said: AppointmentIn,
) -> Result<Appointment> {
    let (id, patient, now) = (AppointmentId::new(), grant.patient(), app.clock().now());
    let slot = Slot::of(said.scheduled_at, said.duration_minutes.unwrap_or(USUAL));
    slot.require_possible(now)?;
    let doctor = match &said.doctor_id {
        Some(name) => Some(slot::lock_doctor(tx, name).await?),
        None => None,
    };
    patients::require_active(tx, patient).await?;
    if limits::stands_on_booking(tx, caller, patient, now).await? {
        return Err(Error::forbidden(
            "a further appointment is booked by the patient and those who treat or registered them",
        ));
    }
    if let Some(doctor) = &doctor {
        limits::require_modest(tx, caller, (doctor.id, patient), &slot, (id, now)).await?;
        slot::require_free(tx, doctor.id, &slot, id).await?;
        access::relate(tx, patient, doctor.id.0, Kind::BookedDoctor, id.0, now).await?;
    }
    slot::require_not_elsewhere(tx, patient, &slot, id).await?;
    let words = Words {
        title: said.title.trim().to_owned(),
        doctor_name: said.doctor_name.or(doctor.as_ref().map(|doctor| doctor.name.clone())),
        location: said.location,
        notes: said.notes,
        agreed_at: None,
    };
    let key = sealed::key_in(app, tx, patient).await?;
    let new = Stored {
        id,
        patient_id: patient,
        doctor_id: doctor.as_ref().map(|doctor| doctor.id),
        scheduled_at: slot.from,
        ends_at: slot.to,
        duration_minutes: slot.minutes,
        reminder_minutes_before: said.reminder_minutes_before,
        status: AppointmentStatus::Booked,
        expected: doctor.is_some(),
        sealed: sealed::seal(&key, id, &words)?,
        created_by: caller.actor,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    queries::add(tx, &new).await?;
    tell::event(app, tx, "appointment.booked", &new, now);
    tell::audit(tx, caller, "appointment.book", &new, now);
    Ok(Appointment::of(&new, Some(words)))
}
