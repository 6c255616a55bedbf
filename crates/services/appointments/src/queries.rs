//! The table of appointments.
use chrono::{DateTime, Utc};
use kernel::{DoctorId, PatientId, Result};
use store::{Db, Sql, Tx, Where, args, sql};

use crate::model::{AppointmentId, Stored};
use crate::slot::{LONGEST, Slot};

macro_rules! appointments {
    ($rest:literal) => {
        concat!(
            "SELECT id, patient_id, doctor_id, scheduled_at, ends_at, duration_minutes, reminder_minutes_before, status,
                expected, sealed, created_by, created_at, updated_at, version
            FROM appointments ",
            $rest
        )
    };
}

sql!(
    APPOINTMENT_ADD = "INSERT INTO appointments (id, patient_id, doctor_id, scheduled_at, ends_at, duration_minutes,
        reminder_minutes_before, status, expected, sealed, created_by, created_at, updated_at, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
);

/// Adds an appointment.
pub async fn add(tx: &mut Tx, new: &Stored) -> Result<()> {
    let mut row = args![new.id, new.patient_id, new.doctor_id, new.scheduled_at, new.ends_at, new.duration_minutes];
    row.extend(args![new.reminder_minutes_before, new.status, new.expected, &new.sealed, new.created_by]);
    row.extend(args![new.created_at, new.updated_at, new.version]);
    tx.run(&APPOINTMENT_ADD, row).await?;
    Ok(())
}

sql!(
    APPOINTMENT_SET = "UPDATE appointments
    SET doctor_id = $2, scheduled_at = $3, ends_at = $4, duration_minutes = $5, reminder_minutes_before = $6,
        status = $7, expected = $8, sealed = $9, updated_at = $10, version = $11
    WHERE id = $1"
);

/// Writes an appointment that was read with [`lock`].
pub async fn set(tx: &mut Tx, next: &Stored) -> Result<()> {
    let mut row = args![next.id, next.doctor_id, next.scheduled_at, next.ends_at, next.duration_minutes];
    row.extend(args![next.reminder_minutes_before, next.status, next.expected, &next.sealed]);
    row.extend(args![next.updated_at, next.version]);
    tx.run(&APPOINTMENT_SET, row).await?;
    Ok(())
}

sql!(APPOINTMENT_BY_ID = appointments!("WHERE id = $1"));
sql!(APPOINTMENT_LOCK = appointments!("WHERE id = $1 FOR UPDATE"));

/// One appointment, whatever became of it.
pub async fn by_id(sql: &mut impl Sql, id: AppointmentId) -> Result<Option<Stored>> {
    Ok(sql.one(&APPOINTMENT_BY_ID, args![id]).await?)
}

/// One appointment that nobody else changes until the transaction ends.
pub async fn lock(tx: &mut Tx, id: AppointmentId) -> Result<Option<Stored>> {
    Ok(tx.one(&APPOINTMENT_LOCK, args![id]).await?)
}

sql!(
    /// What begins earlier than the longest appointment takes is over by then, which the index tells.
    APPOINTMENT_OVERLAPPING = "SELECT id AS value FROM appointments
    WHERE doctor_id = $1 AND status = 'booked' AND scheduled_at > $2 AND scheduled_at < $4 AND ends_at > $3 AND id <> $5
    LIMIT 1"
);

/// Another booked appointment of the doctor in this slot.
pub async fn overlapping(
    tx: &mut Tx,
    doctor: DoctorId,
    slot: &Slot,
    own: AppointmentId,
) -> Result<Option<AppointmentId>> {
    let earliest = slot.from - LONGEST;
    Ok(tx.one(&APPOINTMENT_OVERLAPPING, args![doctor, earliest, slot.from, slot.to, own]).await?)
}

sql!(
    APPOINTMENT_ELSEWHERE = "SELECT id AS value FROM appointments
    WHERE patient_id = $1 AND status = 'booked' AND scheduled_at > $2 AND scheduled_at < $4 AND ends_at > $3 AND id <> $5
    LIMIT 1"
);

/// Another booked appointment of the patient in this slot.
pub async fn overlapping_of_patient(
    tx: &mut Tx,
    patient: PatientId,
    slot: &Slot,
    own: AppointmentId,
) -> Result<Option<AppointmentId>> {
    let earliest = slot.from - LONGEST;
    Ok(tx.one(&APPOINTMENT_ELSEWHERE, args![patient, earliest, slot.from, slot.to, own]).await?)
}

sql!(
    APPOINTMENTS_WITH = "SELECT count(*) AS value FROM appointments
    WHERE patient_id = $2 AND doctor_id = $1 AND status = 'booked' AND scheduled_at >= $4 AND id <> $3"
);

/// How many appointments to come a patient has with a doctor, besides this one.
pub async fn booked_with(
    tx: &mut Tx,
    doctor: DoctorId,
    patient: PatientId,
    own: AppointmentId,
    now: DateTime<Utc>,
) -> Result<i64> {
    Ok(tx.one(&APPOINTMENTS_WITH, args![doctor, patient, own, now]).await?.unwrap_or_default())
}

sql!(
    APPOINTMENTS_BETWEEN = "SELECT count(*) AS value FROM appointments
    WHERE doctor_id = $1 AND status = 'booked' AND scheduled_at >= $2 AND scheduled_at < $3"
);

/// How many booked appointments of the doctor begin between two instants.
pub async fn booked_between(
    sql: &mut impl Sql,
    doctor: DoctorId,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<i64> {
    Ok(sql.one(&APPOINTMENTS_BETWEEN, args![doctor, from, to]).await?.unwrap_or_default())
}

sql!(
    APPOINTMENTS_NEXT = appointments!(
        "WHERE patient_id = $1 AND status = 'booked' AND scheduled_at >= $2 ORDER BY scheduled_at, id LIMIT $3"
    )
);

/// A patient's next booked appointments.
pub async fn next(db: &mut Db, patient: PatientId, now: DateTime<Utc>, limit: i64) -> Result<Vec<Stored>> {
    Ok(db.all(&APPOINTMENTS_NEXT, args![patient, now, limit]).await?)
}

sql!(
    APPOINTMENTS_CANCEL_PATIENT = "UPDATE appointments
    SET status = 'cancelled', expected = FALSE, updated_at = $2, version = version + 1
    WHERE patient_id = $1 AND status = 'booked'
    RETURNING *"
);
sql!(
    APPOINTMENTS_CANCEL_DOCTOR = "UPDATE appointments
    SET status = 'cancelled', expected = FALSE, updated_at = $2, version = version + 1
    WHERE doctor_id = $1 AND status = 'booked'
    RETURNING *"
);

/// Cancels what is booked of a patient, and answers it.
pub async fn cancel_of_patient(tx: &mut Tx, patient: PatientId, now: DateTime<Utc>) -> Result<Vec<Stored>> {
    Ok(tx.all(&APPOINTMENTS_CANCEL_PATIENT, args![patient, now]).await?)
}

/// Cancels what is booked with a doctor, and answers it.
pub async fn cancel_of_doctor(tx: &mut Tx, doctor: DoctorId, now: DateTime<Utc>) -> Result<Vec<Stored>> {
    Ok(tx.all(&APPOINTMENTS_CANCEL_DOCTOR, args![doctor, now]).await?)
}

sql!(
    APPOINTMENTS_LET_GO = "UPDATE appointments
    SET expected = FALSE
    WHERE expected AND ends_at < $1
    RETURNING id AS value"
);

/// Marks that nobody is expected any more for what ended before then, and answers which appointments those are.
pub async fn let_go(tx: &mut Tx, before: DateTime<Utc>) -> Result<Vec<AppointmentId>> {
    Ok(tx.all(&APPOINTMENTS_LET_GO, args![before]).await?)
}

/// Which appointments to look for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted {
    pub patient: Option<PatientId>,
    pub doctor: Option<DoctorId>,
    pub status: Option<crate::AppointmentStatus>,
    pub from: Option<DateTime<Utc>>,
    pub to: Option<DateTime<Utc>>,
    pub ends_after: Option<DateTime<Utc>>,
}

/// Where in a list an appointment stands: by its beginning, and by its id where two begin at once.
pub type Place = (DateTime<Utc>, AppointmentId);

/// The appointments that fit, after this place.
pub async fn find(
    sql: &mut impl Sql,
    wanted: &Wanted,
    after: Option<Place>,
    skip: i64,
    rows: i64,
) -> Result<Vec<Stored>> {
    let found = fitting(Where::new(appointments!("")), wanted);
    let found = match after {
        Some((at, id)) => found.all("(scheduled_at, id) > (?, ?)", args![at, id]),
        None => found,
    };
    Ok(sql.find(found.tail("ORDER BY scheduled_at, id LIMIT ? OFFSET ?", args![rows, skip])).await?)
}

/// How many fit.
pub async fn count(sql: &mut impl Sql, wanted: &Wanted) -> Result<i64> {
    let found = fitting(Where::new("SELECT count(*) AS value FROM appointments"), wanted);
    Ok(sql.find(found).await?.pop().unwrap_or_default())
}

fn fitting(from: Where, wanted: &Wanted) -> Where {
    from.and("patient_id = ?", wanted.patient)
        .and("doctor_id = ?", wanted.doctor)
        .and("status = ?", wanted.status)
        .and("scheduled_at >= ?", wanted.from)
        .and("scheduled_at < ?", wanted.to)
        .and("ends_at > ?", wanted.ends_after)
}
