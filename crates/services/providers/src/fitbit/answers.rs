//! How Fitbit's answers read. What does not fit is left out: one odd value is no reason to lose a day.
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use serde_json::Value;
use signals::{Metric, Point, Quality, convert};

use super::days::Zone;

/// A value of a metric over a stretch of time; none when it cannot be true.
fn point(metric: Metric, (from, to): (DateTime<Utc>, DateTime<Utc>), value: f64, unit: &str) -> Option<Point> {
    let value = convert(metric, value, unit).ok()?;
    let (from, to) = (from.timestamp_micros(), to.timestamp_micros());
    Some(Point { metric, from, to, value: Some(value), version: 0, quality: Quality::NONE })
}

fn entries<'a>(said: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    said[name].as_array().into_iter().flatten()
}

/// A time as Fitbit writes it, without a zone.
fn local(text: &Value) -> Option<NaiveDateTime> {
    text.as_str()?.parse().ok()
}

/// The values of a day, minute by minute. Nothing walked in a minute is nothing to keep.
pub fn by_minute(
    said: &Value,
    (resource, metric, unit): (&str, Metric, &str),
    zone: &Zone,
    day: NaiveDate,
) -> Vec<Point> {
    let set = &said[format!("activities-{resource}-intraday")];
    let is_sum = metric != Metric::HeartRate;
    let one = |entry: &Value| {
        let time: NaiveTime = entry["time"].as_str()?.parse().ok()?;
        let value = entry["value"].as_f64().filter(|value| *value > 0.0)?;
        let from = zone.at(day.and_time(time));
        let to = if is_sum { from + TimeDelta::minutes(1) } else { from };
        point(metric, (from, to), value, unit)
    };
    entries(set, "dataset").filter_map(one).collect()
}

/// The resting heart rate of a day.
pub fn resting(said: &Value, zone: &Zone, day: NaiveDate) -> Option<Point> {
    let value = said["activities-heart"][0]["value"]["restingHeartRate"].as_f64()?;
    point(Metric::RestingHeartRate, zone.bounds(day), value, "bpm")
}

/// What was weighed on a day.
pub fn weights(said: &Value, zone: &Zone) -> Vec<Point> {
    let one = |entry: &Value| {
        let text = format!("{}T{}", entry["date"].as_str()?, entry["time"].as_str()?);
        let at = zone.at(text.parse().ok()?);
        let quality = if entry["source"] == "Web" { Quality::MANUAL } else { Quality::NONE };
        let as_said = |metric, name: &str, unit| {
            let value = entry[name].as_f64()?;
            point(metric, (at, at), value, unit).map(|point| Point { quality, ..point })
        };
        let both = [as_said(Metric::Weight, "weight", "kg"), as_said(Metric::BodyFat, "fat", "%")];
        Some(both.into_iter().flatten().collect::<Vec<_>>())
    };
    entries(said, "weight").filter_map(one).flatten().collect()
}

/// What was eaten on a day, as the patient typed it.
pub fn foods(said: &Value, zone: &Zone, day: NaiveDate) -> Vec<Point> {
    const EATEN: [(&str, Metric, &str); 7] = [
        ("calories", Metric::EnergyIntake, "kcal"),
        ("carbs", Metric::TotalCarbohydrate, "g"),
        ("fat", Metric::TotalFat, "g"),
        ("fiber", Metric::DietaryFiber, "g"),
        ("protein", Metric::Protein, "g"),
        ("sodium", Metric::Sodium, "mg"),
        ("water", Metric::Hydration, "mL"),
    ];
    let one = |(name, metric, unit): (&str, Metric, &str)| {
        let value = said["summary"][name].as_f64().filter(|value| *value > 0.0)?;
        point(metric, zone.bounds(day), value, unit).map(|point| Point { quality: Quality::MANUAL, ..point })
    };
    EATEN.into_iter().filter_map(one).collect()
}

/// The sleeps that ended on a day: how long, and their stages.
pub fn sleep(said: &Value, zone: &Zone) -> Vec<Point> {
    let one = |entry: &Value| {
        let (from, to) = (zone.at(local(&entry["startTime"])?), zone.at(local(&entry["endTime"])?));
        let asleep = entry["minutesAsleep"].as_f64()?;
        let whole = point(Metric::SleepDuration, (from, to), asleep, "min").filter(|_| from < to)?;
        let stages = entries(&entry["levels"], "data").filter_map(|stage| self::stage(stage, zone));
        Some(std::iter::once(whole).chain(stages).collect::<Vec<_>>())
    };
    entries(said, "sleep").filter_map(one).flatten().collect()
}

fn stage(said: &Value, zone: &Zone) -> Option<Point> {
    let from = zone.at(local(&said["dateTime"])?);
    let seconds = said["seconds"].as_i64().filter(|seconds| (1..=86_400).contains(seconds))?;
    // The numbers of Android's Health Connect.
    let stage = match said["level"].as_str()? {
        "wake" | "awake" => 1.0,
        "asleep" => 2.0,
        "light" | "restless" => 4.0,
        "deep" => 5.0,
        "rem" => 6.0,
        _ => return None,
    };
    point(Metric::SleepStage, (from, from + TimeDelta::seconds(seconds)), stage, "")
}

/// The oxygen saturation during a night.
pub fn oxygen(said: &Value, zone: &Zone) -> Vec<Point> {
    let one = |entry: &Value| {
        let at = zone.at(local(&entry["minute"])?);
        point(Metric::Spo2, (at, at), entry["value"].as_f64()?, "%")
    };
    entries(said, "minutes").filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;
    use serde_json::json;

    use super::*;

    const INDIA: Zone = Zone(Tz::Asia__Kolkata);

    fn day() -> NaiveDate {
        "2026-11-01".parse().expect("a day")
    }

    fn at(text: &str) -> i64 {
        text.parse::<DateTime<Utc>>().expect("a time").timestamp_micros()
    }

    #[test]
    fn minutes_are_those_of_the_patients_clock() {
        let said = json!({"activities-steps-intraday": {"dataset": [
            {"time": "00:00:00", "value": 0}, {"time": "00:01:00", "value": 42}, {"time": "25:00:00", "value": 1},
            {"time": "00:02:00"}, {"time": "00:03:00", "value": -5}, 7]}});
        let points = by_minute(&said, ("steps", Metric::Steps, "steps"), &INDIA, day());
        assert_eq!(points.len(), 1);
        assert_eq!((points[0].from, points[0].to), (at("2026-10-31T18:31:00Z"), at("2026-10-31T18:32:00Z")));
        assert_eq!(points[0].value, Some(42.0));
        let said = json!({"activities-distance-intraday": {"dataset": [{"time": "09:00:00", "value": 0.05}]}});
        let points = by_minute(&said, ("distance", Metric::Distance, "km"), &INDIA, day());
        assert_eq!(points[0].value, Some(50.0), "in metres");
    }

    #[test]
    fn a_sleep_has_its_length_and_its_stages() {
        let said = json!({"sleep": [
            {"startTime": "2026-10-31T23:00:00.000", "endTime": "2026-11-01T06:30:00.000", "minutesAsleep": 410, "levels": {"data": [
                {"dateTime": "2026-10-31T23:00:00.000", "level": "light", "seconds": 1800},
                {"dateTime": "2026-10-31T23:30:00.000", "level": "deep", "seconds": 3600},
                {"dateTime": "2026-11-01T00:30:00.000", "level": "dreamless", "seconds": 60},
                {"dateTime": "2026-11-01T00:31:00.000", "level": "rem", "seconds": -1}]}},
            {"startTime": "2026-11-01T06:30:00.000", "endTime": "2026-11-01T06:00:00.000", "minutesAsleep": 30}]});
        let found: Vec<_> = sleep(&said, &INDIA).iter().map(|p| (p.metric, p.value, p.from)).collect();
        assert_eq!(
            found,
            [
                (Metric::SleepDuration, Some(410.0), at("2026-10-31T17:30:00Z")),
                (Metric::SleepStage, Some(4.0), at("2026-10-31T17:30:00Z")),
                (Metric::SleepStage, Some(5.0), at("2026-10-31T18:00:00Z")),
            ]
        );
    }

    #[test]
    fn a_scale_that_lies_and_a_saturation_of_zero_percent_above_all_are_left_out() {
        let said = json!({"weight": [
            {"date": "2026-11-01", "time": "07:00:00", "weight": 72.5, "fat": 21.0, "source": "Aria"},
            {"date": "2026-11-01", "time": "07:01:00", "weight": 72500.0, "source": "Web"}]});
        let found: Vec<_> = weights(&said, &INDIA).iter().map(|p| (p.metric, p.value)).collect();
        assert_eq!(found, [(Metric::Weight, Some(72.5)), (Metric::BodyFat, Some(21.0))]);
        let said = json!({"minutes": [{"value": 95.5, "minute": "2026-11-01T02:00:00"}, {"value": 940, "minute": "2026-11-01T02:01:00"}]});
        assert_eq!(oxygen(&said, &INDIA).len(), 1);
        let odd = json!([1]);
        assert!(weights(&odd, &INDIA).is_empty() && oxygen(&odd, &INDIA).is_empty() && sleep(&odd, &INDIA).is_empty());
    }
}
