//! What comes in: who sends, from which source, which points and records; and what became of it.
use std::sync::Arc;

use access::Caller;
use chrono::{DateTime, Utc};
use kernel::{PatientId, request};
use serde::Serialize;
use signals::Point;
use uuid::Uuid;
use ward::Raised;

kernel::text_enum!(
    /// What data comes from.
    SourceKind {
        /// Something that the patient registered, as a band.
        Device = "device",
        /// An app on a phone, known by the name of its package; made when it is first seen.
        App = "app",
        /// A maker's cloud that the patient connected; made when it is first seen.
        Provider = "provider",
    }
);

/// What a delivery comes from, by the name its sender gives it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SourceOf {
    pub kind: SourceKind,
    /// As `xiaomi_mi_band_12345`, `com.sec.android.app.shealth` or `fitbit`.
    pub name: String,
}

impl SourceOf {
    pub fn device(name: impl Into<String>) -> Self {
        Self { kind: SourceKind::Device, name: name.into() }
    }

    pub fn app(name: impl Into<String>) -> Self {
        Self { kind: SourceKind::App, name: name.into() }
    }

    pub fn provider(name: impl Into<String>) -> Self {
        Self { kind: SourceKind::Provider, name: name.into() }
    }
}

/// Who sends.
#[derive(Debug, Clone)]
pub enum By {
    Caller(Caller),
    /// A job that fetches from a provider, as whoever connected the patient to it: when that account may write no more,
    /// neither may the job.
    Job(Caller),
}

impl By {
    pub fn caller(&self) -> &Caller {
        match self {
            Self::Caller(caller) | Self::Job(caller) => caller,
        }
    }
}

/// A record as its sender wrote it: a sleep session, a meal, any record of a phone. The patient, its kind and its id
/// say which record it is.
#[derive(Debug, Clone)]
pub struct NewRecord {
    pub id: String,
    pub kind: String,
    /// The app that wrote it, when that is another one than the delivery's source. Its points are that app's.
    pub app: Option<String>,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    /// A higher one replaces; the same one replaces when the record reads otherwise.
    pub version: i64,
    /// JSON text.
    pub body: String,
    /// What it says as numbers. Points of an earlier form of the record that are not among these are taken back.
    pub points: Vec<Point>,
}

/// What is sent about one patient at once: it is kept whole or not at all.
pub struct Delivery {
    pub by: By,
    pub patient: PatientId,
    pub source: SourceOf,
    pub points: Vec<Point>,
    /// Points that other apps measured, and the source only hands on, by the app.
    pub of_apps: Vec<(String, Vec<Point>)>,
    pub records: Vec<NewRecord>,
    /// The app under which those are kept that the patient's data may not name any more; without it they are refused.
    pub rest: Option<&'static str>,
    /// The battery of the source in per cent, when it said so.
    pub battery: Option<i64>,
    pub request: Arc<request::Request>,
}

impl Delivery {
    /// An empty delivery, of the request being answered.
    pub fn new(by: By, patient: PatientId, source: SourceOf) -> Self {
        let request = match &by {
            By::Caller(_) => request::current(),
            By::Job(_) => Arc::new(request::Request { path: format!("job {}", source.name), ..Default::default() }),
        };
        let (points, of_apps, records) = (Vec::new(), Vec::new(), Vec::new());
        Self { by, patient, source, points, of_apps, records, rest: None, battery: None, request }
    }

    /// Everything that is measured in it, wherever it stands.
    pub fn all_points(&self) -> impl Iterator<Item = &Point> {
        let of_apps = self.of_apps.iter().flat_map(|(_, points)| points);
        self.points.iter().chain(of_apps).chain(self.records.iter().flat_map(|record| &record.points))
    }

    /// How long it takes to store, where a record is 1: a record is a row, and points share one.
    pub fn weight(&self) -> usize {
        const POINTS: usize = 16;
        1 + self.records.len() + self.all_points().count() / POINTS
    }
}

/// What became of a delivery.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Delivered {
    /// What it came from: the device, the app or the provider.
    pub source: Uuid,
    /// Points that were stored, or were stored before.
    pub points: usize,
    /// Those of them that were not stored before.
    pub points_new: usize,
    pub records_new: usize,
    /// Records that were there already, or in a newer version.
    pub same: usize,
    pub replaced: usize,
    /// Alerts that were opened or made worse.
    pub alerts: Vec<Raised>,
}
