//! When a doctor is busy, for those who find a time free of others: from when until when, and nothing of whom.
use access::{Caller, Entry, Role, Who};
use chrono::{DateTime, TimeDelta, Utc};
use garde::Validate;
use kernel::{App, DoctorId, Error, HospitalId, Listed, PageQuery, Result};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::asked::of_this_age;
use crate::list::{place_in, place_of};
use crate::model::{AppointmentId, AppointmentStatus};
use crate::queries::{self, Wanted};
use crate::slot::LONGEST;
use crate::whose;

/// Those who book for a hospital, and the doctor.
pub struct Desk;
impl Who for Desk {
    const ROLES: &'static [Role] = &[Role::Doctor, Role::Nurse, Role::Hospital];
}

/// A time at which a doctor is booked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Busy {
    /// The appointment.
    pub id: AppointmentId,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
}

/// Whose time, and between when.
#[derive(Debug, Deserialize, IntoParams, Validate)]
#[garde(allow_unvalidated)]
#[into_params(parameter_in = Query)]
pub struct BusyQuery {
    /// By id, licence number or reference; `me` is the signed-in doctor.
    #[garde(length(chars, max = 100))]
    #[param(max_length = 100)]
    pub doctor_id: String,
    #[garde(custom(of_this_age))]
    pub from: DateTime<Utc>,
    /// At most 31 days later.
    #[garde(custom(of_this_age))]
    pub to: DateTime<Utc>,
}

/// The most time that is asked for at once.
const SPAN: TimeDelta = TimeDelta::days(31);

/// A page of the times at which a doctor is booked. 403 for all but the doctor and staff of a hospital where the doctor
/// works.
pub async fn busy(app: &App, caller: &Caller, query: &BusyQuery, page: &PageQuery) -> Result<Listed<Busy>> {
    if query.to <= query.from || query.to - query.from > SPAN {
        return Err(Error::invalid("to", "is not within 31 days after `from`"));
    }
    let doctor = whose::doctor(app, caller, Some(&query.doctor_id)).await?;
    let doctor = doctor.ok_or_else(|| Error::invalid("doctor_id", "is required"))?;
    let mut tx = app.db().begin().await?;
    require_colleague(&mut tx, caller, doctor).await?;
    let wanted = Wanted {
        doctor: Some(doctor),
        status: Some(AppointmentStatus::Booked),
        from: Some(query.from - LONGEST),
        to: Some(query.to),
        ends_after: Some(query.from),
        patient: None,
    };
    let found = queries::find(&mut tx, &wanted, place_in(page)?, page.skip(), page.rows()).await?;
    let total = match page.wants_total() {
        true => Some(queries::count(&mut tx, &wanted).await?),
        false => None,
    };
    let looked = format!("when doctor {doctor} is busy");
    access::record(&mut tx, Entry::of(caller, "list busy times", looked, app.clock().now()));
    tx.commit().await?;
    let listed = Listed::placed(found, page, |stored| place_of(stored.scheduled_at, stored.id)).with_total(total);
    Ok(listed.map(|stored| Busy { id: stored.id, from: stored.scheduled_at, to: stored.ends_at }))
}

async fn require_colleague(tx: &mut store::Tx, caller: &Caller, doctor: DoctorId) -> Result<()> {
    let works_there = match (caller.role, caller.reference) {
        (Role::Doctor, own) => own == Some(doctor.0),
        (_, Some(hospital)) => hospitals::affiliation(tx, doctor, HospitalId(hospital)).await?.is_some(),
        (_, None) => false,
    };
    match works_there {
        true => Ok(()),
        false => Err(Error::forbidden("only for the doctor and for staff of a hospital where the doctor works")),
    }
}
