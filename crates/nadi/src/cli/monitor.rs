//! `nadi monitor`: plays a bedside recording in, a row a reading, as a monitor does.
#![allow(clippy::disallowed_methods)] // Where the user's state is kept is asked of the environment.
use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use reqwest::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::Server;

#[derive(Args)]
pub struct Monitor {
    /// A CSV file with a header: `minute` or `timestamp`, and columns named as the vitals.
    #[arg(long)]
    csv: PathBuf,
    /// The patient's id.
    #[arg(long)]
    patient: String,
    /// Times faster than life: 60 plays a minute in a second; 0 plays as fast as the server answers.
    #[arg(long, default_value_t = 0.0)]
    speed: f64,
    /// When the recording begins; by default so that it ends now. Remembered, so that running again goes on.
    #[arg(long)]
    start: Option<DateTime<Utc>>,
    /// A device key or an access token.
    #[arg(long, env = "NADI_DEVICE_KEY", hide_env_values = true)]
    key: String,
    #[command(flatten)]
    server: Server,
}

/// Column names of recordings, and the vital each is. Where several give one vital, the first that has a value counts:
/// an arterial line is better than a cuff.
const COLUMNS: [(&str, &[&str]); 7] = [
    ("hr_bpm", &["hr_bpm", "heart_rate", "pulse_bpm"]),
    ("spo2_pct", &["spo2_pct", "spo2"]),
    ("temp_c", &["temp_c", "temperature"]),
    ("bp_systolic", &["bp_systolic", "abp_systolic", "nbp_systolic"]),
    ("bp_diastolic", &["bp_diastolic", "abp_diastolic", "nbp_diastolic"]),
    ("bp_mean", &["bp_mean", "abp_mean", "nbp_mean"]),
    ("resp_rate", &["resp_rate", "resp_rate_bpm", "respiratory_rate"]),
];

/// How far a recording was played. Kept beside the user's state, so that a run that was stopped goes on.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Progress {
    start: DateTime<Utc>,
    rows: usize,
}

struct Row {
    after: TimeDelta,
    at: Option<DateTime<Utc>>,
    vitals: Map<String, Value>,
}

#[derive(Default)]
struct Counts {
    stored: usize,
    known: usize,
    refused: usize,
    alerts: BTreeMap<String, usize>,
}

impl Monitor {
    pub async fn run(self) -> Result<ExitCode> {
        let rows = read(&self.csv)?;
        let state = state_file(&self)?;
        let mut progress = self.resume(&rows, &state)?;
        if progress.rows > 0 {
            eprintln!("going on after row {}", progress.rows);
        }
        let client = reqwest::Client::builder().timeout(Duration::from_secs(30)).build()?;
        let mut counts = Counts::default();
        let mut stop = Box::pin(tokio::signal::ctrl_c());
        for (number, row) in rows.iter().enumerate().skip(progress.rows) {
            tokio::select! {
                biased;
                _ = &mut stop => break,
                sent = self.send(&client, row, progress.start, &mut counts) => sent?,
            }
            progress.rows = number + 1;
            if progress.rows.is_multiple_of(50) || progress.rows == rows.len() {
                save(&state, &progress)?;
                show(&counts, progress.rows, rows.len());
            }
            tokio::select! {
                biased;
                _ = &mut stop => break,
                () = self.wait(row, rows.get(number + 1)) => {}
            }
        }
        save(&state, &progress)?;
        if std::io::stderr().is_terminal() {
            // The line that says how far it is stays as it was last.
            eprintln!();
        }
        println!(
            "{} of {} rows played: {} stored, {} known already, {} refused",
            progress.rows,
            rows.len(),
            counts.stored,
            counts.known,
            counts.refused
        );
        for (rule, times) in &counts.alerts {
            println!("{rule}: raised {}", if *times == 1 { "once".to_owned() } else { format!("{times} times") });
        }
        Ok(if counts.refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn resume(&self, rows: &[Row], state: &Path) -> Result<Progress> {
        let kept: Option<Progress> = std::fs::read(state).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let length = rows.last().map_or(TimeDelta::zero(), |row| row.after);
        let ends_now = || kernel::Clock::system().now() - length;
        let fresh = |start| Progress { start, rows: 0 };
        Ok(match (kept, self.start) {
            (Some(kept), Some(start)) if kept.start != start => fresh(start),
            // Played to its end before: the same rows again, which changes nothing.
            (Some(kept), _) if kept.rows >= rows.len() => fresh(kept.start),
            (Some(kept), _) => kept,
            (None, start) => fresh(start.unwrap_or_else(ends_now)),
        })
    }

    async fn send(&self, client: &reqwest::Client, row: &Row, start: DateTime<Utc>, counts: &mut Counts) -> Result<()> {
        if row.vitals.is_empty() {
            return Ok(());
        }
        let mut body = row.vitals.clone();
        body.insert("patient_id".into(), json!(self.patient));
        body.insert("timestamp".into(), json!(row.at.unwrap_or(start + row.after)));
        let url = format!("{}/vitals", self.server.url.trim_end_matches('/'));
        for attempt in 0.. {
            let sent = client.post(&url).bearer_auth(&self.key).json(&body).send().await;
            match sent {
                Ok(answer) if !answer.status().is_server_error() => return counts.add(answer).await,
                // A monitor waits for its server to come back; sending the same reading again changes nothing.
                Ok(_) | Err(_) if attempt < 60 => tokio::time::sleep(Duration::from_secs(1)).await,
                Ok(answer) => bail!("the server answers {}", answer.status()),
                Err(error) => return Err(error).with_context(|| format!("{url} does not answer")),
            }
        }
        Ok(())
    }

    async fn wait(&self, row: &Row, next: Option<&Row>) {
        let gap = next.map_or(TimeDelta::zero(), |next| next.after - row.after);
        if self.speed > 0.0 {
            let seconds = gap.as_seconds_f64().max(0.0) / self.speed;
            tokio::time::sleep(Duration::from_secs_f64(seconds.min(3600.0))).await;
        }
    }
}

impl Counts {
    async fn add(&mut self, answer: reqwest::Response) -> Result<()> {
        let status = answer.status();
        let body: Value = answer.json().await.unwrap_or_default();
        match status {
            StatusCode::CREATED => self.stored += 1,
            StatusCode::OK => self.known += 1,
            StatusCode::UNPROCESSABLE_ENTITY => {
                self.refused += 1;
                line(&format!("refused: {}", body["detail"].as_str().unwrap_or_default()));
            }
            other => bail!("the server answers {other}: {}", body["detail"].as_str().unwrap_or_default()),
        }
        for alert in body["data"]["alerts"].as_array().into_iter().flatten() {
            *self.alerts.entry(alert["type"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
            let said = |member: &str| alert[member].as_str().unwrap_or_default().to_owned();
            line(&format!("{}: {}", said("severity"), said("message")));
        }
        Ok(())
    }
}

/// Moves to the beginning of the line and clears it.
const ANEW: &str = "\r\x1b[K";

/// Says how far it is: on a terminal in one line that is written over, else once at the end.
fn show(counts: &Counts, done: usize, of: usize) {
    let so_far = format!("{done}/{of} rows, {} stored, {} known already", counts.stored, counts.known);
    if std::io::stderr().is_terminal() {
        eprint!("{ANEW}{so_far} ");
        let _ = std::io::stderr().flush();
    } else if done == of {
        eprintln!("{so_far}");
    }
}

/// Says something in a line of its own.
fn line(text: &str) {
    let anew = if std::io::stderr().is_terminal() { ANEW } else { "" };
    eprintln!("{anew}{text}");
}

fn read(path: &Path) -> Result<Vec<Row>> {
    let mut reader = csv::Reader::from_path(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let headers = reader.headers()?.clone();
    let place = |name: &str| headers.iter().position(|h| h == name);
    let (minute, timestamp) = (place("minute"), place("timestamp"));
    if minute.is_none() && timestamp.is_none() {
        bail!("{} has neither a column minute nor timestamp", path.display());
    }
    let columns: Vec<(&str, Vec<usize>)> =
        COLUMNS.iter().map(|(vital, names)| (*vital, names.iter().filter_map(|n| place(n)).collect())).collect();
    let mut rows: Vec<Row> = Vec::new();
    for (number, record) in reader.records().enumerate() {
        let record = record?;
        let wrong = |what: &str| anyhow::anyhow!("row {}: {what}", number + 1);
        let at = match timestamp.and_then(|i| record.get(i)) {
            Some(text) => Some(text.parse::<DateTime<Utc>>().map_err(|_| wrong("timestamp is not RFC 3339"))?),
            None => None,
        };
        let after = match minute.and_then(|i| record.get(i)) {
            Some(text) => TimeDelta::milliseconds(
                (text.parse::<f64>().map_err(|_| wrong("minute is not a number"))? * 60_000.0) as i64,
            ),
            None => at.zip(rows.first().and_then(|r| r.at)).map_or(TimeDelta::zero(), |(at, first)| at - first),
        };
        let mut vitals = Map::new();
        for (vital, places) in &columns {
            let first = places.iter().filter_map(|i| record.get(*i)).find(|text| !text.is_empty());
            if let Some(text) = first {
                vitals.insert(
                    (*vital).to_owned(),
                    json!(text.parse::<f64>().map_err(|_| wrong(&format!("{vital} is not a number")))?),
                );
            }
        }
        rows.push(Row { after, at, vitals });
    }
    Ok(rows)
}

/// Where the progress of this recording for this patient is kept.
fn state_file(monitor: &Monitor) -> Result<PathBuf> {
    let from = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let home = from("XDG_STATE_HOME").or_else(|| from("HOME").map(|home| home.join(".local/state")));
    let directory = home.unwrap_or_else(std::env::temp_dir).join("nadi");
    std::fs::create_dir_all(&directory).with_context(|| format!("{} cannot be made", directory.display()))?;
    let csv = std::fs::canonicalize(&monitor.csv).unwrap_or_else(|_| monitor.csv.clone());
    let name = format!("{}\n{}\n{}", csv.display(), monitor.patient, monitor.server.url);
    let digest: String = vault::sha256(name.as_bytes()).iter().take(8).map(|b| format!("{b:02x}")).collect();
    Ok(directory.join(format!("monitor-{digest}.json")))
}

fn save(state: &Path, progress: &Progress) -> Result<()> {
    std::fs::write(state, serde_json::to_vec(progress)?)
        .with_context(|| format!("{} cannot be written", state.display()))
}
