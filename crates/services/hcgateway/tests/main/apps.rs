//! The two apps: how each reads the phone's store, writes its records down, and sends them.
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::Phone;
use crate::health_connect::{HealthConnect, Record, Said, five};

/// Every kind that the older app asks for, in its order.
const ALL: &[&str] = &[
    "ActiveCaloriesBurned",
    "BasalBodyTemperature",
    "BloodGlucose",
    "BloodPressure",
    "BasalMetabolicRate",
    "BodyFat",
    "BodyTemperature",
    "BoneMass",
    "CyclingPedalingCadence",
    "CervicalMucus",
    "ExerciseSession",
    "Distance",
    "ElevationGained",
    "FloorsClimbed",
    "HeartRate",
    "Height",
    "Hydration",
    "LeanBodyMass",
    "MenstruationFlow",
    "MenstruationPeriod",
    "Nutrition",
    "OvulationTest",
    "OxygenSaturation",
    "Power",
    "RespiratoryRate",
    "RestingHeartRate",
    "SleepSession",
    "Speed",
    "Steps",
    "StepsCadence",
    "TotalCaloriesBurned",
    "Vo2Max",
    "Weight",
    "WheelchairPushes",
];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AppKind {
    /// Unit objects, whole metadata; three kinds one record a request, the others as lists, also when empty.
    Upstream,
    /// Plain numbers, `{id, dataOrigin}`; always lists, none for a kind without records.
    Fork,
}

impl AppKind {
    /// One run of the app: everything of the last 29 days. Answers how many records the gateway said it keeps.
    pub async fn run(self, phone: &Phone, store: &HealthConnect, now: DateTime<Utc>) -> usize {
        let (mut kept, since) = (0, now - TimeDelta::days(29));
        for kind in ALL {
            let records: Vec<Value> = store.read(kind, since).into_iter().map(|record| self.write(record)).collect();
            let alone = self == Self::Upstream && ["HeartRate", "SleepSession", "Speed"].contains(kind);
            let bodies = match (self, alone) {
                (_, true) => records,
                (Self::Fork, _) if records.is_empty() => Vec::new(),
                _ => vec![records.into()],
            };
            for body in bodies {
                let answer = phone.sync(kind, body).await.expect(200);
                assert_eq!((&answer["success"], &answer["skipped"]), (&json!(true), &json!(0)), "{kind}: {answer}");
                kept += answer["count"].as_u64().expect("a count") as usize;
            }
        }
        kept
    }

    /// A record as this app writes it.
    pub fn write(self, record: &Record) -> Value {
        let mut written = match self {
            Self::Upstream => upstream(record),
            Self::Fork => fork(record),
        };
        let members = written.as_object_mut().expect("an object");
        let time = |at: DateTime<Utc>| json!(at.to_rfc3339_opts(SecondsFormat::AutoSi, true));
        match record.said {
            Said::Weight(_) | Said::Pressure(..) | Said::Mucus(_) => {
                members.insert("time".into(), time(record.from));
            }
            _ => {
                members.insert("startTime".into(), time(record.from));
                members.insert("endTime".into(), time(record.to));
            }
        }
        members.insert("metadata".into(), self.metadata(record));
        written
    }

    fn metadata(self, record: &Record) -> Value {
        let app = "com.sec.android.app.shealth";
        match self {
            Self::Upstream => {
                json!({"id": record.id, "clientRecordId": null, "clientRecordVersion": 0, "dataOrigin": app,
                "lastModifiedTime": record.modified.to_rfc3339_opts(SecondsFormat::Millis, true), "device": null,
                "recordingMethod": 2})
            }
            Self::Fork => json!({"id": record.id, "dataOrigin": app}),
        }
    }
}

fn samples(record: &Record, beats: &[i64]) -> Vec<Value> {
    let sample = |(bpm, place): (&i64, i32)| json!({"time": record.from + five(place), "beatsPerMinute": bpm});
    beats.iter().zip(0..).map(sample).collect()
}

fn stages(record: &Record, stages: &[i64]) -> Vec<Value> {
    let half = |place: i64| record.from + TimeDelta::minutes(30 * place);
    let stage = |(stage, place)| json!({"startTime": half(place), "endTime": half(place + 1), "stage": stage});
    stages.iter().zip(0..).map(stage).collect()
}

fn mass(grams: f64) -> Value {
    json!({"inGrams": grams, "inKilograms": grams / 1e3, "inMilligrams": grams * 1e3, "inMicrograms": grams * 1e6,
        "inOunces": grams / 28.349523125, "inPounds": grams / 453.59237})
}

fn energy(kilocalories: f64) -> Value {
    json!({"inCalories": kilocalories * 1e3, "inJoules": kilocalories * 4184.0, "inKilocalories": kilocalories,
        "inKilojoules": kilocalories * 4.184})
}

fn pressure(value: i64) -> Value {
    json!({"inMillimetersOfMercury": value})
}

fn upstream(record: &Record) -> Value {
    match &record.said {
        Said::Steps(count) => json!({"count": count}),
        Said::Distance(m) => json!({"distance": {"inMeters": m, "inKilometers": m / 1e3, "inMiles": m / 1609.344,
            "inInches": m / 0.0254, "inFeet": m / 0.3048}}),
        Said::Beats(beats) => json!({"samples": samples(record, beats)}),
        Said::Weight(kilograms) => json!({"weight": mass(kilograms * 1e3)}),
        Said::Pressure(high, low) => {
            json!({"systolic": pressure(*high), "diastolic": pressure(*low), "bodyPosition": 2,
            "measurementLocation": 3})
        }
        Said::Night(night) => json!({"stages": stages(record, night), "title": null, "notes": null}),
        // What a meal does not say comes as zeros.
        Said::Meal(eaten, protein) => json!({"energy": energy(*eaten), "protein": mass(*protein), "sugar": mass(0.0),
            "energyFromFat": energy(0.0), "zinc": mass(0.0), "name": "Lunch", "mealType": 2}),
        Said::Mucus(sensation) => json!({"appearance": 1, "sensation": sensation}),
    }
}

fn fork(record: &Record) -> Value {
    match &record.said {
        Said::Steps(count) => json!({"count": count}),
        Said::Distance(metres) => json!({"distance": metres}),
        Said::Beats(beats) => json!({"samples": samples(record, beats)}),
        Said::Weight(kilograms) => json!({"weight": kilograms}),
        Said::Pressure(high, low) => {
            json!({"systolic": high, "diastolic": low, "bodyPosition": 2, "measurementLocation": 3})
        }
        Said::Night(night) => json!({"stages": stages(record, night)}),
        Said::Meal(eaten, protein) => json!({"energy": eaten, "protein": protein, "name": "Lunch", "mealType": 2}),
        Said::Mucus(sensation) => json!({"appearance": 1, "sensation": sensation}),
    }
}
