//! A real recording of intensive care, as a wearable's batch and as readings at the bedside.
use std::path::{Path, PathBuf};

use chrono::{SecondsFormat, TimeDelta};
use serde_json::{Value, json};
use testkit::both;

use crate::{BAND, SYNC, people};

/// The recording; none where it is not, which is said aloud.
fn recording() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/data/icu-s00001.csv");
    let found = Some(beside).filter(|path| path.exists());
    if found.is_none() {
        eprintln!("SKIPPED: the recording icu-s00001.csv is not beside the project");
    }
    found
}

/// What is played: the column, the vital of the ward, the metric of a wearable.
const COLUMNS: [(&str, &str, &str); 3] =
    [("hr_bpm", "hr_bpm", "heart_rate"), ("spo2_pct", "spo2_pct", "spo2"), ("resp_rate", "resp_rate", "resp_rate")];

fn rows(path: &Path, minutes: usize) -> Vec<(i64, Vec<Option<f64>>)> {
    let text = std::fs::read_to_string(path).expect("a readable file");
    let mut lines = text.lines();
    let head: Vec<&str> = lines.next().expect("a head").split(',').collect();
    let places = COLUMNS.map(|(name, ..)| head.iter().position(|known| *known == name).expect("a column"));
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        (cells[0].parse().expect("a minute"), places.iter().map(|place| cells[*place].parse().ok()).collect())
    };
    lines.map(row).filter(|(_, values): &(i64, Vec<_>)| values.iter().any(Option::is_some)).take(minutes).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_recording_gives_the_same_history_whichever_way_it_comes() {
    let Some(path) = recording() else { return };
    let rows = rows(&path, 240);
    both(|t| {
        let rows = rows.clone();
        async move {
            let p = people(&t).await;
            p.band().await;
            // Long enough ago that a wearable's batch is history, and not judged.
            let begin = p.now - TimeDelta::days(3);
            let at = |minute: i64| (begin + TimeDelta::minutes(minute)).to_rfc3339_opts(SecondsFormat::Micros, true);
            let mut points = Vec::new();
            for (minute, values) in &rows {
                let mut reading = json!({"patient_id": p.patient(), "timestamp": at(*minute)});
                for ((_, vital, metric), value) in COLUMNS.iter().zip(values) {
                    let Some(value) = value else { continue };
                    reading[vital] = json!(value);
                    points.push(json!({"metric_type": metric, "value": value, "timestamp": at(*minute)}));
                }
                p.w.nurse.post("/vitals", reading).await.expect(201);
            }
            let sent = points.len();
            let synced = p.lata.post(SYNC, json!({"device_id": BAND, "data_points": points})).await.expect(201);
            assert_eq!(synced["synced_count"], sent);
            for (_, vital, metric) in COLUMNS {
                let from_band = series(
                    &p.lata,
                    &format!("/api/v1/wearables/data/history?metric_type={metric}&limit=1000"),
                    |body| {
                        let points = body["points"].as_array().expect("points").iter();
                        points.map(|point| (point["timestamp"].clone(), point["value"].clone())).collect()
                    },
                )
                .await;
                let at_bedside = series(&p.lata, &format!("/patients/{}/vitals?limit=1000", p.patient()), |body| {
                    let readings = body["data"]["readings"].as_array().expect("readings").iter();
                    let of_vital = readings.filter(|reading| !reading[vital].is_null());
                    of_vital.map(|reading| (reading["timestamp"].clone(), reading[vital].clone())).collect()
                })
                .await;
                assert!(!from_band.is_empty(), "{metric}");
                assert_eq!(from_band, at_bedside, "{metric}");
            }
        }
    })
    .await;
}

async fn series(
    caller: &testkit::Client,
    path: &str,
    read: impl Fn(&Value) -> Vec<(Value, Value)>,
) -> Vec<(chrono::DateTime<chrono::Utc>, f64)> {
    let found = read(&caller.get(path).await.expect(200));
    let plain =
        |(at, value): (Value, Value)| (crate::text(&at).parse().expect("a time"), value.as_f64().expect("a value"));
    found.into_iter().map(plain).collect()
}
