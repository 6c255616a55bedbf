//! Every kind of record as each app writes it, and what it says as numbers.
use serde_json::{Value, json};
use signals::Metric;

use super::read::Reading;
use super::table::{KINDS, Shape, shape};
use super::*;
use crate::record::Header;

const START: &str = "2026-11-20T05:00:00Z";
const END: &str = "2026-11-20T05:10:00Z";

fn at(text: &str) -> chrono::DateTime<chrono::Utc> {
    crate::record::moment(text).unwrap()
}

fn reading(kind: &str, record: &Value) -> Reading {
    let from = at(START);
    let to = record.get("endTime").map_or(from, |_| at(END));
    let header = Header { id: "a".to_owned(), app: None, from, to, version: None, is_manual: false };
    read(kind, (&header, 3), record, at("2026-11-20T12:00:00Z"))
}

/// The values of a record that is read without a fault.
fn values(kind: &str, mut record: Value) -> Vec<(Metric, f64)> {
    let object = record.as_object_mut().unwrap();
    object.extend(json!({"startTime": START, "endTime": END}).as_object().unwrap().clone());
    let reading = reading(kind, &record);
    assert!(reading.left_out.is_empty(), "{kind}: {:?}", reading.left_out);
    reading.points.iter().map(|point| (point.metric, point.value.unwrap())).collect()
}

#[test]
fn both_ways_to_write_a_quantity_say_the_same() {
    for (kind, upstream, fork, metric, expected) in [
        (
            "ActiveCaloriesBurned",
            json!({"energy": {"inKilocalories": 120.5}}),
            json!({"energy": 120.5}),
            Metric::ActiveEnergy,
            120.5,
        ),
        (
            "TotalCaloriesBurned",
            json!({"energy": {"inKilojoules": 418.4}}),
            json!({"energy": 100.0}),
            Metric::TotalEnergy,
            100.0,
        ),
        (
            "BasalBodyTemperature",
            json!({"temperature": {"inFahrenheit": 97.7}}),
            json!({"temperature": 36.5}),
            Metric::BasalTemperature,
            36.5,
        ),
        (
            "BodyTemperature",
            json!({"temperature": {"inCelsius": 38.6}}),
            json!({"temperature": 38.6}),
            Metric::Temperature,
            38.6,
        ),
        (
            "BasalMetabolicRate",
            json!({"basalMetabolicRate": {"inKilocaloriesPerDay": 1600, "inWatts": 77.5}}),
            json!({"basalMetabolicRate": 1600}),
            Metric::MetabolicRate,
            1600.0,
        ),
        (
            "BloodGlucose",
            json!({"level": {"inMilligramsPerDeciliter": 90.091}}),
            json!({"level": 5.0}),
            Metric::Glucose,
            90.091,
        ),
        ("BodyFat", json!({"percentage": 21.5}), json!({"percentage": 21.5}), Metric::BodyFat, 21.5),
        ("OxygenSaturation", json!({"percentage": 97}), json!({"percentage": 97.0}), Metric::Spo2, 97.0),
        ("BoneMass", json!({"mass": {"inGrams": 3100}}), json!({"mass": 3.1}), Metric::BoneMass, 3.1),
        ("LeanBodyMass", json!({"mass": {"inKilograms": 55}}), json!({"mass": 55}), Metric::LeanMass, 55.0),
        ("BodyWaterMass", json!({"mass": {"inKilograms": 40}}), json!({"mass": 40}), Metric::WaterMass, 40.0),
        ("Distance", json!({"distance": {"inKilometers": 1.25}}), json!({"distance": 1250}), Metric::Distance, 1250.0),
        (
            "ElevationGained",
            json!({"elevation": {"inMeters": 12}}),
            json!({"elevation": 12}),
            Metric::ElevationGained,
            12.0,
        ),
        ("FloorsClimbed", json!({"floors": 4}), json!({"floors": 4.0}), Metric::Floors, 4.0),
        (
            "HeartRateVariabilityRmssd",
            json!({"heartRateVariabilityMillis": 42.5}),
            json!({"heartRateVariabilityMillis": 42.5}),
            Metric::HrvRmssd,
            42.5,
        ),
        ("Height", json!({"height": {"inMeters": 1.72}}), json!({"height": 1.72}), Metric::Height, 172.0),
        ("Weight", json!({"weight": {"inPounds": 150}}), json!({"weight": 68.0388555}), Metric::Weight, 68.0388555),
        ("Hydration", json!({"volume": {"inMilliliters": 250}}), json!({"volume": 0.25}), Metric::Hydration, 250.0),
        ("RespiratoryRate", json!({"rate": 15}), json!({"rate": 15.0}), Metric::RespRate, 15.0),
        (
            "RestingHeartRate",
            json!({"beatsPerMinute": 58}),
            json!({"beatsPerMinute": 58}),
            Metric::RestingHeartRate,
            58.0,
        ),
        ("Steps", json!({"count": 812}), json!({"count": 812}), Metric::Steps, 812.0),
        ("WheelchairPushes", json!({"count": 30}), json!({"count": 30}), Metric::WheelchairPushes, 30.0),
        (
            "Vo2Max",
            json!({"vo2MillilitersPerMinuteKilogram": 41.5}),
            json!({"vo2MillilitersPerMinuteKilogram": 41.5}),
            Metric::Vo2Max,
            41.5,
        ),
    ] {
        assert_eq!(values(kind, upstream), [(metric, expected)], "{kind}, unit objects");
        assert_eq!(values(kind, fork), [(metric, expected)], "{kind}, plain numbers");
    }
}

#[test]
fn samples_lie_at_their_own_times() {
    let sample = |kind: &str, member: &str, value: Value| {
        let at = "2026-11-20T05:00:10.5Z";
        let record = json!({"endTime": END, "samples": [{"time": at, member: value}]});
        let reading = reading(kind, &record);
        assert!(reading.left_out.is_empty(), "{kind}: {:?}", reading.left_out);
        let point = &reading.points[0];
        assert_eq!((point.from, point.to, point.version), (super::tests::at(at).timestamp_micros(), point.from, 3));
        (point.metric, point.value.unwrap())
    };
    assert_eq!(sample("HeartRate", "beatsPerMinute", json!(72)), (Metric::HeartRate, 72.0));
    assert_eq!(sample("CyclingPedalingCadence", "revolutionsPerMinute", json!(80.5)), (Metric::CyclingCadence, 80.5));
    assert_eq!(sample("StepsCadence", "rate", json!(110)), (Metric::StepsCadence, 110.0));
    assert_eq!(sample("Power", "power", json!({"inWatts": 210})), (Metric::Power, 210.0));
    assert_eq!(sample("Power", "power", json!(210)), (Metric::Power, 210.0));
    assert_eq!(sample("Speed", "speed", json!({"inKilometersPerHour": 36})), (Metric::Speed, 10.0));
    assert_eq!(sample("Speed", "speed", json!(10)), (Metric::Speed, 10.0));
}

#[test]
fn blood_pressure_is_two_values() {
    let both = [(Metric::BpSystolic, 128.0), (Metric::BpDiastolic, 82.0)];
    let of = |value: i64| json!({"inMillimetersOfMercury": value});
    assert_eq!(values("BloodPressure", json!({"systolic": of(128), "diastolic": of(82)})), both);
    assert_eq!(values("BloodPressure", json!({"systolic": 128, "diastolic": 82})), both);
}

#[test]
fn what_a_meal_does_not_say_comes_as_zeros_and_is_absent() {
    let none = |name: &str| json!({name: 0, "inKilograms": 0, "inGrams": 0});
    let upstream = json!({"energy": {"inKilocalories": 350}, "protein": {"inGrams": 12.5, "inKilograms": 0.0125},
        "zinc": none("inMilligrams"), "energyFromFat": {"inKilocalories": 0}, "name": "Poha", "mealType": 1});
    let eaten = [(Metric::EnergyIntake, 350.0), (Metric::Protein, 12.5)];
    assert_eq!(values("Nutrition", upstream), eaten);
    assert_eq!(values("Nutrition", json!({"energy": 350, "protein": 12.5, "sugar": 0, "iron": null})), eaten);
    assert_eq!(values("Nutrition", json!({"name": "Tea"})), []);
}

#[test]
fn a_night_has_its_stages_and_how_long_the_patient_slept() {
    let stage = |from: &str, to: &str, stage: i64| json!({"startTime": format!("2026-11-20T05:{from}Z"), "endTime": format!("2026-11-20T05:{to}Z"), "stage": stage});
    let stages = json!([stage("00:00", "02:00", 1), stage("02:00", "05:00", 4), stage("05:00", "10:00", 6)]);
    let night = values("SleepSession", json!({"stages": stages, "title": null}));
    assert_eq!(night.iter().map(|(_, value)| *value).collect::<Vec<_>>(), [1.0, 4.0, 6.0, 8.0]);
    assert_eq!(night[3].0, Metric::SleepDuration);
    assert_eq!(values("SleepSession", json!({})), [(Metric::SleepDuration, 10.0)]);
    assert_eq!(values("ExerciseSession", json!({"exerciseType": 56})), [(Metric::ExerciseTime, 10.0)]);
    assert_eq!(values("MindfulnessSession", json!({})), [(Metric::MindfulTime, 10.0)]);
}

#[test]
fn the_skin_says_the_difference_and_with_the_usual_the_temperature() {
    let deltas = json!([{"time": "2026-11-20T05:01:00Z", "delta": -0.5}]);
    let difference = (Metric::SkinTemperatureDelta, -0.5);
    assert_eq!(values("SkinTemperature", json!({"deltas": deltas})), [difference]);
    let with_usual = values("SkinTemperature", json!({"baseline": 34.0, "deltas": deltas}));
    assert_eq!(with_usual, [difference, (Metric::SkinTemperature, 33.5)]);
}

#[test]
fn a_bad_sample_is_named_and_the_others_are_kept() {
    let time = "2026-11-20T05:00:10Z";
    let samples = json!([{"time": time, "beatsPerMinute": 72}, {"time": time, "beatsPerMinute": 9999}, {"time": "x"},
        {"time": time}, {"time": time, "beatsPerMinute": "72"}, {"time": "2096-01-01T00:00:00Z", "beatsPerMinute": 70}]);
    let reading = reading("HeartRate", &json!({"samples": samples}));
    assert_eq!(reading.points.len(), 1);
    let named: Vec<&str> = reading.left_out.iter().map(|(member, _)| member.as_str()).collect();
    let bpm = |place: usize| format!("samples[{place}].beatsPerMinute");
    assert_eq!(named, [bpm(1), "samples[2].time".to_owned(), bpm(3), bpm(4), bpm(5)]);
}

#[test]
fn what_says_no_numbers_has_no_points() {
    for kind in
        ["CervicalMucus", "MenstruationFlow", "OvulationTest", "SexualActivity", "PlannedExerciseSession", "Novel"]
    {
        assert!(!measures(kind));
        let reading = reading(kind, &json!({"count": 7}));
        assert!(reading.points.is_empty() && reading.left_out.is_empty(), "{kind}");
    }
}

#[test]
fn every_unit_of_every_member_is_one_of_its_metric() {
    let mut seen = 0;
    for kind in KINDS {
        let members = match shape(kind).unwrap() {
            Shape::Values(members) | Shape::Meal(members) => members,
            Shape::Samples(member) => std::slice::from_ref(member),
            Shape::Sleep | Shape::Skin | Shape::Lasting(_) => &[],
        };
        for member in members {
            let (low, high) = member.metric.describe().possible;
            let own = (low + high) / 2.0;
            for unit in member.quantity.all_units() {
                // Some number of this unit is possible: the unit is known.
                let known = (-9..9).flat_map(|power| [10f64.powi(power), 37.0 * 10f64.powi(power)]);
                let known = known.chain([own]).any(|number| signals::convert(member.metric, number, unit).is_ok());
                assert!(known, "{kind}.{} in {unit}", member.name);
                seen += 1;
            }
        }
    }
    assert!(seen > 300, "{seen}");
}
