//! The time an appointment takes, and whether its doctor is free then.
use chrono::{DateTime, SubsecRound as _, TimeDelta, Timelike as _, Utc};
use doctors::Doctor;
use kernel::{DoctorId, Error, PatientId, Result};
use store::Tx;

use crate::model::AppointmentId;
use crate::queries;

/// The longest appointment: nothing that begins earlier reaches into a slot. Said again in the shapes of the requests.
pub const LONGEST: TimeDelta = TimeDelta::minutes(1440);

/// From when until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    pub minutes: i64,
}

impl Slot {
    /// Times are kept at microseconds, and no database keeps a leap second: it is the one after it.
    pub fn of(from: DateTime<Utc>, minutes: i64) -> Self {
        let from = without_leap(from).trunc_subsecs(6);
        // Far beyond what is accepted, a sum may not be a time any more; it is refused for its beginning.
        let to = from.checked_add_signed(TimeDelta::minutes(minutes)).unwrap_or(from);
        Self { from, to, minutes }
    }

    /// Refuses what nobody means. A day back is allowed for what is written down afterwards.
    pub fn require_possible(&self, now: DateTime<Utc>) -> Result<()> {
        match self.from {
            from if from < now - TimeDelta::days(1) => Err(Error::invalid("scheduled_at", "is more than a day back")),
            from if from > now + TimeDelta::days(5 * 365) => {
                Err(Error::invalid("scheduled_at", "is more than five years ahead"))
            }
            _ => Ok(()),
        }
    }
}

/// A leap second as the second after it.
fn without_leap(at: DateTime<Utc>) -> DateTime<Utc> {
    match at.nanosecond() {
        nanos @ 1_000_000_000.. => DateTime::from_timestamp(at.timestamp() + 1, nanos - 1_000_000_000).unwrap_or(at),
        _ => at,
    }
}

/// The doctor of this id or reference, whose other bookings wait until the transaction ends. 422 about `doctor_id` when
/// there is none who practises.
pub async fn lock_doctor(tx: &mut Tx, name: &str) -> Result<Doctor> {
    let nobody = || Error::invalid("doctor_id", "is not an active doctor");
    let named = doctors::find(tx, name).await?.ok_or_else(nobody)?;
    let doctor = doctors::locked(tx, named.id).await?;
    doctor.filter(Doctor::practises).ok_or_else(nobody)
}

/// Refuses a time at which the doctor is booked, by another appointment than this one. The doctor's row is locked, so that
/// of two who ask for the same time the second finds it taken.
pub async fn require_free(tx: &mut Tx, doctor: DoctorId, slot: &Slot, own: AppointmentId) -> Result<()> {
    match queries::overlapping(tx, doctor, slot, own).await? {
        None => Ok(()),
        Some(_) => Err(Error::conflict("the doctor is booked at this time").about("scheduled_at")),
    }
}

/// Refuses a time at which the patient is somewhere else. The patient's row is locked.
pub async fn require_not_elsewhere(tx: &mut Tx, patient: PatientId, slot: &Slot, own: AppointmentId) -> Result<()> {
    match queries::overlapping_of_patient(tx, patient, slot, own).await? {
        None => Ok(()),
        Some(_) => Err(Error::conflict("the patient has another appointment at this time").about("scheduled_at")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leap_second_is_the_second_after_it() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("a time");
        assert_eq!(Slot::of(at("2027-12-31T23:59:60Z"), 30), Slot::of(at("2028-01-01T00:00:00Z"), 30));
        assert_eq!(Slot::of(at("2027-06-30T23:59:60.5Z"), 30).from, at("2027-07-01T00:00:00.5Z"));
    }
}
