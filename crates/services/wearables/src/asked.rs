//! What may be asked about the points of a patient.
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use signals::Step;
use utoipa::IntoParams;

use crate::whose::Named;

kernel::text_enum!(
    /// The length of a bucket. Days and weeks are the patient's own.
    BucketStep {
        Minute = "minute",
        Hour = "hour",
        Day = "day",
        /// From Monday.
        Week = "week",
    }
);

impl BucketStep {
    /// The time that is shown when nobody says which.
    pub fn usual(self) -> TimeDelta {
        TimeDelta::days(match self {
            Self::Minute => 2,
            Self::Hour => 8,
            Self::Day => 91,
            Self::Week => 366,
        })
    }
}

impl From<BucketStep> for Step {
    fn from(step: BucketStep) -> Self {
        match step {
            BucketStep::Minute => Self::Minute,
            BucketStep::Hour => Self::Hour,
            BucketStep::Day => Self::Day,
            BucketStep::Week => Self::Week,
        }
    }
}

/// Which points, and how.
#[derive(Debug, Default, Deserialize, IntoParams, garde::Validate)]
#[garde(allow_unvalidated)]
pub struct HistoryQuery {
    /// Our id or your own reference of the patient; whom your account stands for when left out.
    #[garde(inner(length(min = 1, max = 100)))]
    #[param(max_length = 100)]
    pub patient_id: Option<String>,
    /// In place of `patient_id`.
    #[garde(inner(length(min = 1, max = 100)))]
    #[param(max_length = 100)]
    pub patient_aadhar_uid: Option<String>,
    /// As `heart_rate`, or several as `steps,distance`; everything when left out.
    #[garde(inner(length(min = 1, max = 1000)))]
    #[param(max_length = 1000)]
    pub metric_type: Option<String>,
    /// Of this device or app alone, by its name or our id of it; with points, not with buckets.
    #[garde(inner(length(min = 1, max = 200)))]
    #[param(max_length = 200)]
    pub device_id: Option<String>,
    /// From this time on.
    pub from: Option<DateTime<Utc>>,
    /// Before this time.
    pub to: Option<DateTime<Utc>>,
    /// Answers buckets in place of points.
    pub bucket: Option<BucketStep>,
    /// An IANA time zone, as `Asia/Kolkata`; the patient's own when left out.
    #[garde(inner(length(min = 1, max = 64)))]
    #[param(max_length = 64)]
    pub zone: Option<String>,
}

impl HistoryQuery {
    pub fn named(&self) -> Named<'_> {
        Named { patient_id: self.patient_id.as_deref(), patient_aadhar_uid: self.patient_aadhar_uid.as_deref() }
    }
}
