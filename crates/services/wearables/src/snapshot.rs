//! What the snapshot of document 000 says as numbers. Its form is its sender's: what is understood becomes points, and
//! all of it is kept as it came.
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use signals::{Metric, Point, Quality, convert};

use crate::points::instant;
use crate::times;

kernel::text_enum!(
    /// What a wearable measured, as document 000 names it.
    DataType {
        HeartRate = "heart_rate",
        BloodPressure = "blood_pressure",
        BloodOxygen = "blood_oxygen",
        Steps = "steps",
        Distance = "distance",
        Calories = "calories",
        Sleep = "sleep",
        Temperature = "temperature",
        Ecg = "ecg",
        Glucose = "glucose",
        Weight = "weight",
        Activity = "activity",
        Other = "other",
    }
);

/// Under which names the number itself stands.
const NUMBERS: [&str; 7] = ["value", "count", "total", "amount", "level", "percentage", "average"];
/// Under which names a series stands, each entry with its own time.
const SERIES: [&str; 4] = ["samples", "readings", "data", "values"];

/// When a snapshot was taken, in microseconds since 1970, and the time of this server.
#[derive(Clone, Copy)]
pub struct Taken {
    pub from: i64,
    pub to: i64,
    pub now: DateTime<Utc>,
}

/// The points of a snapshot; none where it says nothing that is understood.
pub fn points(kind: DataType, snapshot: &Map<String, Value>, taken: Taken) -> Vec<Point> {
    let mut points = flat(kind, snapshot, taken);
    for entry in SERIES.iter().filter_map(|name| snapshot.get(*name)?.as_array()).flatten() {
        if let Some((members, at)) = entry.as_object().and_then(|members| Some((members, time(members)?))) {
            points.extend(flat(kind, members, Taken { from: at, to: at, ..taken }));
        }
    }
    points.retain(|point| times::plausible_for(point.metric, point.from, point.to, taken.now).is_ok());
    points
}

/// What a snapshot of this type is first of all a measure of, if of anything.
pub fn measures(kind: DataType) -> Option<Metric> {
    match kind {
        DataType::BloodPressure => Some(Metric::BpSystolic),
        kind => metric(kind),
    }
}

fn time(entry: &Map<String, Value>) -> Option<i64> {
    ["time", "timestamp", "at", "recorded_at"].iter().find_map(|name| instant(entry.get(*name)?.as_str()?))
}

fn flat(kind: DataType, members: &Map<String, Value>, taken: Taken) -> Vec<Point> {
    let unit = members.get("unit").and_then(Value::as_str).unwrap_or_default();
    let mut points: Vec<Point> = Vec::new();
    for (name, value) in members {
        let Some(number) = value.as_f64() else { continue };
        // A bare number is what the snapshot is of, in the unit beside it; any other is what its name says, in its own.
        let (metric, unit) = match NUMBERS.contains(&name.as_str()) {
            true => (metric(kind), unit),
            false => (named(kind, name), if members.len() <= 2 { unit } else { "" }),
        };
        let Some(metric) = metric else { continue };
        let Ok(value) = convert(metric, number, unit) else { continue };
        if points.iter().all(|point| point.metric != metric) {
            let Taken { from, to, .. } = taken;
            points.push(Point { metric, from, to, value: Some(value), version: 0, quality: Quality::NONE });
        }
    }
    if is_upside_down(&points) {
        points.retain(|point| ![Metric::BpSystolic, Metric::BpDiastolic].contains(&point.metric));
    }
    points
}

/// Whether the pressure between two beats is said to be above that of the beat.
fn is_upside_down(points: &[Point]) -> bool {
    let of = |metric: Metric| points.iter().find(|point| point.metric == metric).and_then(|point| point.value);
    of(Metric::BpSystolic).zip(of(Metric::BpDiastolic)).is_some_and(|(systolic, diastolic)| systolic < diastolic)
}

fn metric(kind: DataType) -> Option<Metric> {
    match kind {
        DataType::HeartRate => Some(Metric::HeartRate),
        DataType::BloodOxygen => Some(Metric::Spo2),
        DataType::Steps => Some(Metric::Steps),
        DataType::Distance => Some(Metric::Distance),
        DataType::Calories => Some(Metric::TotalEnergy),
        DataType::Sleep => Some(Metric::SleepDuration),
        DataType::Temperature => Some(Metric::Temperature),
        DataType::Glucose => Some(Metric::Glucose),
        DataType::Weight => Some(Metric::Weight),
        DataType::BloodPressure | DataType::Ecg | DataType::Activity | DataType::Other => None,
    }
}

fn named(kind: DataType, name: &str) -> Option<Metric> {
    match (kind, name) {
        // HCGateway's own words.
        (DataType::HeartRate, "beatsPerMinute") => Some(Metric::HeartRate),
        (DataType::Steps, "steps_count") => Some(Metric::Steps),
        _ => Metric::from_name(name),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(kind: DataType, snapshot: &Value) -> Vec<(Metric, i64, f64)> {
        let taken = Taken {
            from: 1_700_000_000_000_000,
            to: 1_700_000_000_000_000,
            now: "2026-11-20T12:00:00Z".parse().unwrap(),
        };
        let points = points(kind, snapshot.as_object().unwrap(), taken);
        points.iter().map(|p| (p.metric, p.from, p.value.unwrap())).collect()
    }

    #[test]
    fn a_snapshot_is_read_however_its_sender_shapes_it() {
        let at = 1_700_000_000_000_000;
        assert_eq!(read(DataType::HeartRate, &json!({"value": 72, "unit": "bpm"})), [(Metric::HeartRate, at, 72.0)]);
        assert_eq!(read(DataType::HeartRate, &json!({"bpm": 72})), [(Metric::HeartRate, at, 72.0)]);
        assert_eq!(read(DataType::Steps, &json!({"count": 812})), [(Metric::Steps, at, 812.0)]);
        assert_eq!(read(DataType::Distance, &json!({"value": 1.5, "unit": "km"})), [(Metric::Distance, at, 1500.0)]);
        let both = read(DataType::BloodPressure, &json!({"systolic": 128, "diastolic": 82, "unit": "mmHg"}));
        assert_eq!(both.len(), 2);
        let series = json!({"samples": [{"time": "2026-11-20T05:00:10Z", "beatsPerMinute": 72}, {"time": "2026-11-20T05:00:20Z", "beatsPerMinute": 73}]});
        assert_eq!(read(DataType::HeartRate, &series).len(), 2);
    }

    #[test]
    fn what_is_not_understood_is_no_point() {
        assert!(read(DataType::Ecg, &json!({"lead": "I", "trace": [1, 2, 3]})).is_empty());
        assert!(read(DataType::HeartRate, &json!({"value": 7200})).is_empty());
        assert!(read(DataType::HeartRate, &json!({"value": 72, "unit": "kg"})).is_empty());
        assert!(read(DataType::Other, &json!({})).is_empty());
        assert!(read(DataType::BloodPressure, &json!({"systolic": 80, "diastolic": 120})).is_empty());
    }
}
