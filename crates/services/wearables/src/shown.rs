//! Points, buckets and coverage as they are answered.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use signals::{Bucket, Coverage, Found, Kind, Quality};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::queries::sources::Stored;

/// The names of a patient's devices and apps.
#[derive(Debug, Clone, Default)]
pub struct Sources(HashMap<Uuid, String>);

impl Sources {
    pub fn of(stored: &[Stored]) -> Self {
        Self(stored.iter().map(|source| (source.id, source.name.clone())).collect())
    }

    pub fn name(&self, id: Uuid) -> Option<String> {
        self.0.get(&id).cloned()
    }

    /// The source of this name or id.
    pub fn named(&self, name: &str) -> Option<Uuid> {
        let by_id = name.parse().ok().filter(|id| self.0.contains_key(id));
        by_id.or_else(|| self.0.iter().find(|(_, known)| *known == name).map(|(id, _)| *id))
    }
}

fn time(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}

/// One value of one metric.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PointOut {
    pub metric_type: &'static str,
    pub value: Option<f64>,
    /// UCUM.
    pub unit: &'static str,
    pub loinc: Option<&'static str>,
    /// When it was measured; when it began, of what lasted.
    pub timestamp: DateTime<Utc>,
    pub end_time: DateTime<Utc>,
    /// The name of the device or app; null of one that is gone.
    pub device_id: Option<String>,
    pub source_id: Uuid,
    /// `manual`, `estimated`, `doubtful`, or nothing to say.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub quality: Vec<&'static str>,
}

impl PointOut {
    pub fn of(found: &Found, sources: &Sources) -> Self {
        let (point, described) = (&found.point, found.point.metric.describe());
        let flags = [(Quality::MANUAL, "manual"), (Quality::ESTIMATED, "estimated"), (Quality::DOUBTFUL, "doubtful")];
        Self {
            metric_type: described.name,
            value: point.value,
            unit: described.ucum,
            loinc: described.loinc,
            timestamp: time(point.from),
            end_time: time(point.to),
            device_id: sources.name(found.source),
            source_id: found.source,
            quality: flags.iter().filter(|(flag, _)| point.quality.is(*flag)).map(|(_, word)| *word).collect(),
        }
    }
}

/// What a metric came to over one step of time.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BucketOut {
    pub metric_type: &'static str,
    pub unit: &'static str,
    pub start_time: DateTime<Utc>,
    /// The beginning of the next.
    pub end_time: DateTime<Utc>,
    pub count: u64,
    pub min: f64,
    pub mean: f64,
    pub max: f64,
    pub last: f64,
    /// Of what adds up, as steps; null of what does not.
    pub sum: Option<f64>,
    /// The device or app that won where several measured the same time.
    pub device_id: Option<String>,
    pub source_id: Uuid,
}

impl BucketOut {
    pub fn of(bucket: &Bucket, sources: &Sources) -> Self {
        let described = bucket.metric.describe();
        Self {
            metric_type: described.name,
            unit: described.ucum,
            start_time: time(bucket.from),
            end_time: time(bucket.to),
            count: bucket.count,
            min: bucket.min,
            mean: bucket.mean,
            max: bucket.max,
            last: bucket.last,
            sum: (described.kind == Kind::Sum).then_some(bucket.sum),
            device_id: sources.name(bucket.source),
            source_id: bucket.source,
        }
    }
}

/// A stretch of whole hours.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Stretch {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
}

/// Of one metric, of which hours there is data.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CoverageOut {
    pub metric_type: &'static str,
    pub points: u64,
    pub covered: Vec<Stretch>,
    pub missing: Vec<Stretch>,
}

impl CoverageOut {
    pub fn of(found: &Coverage) -> Self {
        let stretch = |(from, to): &(i64, i64)| Stretch { from: time(*from), to: time(*to) };
        Self {
            metric_type: found.metric.name(),
            points: found.points,
            covered: found.covered.iter().map(stretch).collect(),
            missing: found.missing.iter().map(stretch).collect(),
        }
    }
}
