//! Data points as document 004 writes them, taken to what is stored; what does not fit is told by its place.
use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde::{Deserialize as Derive, Serialize};
use signals::{Metric, Point, Quality, Unfit, convert};
use utoipa::ToSchema;

use crate::times;

/// A data point as it is sent.
#[derive(Debug, Derive)]
pub struct PointIn<'a> {
    #[serde(borrow)]
    pub metric_type: Cow<'a, str>,
    pub value: ValueIn<'a>,
    #[serde(borrow)]
    pub unit: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub timestamp: Option<Cow<'a, str>>,
    #[serde(borrow, alias = "startDate")]
    pub start_time: Option<Cow<'a, str>>,
    #[serde(borrow, alias = "endDate")]
    pub end_time: Option<Cow<'a, str>>,
    pub metadata: Option<MetadataIn>,
}

#[derive(Debug, Derive)]
pub struct MetadataIn {
    pub confidence: Option<f64>,
}

/// A number, or the two of a blood pressure.
#[derive(Debug, Clone, PartialEq)]
pub enum ValueIn<'a> {
    Number(f64),
    Pressure { systolic: f64, diastolic: f64 },
    Text(Cow<'a, str>),
}

/// What does not fit of one data point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PointError {
    /// Its place in what was sent, from 0.
    pub index: usize,
    pub member: &'static str,
    pub detail: String,
}

type Unfitting = (&'static str, String);

/// What the value of a data point is said to be certain of below which it is doubtful.
const CONFIDENT: f64 = 0.5;

impl PointIn<'_> {
    /// What is stored: one point, or two of a blood pressure.
    pub fn read(&self, now: DateTime<Utc>) -> Result<Vec<Point>, Unfitting> {
        let (from, to) = self.times(now)?;
        let unit = self.unit.as_deref().unwrap_or_default();
        let doubtful = self.metadata.as_ref().and_then(|m| m.confidence).is_some_and(|c| c < CONFIDENT);
        let quality = if doubtful { Quality::DOUBTFUL } else { Quality::NONE };
        let point = |(metric, value)| {
            let value = convert(metric, value, unit).map_err(unfitting)?;
            times::plausible_for(metric, from, to, now).map_err(|why| ("end_time", why.to_owned()))?;
            Ok(Point { metric, from, to, value: Some(value), version: 0, quality })
        };
        self.values()?.into_iter().map(point).collect()
    }

    fn values(&self) -> Result<Vec<(Metric, f64)>, Unfitting> {
        let name = self.metric_type.as_ref();
        let is_pressure = name.eq_ignore_ascii_case("blood_pressure") || name.eq_ignore_ascii_case("bloodpressure");
        let wrong = |why: &str| ("value", why.to_owned());
        let pressure = |(systolic, diastolic)| match systolic < diastolic {
            true => Err(wrong("has the diastolic above the systolic")),
            false => Ok(vec![(Metric::BpSystolic, systolic), (Metric::BpDiastolic, diastolic)]),
        };
        match &self.value {
            ValueIn::Pressure { systolic, diastolic } if is_pressure => pressure((*systolic, *diastolic)),
            ValueIn::Text(text) if is_pressure => {
                let both =
                    text.split_once('/').and_then(|(s, d)| Some((s.trim().parse().ok()?, d.trim().parse().ok()?)));
                both.ok_or_else(|| wrong("is not a blood pressure such as 120/80")).and_then(pressure)
            }
            _ if is_pressure => Err(wrong("is not a blood pressure: send {\"systolic\", \"diastolic\"} or \"120/80\"")),
            value => {
                let metric = Metric::from_name(name).ok_or_else(|| ("metric_type", "is not known".to_owned()))?;
                let number = match value {
                    ValueIn::Number(number) => Some(*number),
                    ValueIn::Text(text) => text.trim().parse().ok(),
                    ValueIn::Pressure { .. } => None,
                };
                number.map(|number| vec![(metric, number)]).ok_or_else(|| wrong("is not a number"))
            }
        }
    }

    fn times(&self, now: DateTime<Utc>) -> Result<(i64, i64), Unfitting> {
        let read = |member: &'static str, text: &Option<Cow<'_, str>>| match text {
            Some(text) => instant(text).map(Some).ok_or_else(|| (member, NO_INSTANT.to_owned())),
            None => Ok(None),
        };
        let at = read("timestamp", &self.timestamp)?;
        let (start, end) = (read("start_time", &self.start_time)?, read("end_time", &self.end_time)?);
        let from = start.or(at).ok_or_else(|| ("timestamp", "is required".to_owned()))?;
        let to = end.unwrap_or(match start {
            Some(start) => at.unwrap_or(start),
            None => from,
        });
        let member = if end.is_some() || start.is_some() { "end_time" } else { "timestamp" };
        times::plausible(from, to, now).map_err(|why| (member, why.to_owned()))?;
        Ok((from, to))
    }
}

const NO_INSTANT: &str = "is not an instant with its time zone, as 2026-11-20T10:30:00Z";

/// An instant in microseconds since 1970.
pub fn instant(text: &str) -> Option<i64> {
    DateTime::parse_from_rfc3339(text.trim()).ok().map(|at| at.timestamp_micros())
}

pub fn unfitting(unfit: Unfit) -> Unfitting {
    let member = match unfit {
        Unfit::Unit => "unit",
        Unfit::Value { .. } | Unfit::Fraction => "value",
    };
    (member, unfit.to_string())
}

impl<'de: 'a, 'a> Deserialize<'de> for ValueIn<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = ValueIn<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a number or a blood pressure")
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(ValueIn::Number(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(ValueIn::Number(value as f64))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(ValueIn::Number(value as f64))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(ValueIn::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(ValueIn::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let (mut systolic, mut diastolic) = (None, None);
        while let Some(name) = map.next_key::<Cow<'de, str>>()? {
            match name.as_ref() {
                "systolic" if systolic.is_some() => return Err(de::Error::duplicate_field("systolic")),
                "diastolic" if diastolic.is_some() => return Err(de::Error::duplicate_field("diastolic")),
                "systolic" => systolic = Some(map.next_value()?),
                "diastolic" => diastolic = Some(map.next_value()?),
                _ => drop(map.next_value::<de::IgnoredAny>()?),
            }
        }
        match (systolic, diastolic) {
            (Some(systolic), Some(diastolic)) => Ok(ValueIn::Pressure { systolic, diastolic }),
            _ => Err(de::Error::custom("an object has systolic and diastolic")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Point>, Unfitting> {
        let now = "2026-11-20T12:00:00Z".parse().unwrap();
        serde_json::from_str::<PointIn<'_>>(text).unwrap().read(now)
    }

    #[test]
    fn a_point_is_taken_to_the_unit_of_its_metric() {
        let points = read(
            r#"{"metric_type": "body_temperature", "value": 98.6, "unit": "F", "timestamp": "2026-11-20T10:30:00Z"}"#,
        );
        assert_eq!(points.unwrap()[0].value, Some(37.0));
    }

    #[test]
    fn a_blood_pressure_is_two_points() {
        for value in [r#"{"systolic": 120, "diastolic": 80}"#, r#""120/80""#] {
            let text = format!(
                r#"{{"metric_type": "blood_pressure", "value": {value}, "unit": "mmHg", "timestamp": "2026-11-20T10:30:00Z"}}"#
            );
            let points = read(&text).unwrap();
            assert_eq!(
                points.iter().map(|p| (p.metric, p.value)).collect::<Vec<_>>(),
                [(Metric::BpSystolic, Some(120.0)), (Metric::BpDiastolic, Some(80.0))]
            );
        }
    }

    #[test]
    fn two_systolic_values_of_one_pressure_are_one_too_many() {
        let twice = r#"{"metric_type": "blood_pressure", "value": {"systolic": 120, "diastolic": 80, "systolic": 90}, "timestamp": "2026-11-20T10:30:00Z"}"#;
        assert!(serde_json::from_str::<PointIn<'_>>(twice).is_err());
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let about = |text: &str| read(text).unwrap_err().0;
        let with = |members: &str| format!(r#"{{"timestamp": "2026-11-20T10:30:00Z", {members}}}"#);
        assert_eq!(about(&with(r#""metric_type": "aura", "value": 1"#)), "metric_type");
        assert_eq!(about(&with(r#""metric_type": "heart_rate", "value": 72, "unit": "kg""#)), "unit");
        assert_eq!(about(&with(r#""metric_type": "heart_rate", "value": 7200"#)), "value");
        assert_eq!(about(&with(r#""metric_type": "heart_rate", "value": "fast""#)), "value");
        assert_eq!(about(r#"{"metric_type": "heart_rate", "value": 72}"#), "timestamp");
        assert_eq!(about(r#"{"metric_type": "heart_rate", "value": 72, "timestamp": "yesterday"}"#), "timestamp");
        assert_eq!(
            about(r#"{"metric_type": "heart_rate", "value": 72, "timestamp": "1970-01-01T00:00:00Z"}"#),
            "timestamp"
        );
        let backwards = r#"{"metric_type": "steps", "value": 10, "start_time": "2026-11-20T10:00:00Z", "end_time": "2026-11-20T09:00:00Z"}"#;
        assert_eq!(about(backwards), "end_time");
        assert_eq!(about(&with(r#""metric_type": "blood_pressure", "value": "80/120""#)), "value");
        assert_eq!(about(&with(r#""metric_type": "sleep_stage", "value": 2.5"#)), "value");
        let unending = r#"{"metric_type": "heart_rate", "value": 70, "start_time": "2026-11-20T10:00:00Z", "end_time": "2026-11-20T23:00:00Z"}"#;
        assert_eq!(about(unending), "end_time");
    }
}
