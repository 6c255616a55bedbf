//! What is asked: appointments to book, to change and to find.
use chrono::{DateTime, Datelike as _, Utc};
use garde::Validate;
use kernel::{Patch, not_blank};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::model::AppointmentStatus;

/// An appointment to book.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct AppointmentIn {
    /// Our id or your own reference; the signed-in patient when it is left out.
    #[garde(length(chars, max = 100))]
    #[schema(max_length = 100)]
    pub patient_id: Option<String>,
    #[garde(length(chars, max = 200), custom(not_blank))]
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    /// A doctor of the directory, by id or reference: the doctor is then not booked twice at once, and sees who comes.
    #[garde(length(chars, max = 100))]
    #[schema(max_length = 100)]
    pub doctor_id: Option<String>,
    /// The doctor's name in the directory when it is left out.
    #[garde(length(chars, max = 200))]
    #[schema(max_length = 200)]
    pub doctor_name: Option<String>,
    #[garde(length(chars, max = 500))]
    #[schema(max_length = 500)]
    pub location: Option<String>,
    /// With its offset from UTC. Not more than a day back, nor more than five years ahead.
    pub scheduled_at: DateTime<Utc>,
    /// 30 when it is left out.
    #[garde(range(min = 1, max = 1440))]
    #[schema(minimum = 1, maximum = 1440)]
    pub duration_minutes: Option<i64>,
    #[garde(length(chars, max = 4000))]
    #[schema(max_length = 4000)]
    pub notes: Option<String>,
    #[garde(range(min = 0, max = 40_320))]
    #[schema(minimum = 0, maximum = 40_320)]
    pub reminder_minutes_before: Option<i64>,
}

/// A change to a booked appointment: members left out stay as they are.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct AppointmentPatch {
    /// The patient is kept for good: another one is refused.
    #[garde(length(chars, max = 100))]
    #[schema(max_length = 100)]
    pub patient_id: Option<String>,
    #[garde(length(chars, max = 200), inner(custom(not_blank)))]
    #[schema(min_length = 1, max_length = 200)]
    pub title: Option<String>,
    /// `null` takes the doctor away.
    #[serde(default)]
    #[garde(custom(at_most(100)))]
    #[schema(value_type = Option<String>, max_length = 100)]
    pub doctor_id: Patch<String>,
    #[serde(default)]
    #[garde(custom(at_most(200)))]
    #[schema(value_type = Option<String>, max_length = 200)]
    pub doctor_name: Patch<String>,
    #[serde(default)]
    #[garde(custom(at_most(500)))]
    #[schema(value_type = Option<String>, max_length = 500)]
    pub location: Patch<String>,
    /// Not more than a day back, nor more than five years ahead.
    pub scheduled_at: Option<DateTime<Utc>>,
    #[garde(range(min = 1, max = 1440))]
    #[schema(minimum = 1, maximum = 1440)]
    pub duration_minutes: Option<i64>,
    #[serde(default)]
    #[garde(custom(at_most(4000)))]
    #[schema(value_type = Option<String>, max_length = 4000)]
    pub notes: Patch<String>,
    #[serde(default)]
    #[garde(custom(four_weeks))]
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 40_320)]
    pub reminder_minutes_before: Patch<i64>,
    /// `completed` and `no_show` are said by staff of an appointment with a doctor of the directory.
    pub status: Option<AppointmentStatus>,
}

impl AppointmentPatch {
    /// The names of the members that were sent, for the audit log.
    pub fn members(&self) -> Vec<&'static str> {
        let sent = [
            ("title", self.title.is_some()),
            ("doctor_id", self.doctor_id != Patch::Keep),
            ("doctor_name", self.doctor_name != Patch::Keep),
            ("location", self.location != Patch::Keep),
            ("scheduled_at", self.scheduled_at.is_some()),
            ("duration_minutes", self.duration_minutes.is_some()),
            ("notes", self.notes != Patch::Keep),
            ("reminder_minutes_before", self.reminder_minutes_before != Patch::Keep),
            ("status", self.status.is_some()),
        ];
        sent.into_iter().filter(|(_, sent)| *sent).map(|(name, _)| name).collect()
    }
}

fn at_most(chars: usize) -> impl Fn(&Patch<String>, &()) -> garde::Result {
    move |change, _| match change {
        Patch::Set(text) if text.chars().count() > chars => {
            Err(garde::Error::new(format!("length is greater than {chars}")))
        }
        _ => Ok(()),
    }
}

fn four_weeks(change: &Patch<i64>, _: &()) -> garde::Result {
    match change {
        Patch::Set(minutes) if !(0..=40_320).contains(minutes) => {
            Err(garde::Error::new("is not between 0 and 40320 minutes"))
        }
        _ => Ok(()),
    }
}

/// Which appointments to list.
#[derive(Debug, Default, Deserialize, IntoParams, Validate)]
#[garde(allow_unvalidated)]
#[into_params(parameter_in = Query)]
pub struct AppointmentFilter {
    /// Those that begin then or later.
    #[garde(inner(custom(of_this_age)))]
    pub from: Option<DateTime<Utc>>,
    /// Those that begin before then.
    #[garde(inner(custom(of_this_age)))]
    pub to: Option<DateTime<Utc>>,
    #[param(inline)]
    pub status: Option<AppointmentStatus>,
    /// Our id or your own reference. Staff names a patient or a doctor.
    #[garde(length(chars, max = 100))]
    #[param(max_length = 100)]
    pub patient_id: Option<String>,
    /// A doctor of the directory, by id or reference; `me` is the signed-in doctor.
    #[garde(length(chars, max = 100))]
    #[param(max_length = 100)]
    pub doctor_id: Option<String>,
}

/// Times that the databases can keep, and no typing errors of centuries.
pub fn of_this_age(at: &DateTime<Utc>, _: &()) -> garde::Result {
    match at.year() {
        1900..3000 => Ok(()),
        _ => Err(garde::Error::new("is not a time of this age")),
    }
}
