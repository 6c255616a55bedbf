//! `nadi monitor` plays a bedside recording in: every row once, however often it is stopped and started.
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use chrono::TimeDelta;
use serde_json::Value;
use testkit::{TestApp, Ward, both};

use crate::program::{Running, nadi, said};
use crate::{readings, shared, until};

/// A ward with a monitor's key, and a place for what the player remembers.
struct Bedside {
    ward: Ward,
    key: String,
    start: String,
    home: tempfile::TempDir,
    base: String,
}

impl Bedside {
    async fn new(t: &TestApp, rows: usize) -> Self {
        let ward = t.ward().await;
        let key = t.monitor(&ward.hospital).await.token.expect("a key");
        let start = (t.clock.now() - TimeDelta::minutes(rows as i64 + 1)).to_rfc3339();
        Self { ward, key, start, home: tempfile::tempdir().expect("a folder"), base: t.base.clone() }
    }

    fn play(&self, csv: &Path, more: &[&str]) -> Command {
        let csv = csv.display().to_string();
        let arguments = [
            "monitor",
            "--csv",
            &csv,
            "--patient",
            self.ward.patient_id(),
            "--url",
            &self.base,
            "--start",
            &self.start,
        ];
        let mut command = nadi(self.home.path(), &[arguments.as_slice(), more].concat());
        command.env("NADI_DEVICE_KEY", &self.key);
        command
    }

    /// Plays to the end, and answers what was said.
    async fn play_all(&self, csv: &Path) -> String {
        let mut command = self.play(csv, &[]);
        let played = tokio::task::spawn_blocking(move || command.output()).await.expect("no panic").expect("it runs");
        let said = said(&played);
        assert!(played.status.success(), "{said}");
        said
    }

    async fn readings(&self) -> Vec<Value> {
        readings(&self.ward.nurse, self.ward.patient_id()).await
    }

    async fn alerts(&self) -> Vec<Value> {
        let path = format!("/encounters/{}/alerts?limit=1000", self.ward.encounter_id());
        self.ward.nurse.get(&path).await.expect(200)["data"]["alerts"].as_array().expect("a list").clone()
    }
}

/// The rows of a recording that hold a value which the program takes.
fn rows_with_values(csv: &Path) -> (usize, usize) {
    let mut reader = csv::Reader::from_path(csv).expect("a recording");
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    (rows.len(), rows.iter().filter(|row| row.iter().skip(1).any(|value| !value.is_empty())).count())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_recording_raises_what_a_clinician_would_and_nothing_twice() {
    both(|t| async move {
        let Some(csv) = shared("data/icu-s00001.csv") else { return };
        let (rows, measured) = rows_with_values(&csv);
        let bedside = Bedside::new(&t, rows).await;
        let said = bedside.play_all(&csv).await;
        let stored = bedside.readings().await;
        assert_eq!(stored.len(), measured, "{said}");
        assert!(
            said.contains(&format!("{rows} of {rows} rows played: {measured} stored, 0 known already, 0 refused")),
            "{said}"
        );
        let times: BTreeSet<String> = stored.iter().map(|r| r["timestamp"].to_string()).collect();
        assert_eq!(times.len(), stored.len());
        let alerts = bedside.alerts().await;
        let rules: BTreeSet<&str> = alerts.iter().filter_map(|a| a["type"].as_str()).collect();
        assert_eq!(rules, BTreeSet::from(["BRADYCARDIA", "BRADYPNEA"]));
        for rule in ["BRADYCARDIA", "BRADYPNEA"] {
            assert!(said.contains(&format!("{rule}: raised")), "{said}");
            let open = alerts.iter().filter(|a| a["type"] == rule && a["status"] == "open").count();
            assert!(open <= 1, "{open} open alerts of {rule}");
        }
        let again = bedside.play_all(&csv).await;
        assert!(again.contains(&format!("0 stored, {measured} known already, 0 refused")), "{again}");
        assert!(!again.contains("raised"), "{again}");
        assert_eq!(bedside.readings().await, stored);
        assert_eq!(bedside.alerts().await, alerts);
    })
    .await;
}

/// A recording of this many minutes.
fn recording(home: &Path, minutes: usize) -> PathBuf {
    let rows: String = (0..minutes).map(|minute| format!("{minute},{}\n", 60 + minute % 40)).collect();
    let path = home.join("recording.csv");
    std::fs::write(&path, format!("minute,hr_bpm\n{rows}")).expect("a file");
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn stopped_half_way_and_started_again_each_row_is_stored_once() {
    both(|t| async move {
        let bedside = Bedside::new(&t, 300).await;
        let csv = recording(bedside.home.path(), 300);
        // Slow enough that it is stopped on the way: a row every ten milliseconds at best.
        let playing = Running::start(bedside.play(&csv, &["--speed", "6000"]));
        until("some rows are in", || async { bedside.readings().await.len() >= 25 }).await;
        playing.signal("INT");
        let (status, words) = playing.end().await;
        assert!(status.success(), "{words}");
        let before = bedside.readings().await.len();
        assert!((25..300).contains(&before), "{before} rows: it was not stopped half-way");
        assert!(words.contains("of 300 rows played"), "{words}");
        let words = bedside.play_all(&csv).await;
        assert!(words.contains("going on after row"), "{words}");
        let stored = bedside.readings().await;
        assert_eq!(stored.len(), 300, "{words}");
        let rates: Vec<f64> = stored.iter().map(|r| r["hr_bpm"].as_f64().expect("a number")).collect();
        assert_eq!(rates, (0..300).map(|minute| f64::from(60 + minute % 40)).collect::<Vec<_>>());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_without_a_word_it_still_stores_each_row_once() {
    both(|t| async move {
        let bedside = Bedside::new(&t, 200).await;
        let csv = recording(bedside.home.path(), 200);
        let playing = Running::start(bedside.play(&csv, &["--speed", "6000"]));
        until("some rows are in", || async { bedside.readings().await.len() >= 60 }).await;
        playing.signal("KILL");
        playing.end().await;
        bedside.play_all(&csv).await;
        let stored = bedside.readings().await;
        let times: BTreeSet<String> = stored.iter().map(|r| r["timestamp"].to_string()).collect();
        assert_eq!((stored.len(), times.len()), (200, 200));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_player_that_waits_for_the_next_minute_stops_when_told() {
    both(|t| async move {
        let bedside = Bedside::new(&t, 10).await;
        let csv = recording(bedside.home.path(), 10);
        let playing = Running::start(bedside.play(&csv, &["--speed", "1"]));
        until("the first row is in", || async { bedside.readings().await.len() == 1 }).await;
        playing.signal("INT");
        let (status, words) = playing.end().await;
        assert!(status.success() && words.contains("1 of 10 rows played"), "{words}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_played_is_said_in_a_sentence() {
    both(|t| async move {
        let bedside = Bedside::new(&t, 10).await;
        let file = |name: &str, text: &str| {
            let path = bedside.home.path().join(name);
            std::fs::write(&path, text).expect("a file");
            path
        };
        for (csv, words) in [
            (bedside.home.path().join("absent.csv"), "cannot be read"),
            (file("a.csv", "hr_bpm\n70\n"), "neither a column minute nor timestamp"),
            (file("b.csv", "minute,hr_bpm\n0,fast\n"), "row 1: hr_bpm is not a number"),
            (file("c.csv", "timestamp,hr_bpm\nnoon,70\n"), "row 1: timestamp is not RFC 3339"),
        ] {
            let (status, said) = Running::start(bedside.play(&csv, &[])).end().await;
            assert!(!status.success() && said.contains(words) && !said.contains("panicked"), "{said}");
        }
        // A value that cannot be is refused by the server, and the rest is played.
        let csv = file("d.csv", "minute,hr_bpm,spo2_pct\n0,70,98\n1,70,140\n2,71,97\n");
        let (status, said) = Running::start(bedside.play(&csv, &[])).end().await;
        assert!(!status.success() && said.contains("2 stored, 0 known already, 1 refused"), "{said}");
        assert!(said.contains("spo2_pct"), "{said}");
        // A key of nobody is told so at once.
        let mut stranger = bedside.play(&file("e.csv", "minute,hr_bpm\n0,70\n"), &[]);
        stranger.env("NADI_DEVICE_KEY", "nadi_dk_0_nonsense");
        let (status, said) = Running::start(stranger).end().await;
        assert!(!status.success() && said.contains("401"), "{said}");
    })
    .await;
}
