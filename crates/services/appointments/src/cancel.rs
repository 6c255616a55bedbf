//! Cancelling: the slot is free again, and the row stays.
use access::{Caller, Grant, Write, data};
use chrono::{DateTime, Utc};
use kernel::{App, DoctorId, IfMatch, PatientId, Result};
use store::Tx;

use crate::model::{AppointmentId, AppointmentStatus, Stored};
use crate::{change, queries, tell};

/// Cancels an appointment of the grant's patient. 409 when it is over, 412 when it is another version than the caller has
/// seen.
pub async fn cancel(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    grant: &Grant<Write, data::Appointments>,
    (id, seen): (AppointmentId, IfMatch),
) -> Result<()> {
    let now = app.clock().now();
    let was = change::lock_booked(tx, id).await?;
    grant.covers(was.patient_id)?;
    seen.require(was.version)?;
    let over = Stored {
        status: AppointmentStatus::Cancelled,
        expected: false,
        updated_at: now,
        version: was.version + 1,
        ..was
    };
    queries::set(tx, &over).await?;
    close(app, tx, caller, &over, now).await
}

/// Cancels what is booked of a patient who leaves.
pub async fn of_patient(app: &App, tx: &mut Tx, caller: &Caller, patient: PatientId) -> Result<()> {
    let now = app.clock().now();
    let cancelled = queries::cancel_of_patient(tx, patient, now).await?;
    close_all(app, tx, caller, &cancelled, now).await
}

/// Cancels what is booked with a doctor who leaves.
pub async fn of_doctor(app: &App, tx: &mut Tx, caller: &Caller, doctor: DoctorId) -> Result<()> {
    let now = app.clock().now();
    let cancelled = queries::cancel_of_doctor(tx, doctor, now).await?;
    close_all(app, tx, caller, &cancelled, now).await
}

async fn close_all(app: &App, tx: &mut Tx, caller: &Caller, all: &[Stored], now: DateTime<Utc>) -> Result<()> {
    for over in all {
        close(app, tx, caller, over, now).await?;
    }
    Ok(())
}

/// The doctor expects nobody any more, and everybody hears of it.
async fn close(app: &App, tx: &mut Tx, caller: &Caller, over: &Stored, now: DateTime<Utc>) -> Result<()> {
    access::end_basis(tx, over.id.0, now).await?;
    tell::event(app, tx, "appointment.cancelled", over, now);
    tell::audit(tx, caller, "appointment.cancel", over, now);
    Ok(())
}
