//! What Apple Health says, taken to what is stored: quantities, sleep, workouts, and what was deleted on the phone.
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use signals::{Metric, Point, Quality, convert};
use utoipa::ToSchema;

use crate::bounds::{NAMED, is_none};
use crate::check::is_name;
use crate::model::NewRecord;
use crate::points::{PointError, instant, unfitting};
use crate::sources::LONGEST_NAME;
use crate::times;

/// What the app on the phone, or `nadi import apple-health`, sends.
#[derive(Debug, Deserialize, ToSchema)]
pub struct AppleImport {
    /// The name of the phone.
    #[serde(rename = "deviceId", alias = "device_id")]
    #[schema(rename = "deviceId")]
    pub device: String,
    /// Our id or your own reference of the patient; whom your account stands for when left out.
    #[serde(rename = "userId", alias = "patient_id")]
    #[schema(rename = "userId")]
    pub patient: Option<String>,
    pub metrics: Vec<AppleMetric>,
}

/// One sample of Apple Health.
#[derive(Debug, Deserialize, ToSchema)]
pub struct AppleMetric {
    /// As `HKQuantityTypeIdentifierHeartRate`, `HKCategoryTypeIdentifierSleepAnalysis` or `HKWorkoutTypeIdentifier`.
    #[serde(rename = "type")]
    #[schema(rename = "type")]
    pub kind: String,
    /// A number; of sleep, the stage.
    #[serde(default)]
    pub value: Value,
    #[serde(default)]
    pub unit: String,
    #[serde(rename = "startDate")]
    #[schema(rename = "startDate")]
    pub start: String,
    #[serde(rename = "endDate")]
    #[schema(rename = "endDate")]
    pub end: Option<String>,
    /// The app or watch that measured it.
    #[serde(rename = "sourceApp", alias = "sourceName")]
    #[schema(rename = "sourceApp")]
    pub source: Option<String>,
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Value>,
    /// The sample was deleted on the phone: what it said is taken back.
    #[serde(default)]
    pub deleted: bool,
}

/// What became of an import.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppleImported {
    pub status: &'static str,
    /// Samples that were stored, or were stored before.
    pub synced_count: usize,
    /// Samples that did not fit, by their place, the first 100 of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<PointError>,
    /// How many did not fit.
    #[serde(skip_serializing_if = "is_none")]
    pub errors_count: usize,
    /// Samples of types that nothing is known of, by their type.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub skipped: BTreeMap<String, usize>,
    /// Alerts that the samples opened or made worse.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub alerts: Vec<ward::Raised>,
}

/// What was read of an import.
#[derive(Debug, Default)]
pub struct Samples {
    /// By the app or watch that measured.
    pub points: BTreeMap<String, Vec<Point>>,
    pub workouts: Vec<NewRecord>,
    pub fitting: usize,
    /// The first of those that do not fit.
    pub errors: Vec<PointError>,
    pub errors_count: usize,
    pub skipped: BTreeMap<String, usize>,
}

/// What one sample is.
enum Sample {
    Point(Point),
    Workout(Box<NewRecord>),
    Unknown,
}

const WORKOUT: &str = "HKWorkoutTypeIdentifier";
const SLEEP: &str = "HKCategoryTypeIdentifierSleepAnalysis";
const MINDFUL: &str = "HKCategoryTypeIdentifierMindfulSession";

/// Reads samples; those without an app of their own are the device's.
pub fn read(sent: &[AppleMetric], device: &str, now: DateTime<Utc>) -> Samples {
    let mut samples = Samples::default();
    for (index, metric) in sent.iter().enumerate() {
        let source = metric.source.as_deref().map(str::trim).filter(|name| is_name(name, LONGEST_NAME));
        match metric.read(source.unwrap_or(device), now) {
            Ok(Sample::Point(point)) => {
                samples.fitting += 1;
                samples.points.entry(source.unwrap_or(device).to_owned()).or_default().push(point);
            }
            Ok(Sample::Workout(workout)) => {
                samples.fitting += 1;
                samples.workouts.push(*workout);
            }
            Ok(Sample::Unknown) => *samples.skipped.entry(short(&metric.kind)).or_default() += 1,
            Err((member, detail)) => {
                samples.errors_count += 1;
                if samples.errors.len() < NAMED {
                    samples.errors.push(PointError { index, member, detail });
                }
            }
        }
    }
    samples
}

/// Whoever sends novels for types is not answered with them.
fn short(kind: &str) -> String {
    kind.chars().take(100).collect()
}

impl AppleMetric {
    fn read(&self, source: &str, now: DateTime<Utc>) -> Result<Sample, (&'static str, String)> {
        let when = |member: &'static str, text: &str| time(text).ok_or_else(|| (member, "is not a time".to_owned()));
        let from = when("startDate", &self.start)?;
        let to = self.end.as_deref().map_or(Ok(from), |end| when("endDate", end))?;
        times::plausible(from, to, now).map_err(|why| ("endDate", why.to_owned()))?;
        let point = |metric, value| {
            let value = Some(value).filter(|_| !self.deleted);
            Point { metric, from, to, value, version: 0, quality: self.quality() }
        };
        let sample = match self.kind.as_str() {
            WORKOUT => Sample::Workout(Box::new(self.workout(source, (from, to)))),
            SLEEP => match self.stage() {
                Some(stage) => Sample::Point(point(Metric::SleepStage, stage)),
                None => Sample::Unknown,
            },
            MINDFUL => Sample::Point(point(Metric::MindfulTime, (to - from) as f64 / 60e6)),
            kind => match Metric::from_name(kind) {
                Some(metric) => Sample::Point(point(metric, self.number(metric)?)),
                None => return Ok(Sample::Unknown),
            },
        };
        if let Sample::Point(point) = &sample {
            times::plausible_for(point.metric, from, to, now).map_err(|why| ("endDate", why.to_owned()))?;
        }
        Ok(sample)
    }

    fn number(&self, metric: Metric) -> Result<f64, (&'static str, String)> {
        if self.deleted {
            return Ok(0.0);
        }
        let number = match &self.value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        let number = number.ok_or_else(|| ("value", "is not a number".to_owned()))?;
        // Apple writes 97 % as 0.97 with the unit %.
        let unit = if self.unit == "%" && (0.0..=1.0).contains(&number) { "1" } else { &self.unit };
        convert(metric, number, unit).map_err(unfitting)
    }

    fn quality(&self) -> Quality {
        let entered = self.metadata.as_ref().and_then(|members| members.get("HKWasUserEntered"));
        let by_hand = entered.is_some_and(|said| said == &Value::Bool(true) || said == "1" || said == 1);
        if by_hand { Quality::MANUAL } else { Quality::NONE }
    }

    /// The stage of sleep, numbered as Health Connect does. To lie in bed is none.
    fn stage(&self) -> Option<f64> {
        let said = match &self.value {
            Value::String(text) => text.trim().trim_start_matches("HKCategoryValueSleepAnalysis").to_owned(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        Some(match said.as_str() {
            "Awake" | "2" => 1.0,
            "Asleep" | "AsleepUnspecified" | "1" => 2.0,
            "AsleepCore" | "3" => 4.0,
            "AsleepDeep" | "4" => 5.0,
            "AsleepREM" | "5" => 6.0,
            _ => return None,
        })
    }

    fn workout(&self, source: &str, (from, to): (i64, i64)) -> NewRecord {
        let at = |micros| DateTime::from_timestamp_micros(micros).unwrap_or_default();
        let body = serde_json::json!({
            "value": self.value, "unit": self.unit, "source": source, "metadata": self.metadata, "deleted": self.deleted,
        });
        NewRecord {
            // Apple gives no id out: the same app's workout of the same time is the same workout.
            id: format!("{from}-{to}-{source}"),
            kind: "Workout".to_owned(),
            app: Some(source.to_owned()),
            from: at(from),
            to: at(to),
            version: 0,
            body: body.to_string(),
            points: Vec::new(),
        }
    }
}

/// A time as the app writes it, or as `export.xml` does: `2026-11-20 10:30:00 +0530`.
fn time(text: &str) -> Option<i64> {
    let exported = || DateTime::parse_from_str(text.trim(), "%Y-%m-%d %H:%M:%S %z").ok();
    instant(text).or_else(|| exported().map(|at| at.timestamp_micros()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read_one(sample: &Value) -> Samples {
        let now = "2026-11-20T12:00:00Z".parse().unwrap();
        read(&[serde_json::from_value(sample.clone()).unwrap()], "iPhone", now)
    }

    fn sample(kind: &str, value: impl Into<Value>, unit: &str) -> Value {
        json!({"type": kind, "value": value.into(), "unit": unit, "startDate": "2026-11-20 10:30:00 +0530", "endDate": "2026-11-20 10:31:00 +0530", "sourceApp": "Apple Watch"})
    }

    #[test]
    fn quantities_are_read_in_apples_own_units() {
        let value =
            |kind: &str, value: f64, unit: &str| read_one(&sample(kind, value, unit)).points["Apple Watch"][0].value;
        assert_eq!(value("HKQuantityTypeIdentifierHeartRate", 72.0, "count/min"), Some(72.0));
        assert_eq!(value("HKQuantityTypeIdentifierOxygenSaturation", 0.97, "%"), Some(97.0));
        assert_eq!(value("HKQuantityTypeIdentifierOxygenSaturation", 97.0, "%"), Some(97.0));
        assert_eq!(value("HKQuantityTypeIdentifierDistanceWalkingRunning", 1.5, "km"), Some(1500.0));
        assert_eq!(value("HKQuantityTypeIdentifierActiveEnergyBurned", 10.0, "Cal"), Some(10.0));
    }

    #[test]
    fn sleep_is_stages_and_lying_in_bed_is_none() {
        let stage = |value: &str| read_one(&sample(SLEEP, value, "")).points.get("Apple Watch").map(|p| p[0].value);
        assert_eq!(stage("HKCategoryValueSleepAnalysisAsleepDeep"), Some(Some(5.0)));
        assert_eq!(stage("HKCategoryValueSleepAnalysisAsleepREM"), Some(Some(6.0)));
        assert_eq!(stage("HKCategoryValueSleepAnalysisInBed"), None);
    }

    #[test]
    fn what_was_deleted_is_taken_back_and_what_is_unknown_is_counted() {
        let mut gone = sample("HKQuantityTypeIdentifierHeartRate", 72.0, "count/min");
        gone["deleted"] = json!(true);
        assert_eq!(read_one(&gone).points["Apple Watch"][0].value, None);
        assert_eq!(read_one(&sample("HKAuraTypeIdentifier", 1.0, "")).skipped["HKAuraTypeIdentifier"], 1);
        assert_eq!(read_one(&sample("HKQuantityTypeIdentifierHeartRate", 72.0, "kg")).errors[0].member, "unit");
    }
}
