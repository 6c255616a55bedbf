//! How Google Health's points read. What does not fit is left out: one odd value is no reason to lose a page.
use chrono::{DateTime, Utc};
use serde_json::Value;
use signals::{Metric, Point, Quality, convert};
use wearables::NewRecord;

use super::DataType;
use crate::fetch::Fetched;

/// What the records of sleeps are called.
pub const SLEEP: &str = "google_health.sleep";

/// What a page says.
pub fn read(kind: &DataType, page: &Value) -> Fetched {
    let all = page["dataPoints"].as_array().into_iter().flatten();
    match kind.value {
        Some(value) => {
            Fetched { points: all.filter_map(|said| point(kind.member, value, said)).collect(), ..Fetched::default() }
        }
        None => Fetched { records: all.filter_map(sleep).collect(), ..Fetched::default() },
    }
}

fn time(said: &Value) -> Option<DateTime<Utc>> {
    said.as_str()?.parse().ok()
}

/// From when until when something was: a moment, or an interval.
fn when(said: &Value) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    match time(&said["sampleTime"]["physicalTime"]) {
        Some(at) => Some((at, at)),
        None => {
            let interval = &said["interval"];
            Some((time(&interval["startTime"])?, time(&interval["endTime"])?)).filter(|(from, to)| from <= to)
        }
    }
}

/// A number, which JSON of Google's writes as text when it is a whole one.
fn number(said: &Value) -> Option<f64> {
    said.as_f64().or_else(|| said.as_str()?.parse().ok())
}

fn point(member: &str, (name, metric, unit): (&str, Metric, &str), said: &Value) -> Option<Point> {
    let measured = &said[member];
    let (from, to) = when(measured)?;
    let value = convert(metric, number(&measured[name])?, unit).ok()?;
    let quality = match said["dataSource"]["recordingMethod"].as_str() {
        Some("MANUAL" | "MANUALLY_ENTERED") => Quality::MANUAL,
        Some("DERIVED") => Quality::ESTIMATED,
        _ => Quality::NONE,
    };
    let (from, to) = (from.timestamp_micros(), to.timestamp_micros());
    Some(Point { metric, from, to, value: Some(value), version: 0, quality })
}

/// A sleep, whole, with its length and stages as numbers.
fn sleep(said: &Value) -> Option<NewRecord> {
    let slept = &said["sleep"];
    let (from, to) = when(slept)?;
    let stages: Vec<Point> = slept["stages"].as_array().into_iter().flatten().filter_map(stage).collect();
    let asleep = number(&slept["summary"]["minutesAsleep"]).unwrap_or_else(|| minutes_of(&stages));
    let span = (from.timestamp_micros(), to.timestamp_micros());
    let whole = value(Metric::SleepDuration, span, asleep, "min").filter(|_| asleep > 0.0);
    let named = said["name"].as_str().or(said["dataPointName"].as_str()).filter(|name| name.len() <= 200);
    Some(NewRecord {
        id: named.map_or_else(|| format!("sleep {}", from.to_rfc3339()), str::to_owned),
        kind: SLEEP.to_owned(),
        app: None,
        from,
        to,
        version: 0,
        body: said.to_string(),
        points: whole.into_iter().chain(stages).collect(),
    })
}

fn value(metric: Metric, (from, to): (i64, i64), value: f64, unit: &str) -> Option<Point> {
    let value = convert(metric, value, unit).ok()?;
    Some(Point { metric, from, to, value: Some(value), version: 0, quality: Quality::NONE })
}

fn stage(said: &Value) -> Option<Point> {
    let (from, to) = (time(&said["startTime"])?, time(&said["endTime"])?);
    // The numbers of Android's Health Connect.
    let stage = match said["type"].as_str()? {
        "AWAKE" => 1.0,
        "ASLEEP" | "SLEEPING" => 2.0,
        "OUT_OF_BED" => 3.0,
        "LIGHT" | "RESTLESS" => 4.0,
        "DEEP" => 5.0,
        "REM" => 6.0,
        _ => return None,
    };
    value(Metric::SleepStage, (from.timestamp_micros(), to.timestamp_micros()), stage, "").filter(|_| from < to)
}

/// How long one slept, by the stages: all but awake and out of bed.
fn minutes_of(stages: &[Point]) -> f64 {
    let asleep = stages.iter().filter(|stage| !matches!(stage.value, Some(1.0 | 3.0)));
    asleep.map(|stage| (stage.to - stage.from) as f64 / 60e6).sum()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::type_of;
    use super::*;

    fn fetched(name: &str, points: &Value) -> Fetched {
        read(type_of(name).expect("a known type"), &json!({"dataPoints": points}))
    }

    #[test]
    fn whole_numbers_come_as_text_and_units_are_googles() {
        let said = json!([
            {"heartRate": {"sampleTime": {"physicalTime": "2026-11-01T10:00:05Z"}, "beatsPerMinute": "72"}},
            {"heartRate": {"sampleTime": {"physicalTime": "yesterday"}, "beatsPerMinute": "72"}},
            {"heartRate": {"sampleTime": {"physicalTime": "2026-11-01T10:00:06Z"}, "beatsPerMinute": "7200"}}, 5]);
        let points = fetched("heart-rate", &said).points;
        assert_eq!((points.len(), points[0].value, points[0].from == points[0].to), (1, Some(72.0), true));
        let interval = json!({"startTime": "2026-11-01T10:00:00Z", "endTime": "2026-11-01T10:01:00Z"});
        let distance =
            fetched("distance", &json!([{"distance": {"interval": interval, "millimeters": "61500"}}])).points;
        assert_eq!((distance[0].value, distance[0].to - distance[0].from), (Some(61.5), 60_000_000));
        let manual = json!([{"weight": {"sampleTime": {"physicalTime": "2026-11-01T07:00:00Z"}, "weightGrams": 72500.0},
            "dataSource": {"recordingMethod": "MANUAL"}}]);
        let weight = fetched("weight", &manual).points;
        assert_eq!((weight[0].value, weight[0].quality), (Some(72.5), Quality::MANUAL));
    }

    #[test]
    fn a_sleep_is_kept_whole_with_what_its_stages_say() {
        let said = json!([{"sleep": {"interval": {"startTime": "2026-10-31T22:00:00Z", "endTime": "2026-11-01T05:00:00Z"},
            "stages": [
                {"startTime": "2026-10-31T22:00:00Z", "endTime": "2026-10-31T23:00:00Z", "type": "LIGHT"},
                {"startTime": "2026-10-31T23:00:00Z", "endTime": "2026-10-31T23:10:00Z", "type": "AWAKE"}]}}]);
        let slept = fetched("sleep", &said).records.remove(0);
        let values: Vec<_> = slept.points.iter().map(|point| (point.metric, point.value)).collect();
        let expected =
            [(Metric::SleepDuration, Some(60.0)), (Metric::SleepStage, Some(4.0)), (Metric::SleepStage, Some(1.0))];
        assert_eq!(values, expected);
        assert_eq!(slept.id, "sleep 2026-10-31T22:00:00+00:00");
    }
}
