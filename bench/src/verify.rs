//! What is gone: every acknowledgement held against what the server still has.

use crate::api::Api;
use crate::load::{Acknowledged, What};
use crate::server::{Recipe, Server};
use crate::ward::{Ward, unix_micros};
use anyhow::{Context, Result, bail};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Acknowledged and no longer there.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Gone {
    pub readings: usize,
    pub alerts: usize,
    pub audit_entries: usize,
}

/// A span of Unix microseconds during which the load ran. Only audit entries from such spans count, so that the looks
/// this check takes itself cannot stand in for lost ones.
#[derive(Clone, Copy)]
pub struct Span {
    pub from: i64,
    pub to: i64,
}

#[derive(Deserialize)]
struct Entry {
    at: DateTime<Utc>,
    action: String,
    patient_id: Option<Uuid>,
}

impl Gone {
    pub fn nothing(self) -> bool {
        self == Gone::default()
    }
}

impl std::ops::Add for Gone {
    type Output = Gone;

    fn add(self, other: Gone) -> Gone {
        Gone {
            readings: self.readings + other.readings,
            alerts: self.alerts + other.alerts,
            audit_entries: self.audit_entries + other.audit_entries,
        }
    }
}

impl std::fmt::Display for Gone {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "gone: {} readings, {} alerts, {} audit entries", self.readings, self.alerts, self.audit_entries)
    }
}

/// Counts what is gone. Stops the server, because the audit is read with the server's own command on its data.
pub async fn gone(
    recipe: &Recipe,
    server: &mut Server,
    ward: &Ward,
    done: &[&Acknowledged],
    spans: &[Span],
) -> Result<Gone> {
    let mut nurse = Ward::nurse(server.listen).await?;
    let readings = readings_gone(&mut nurse, ward, done, spans).await?;
    let alerts = alerts_gone(&mut nurse, ward, done).await?;
    server.stop()?;
    verify_audit(recipe)?;
    Ok(Gone { readings, alerts, audit_entries: audit_gone(recipe, ward, done, spans)? })
}

async fn readings_gone(nurse: &mut Api, ward: &Ward, done: &[&Acknowledged], spans: &[Span]) -> Result<usize> {
    let mut expected: HashMap<usize, HashSet<Uuid>> = HashMap::new();
    for acknowledged in done {
        if let What::Reading { id, .. } = &acknowledged.what {
            expected.entry(acknowledged.patient).or_default().insert(*id);
        }
    }
    let from = spans.iter().map(|span| span.from).min().unwrap_or_default();
    let (from, to) = (rfc3339(from - 1_000_000), rfc3339(unix_micros() + 3_600_000_000));
    let mut gone = 0;
    for (patient, ids) in expected {
        let path = format!("/patients/{}/vitals?from={from}&to={to}&limit=1000", ward.patients[patient].id);
        let mut kept = HashSet::new();
        for reading in pages(nurse, &path, "readings").await? {
            kept.insert(reading["id"].as_str().unwrap_or_default().parse::<Uuid>().context("a reading without an id")?);
        }
        gone += ids.difference(&kept).count();
    }
    Ok(gone)
}

/// An alert named in n answers must exist, and must have been repeated n - 1 times or more.
async fn alerts_gone(nurse: &mut Api, ward: &Ward, done: &[&Acknowledged]) -> Result<usize> {
    let mut named: HashMap<usize, HashMap<Uuid, u64>> = HashMap::new();
    for acknowledged in done {
        if let What::Reading { alerts, .. } = &acknowledged.what {
            for alert in alerts {
                *named.entry(acknowledged.patient).or_default().entry(*alert).or_default() += 1;
            }
        }
    }
    let mut gone = 0;
    for (patient, alerts) in named {
        let path = format!("/encounters/{}/alerts", ward.patients[patient].encounter);
        let mut kept: HashMap<Uuid, u64> = HashMap::new();
        for alert in pages(nurse, &path, "alerts").await? {
            let id = alert["id"].as_str().unwrap_or_default().parse().context("an alert without an id")?;
            kept.insert(id, alert["repeats"].as_u64().unwrap_or_default());
        }
        gone += alerts.iter().filter(|(id, times)| kept.get(id).is_none_or(|repeats| repeats + 1 < **times)).count();
    }
    Ok(gone)
}

/// All items of a list, page after page.
async fn pages(api: &mut Api, path: &str, items: &str) -> Result<Vec<Value>> {
    let mut all = Vec::new();
    let mut next = path.to_owned();
    loop {
        let mut page = api.get(&next).await?;
        let Value::Array(some) = page["data"][items].take() else {
            bail!("{path} answered no data.{items}");
        };
        all.extend(some);
        let Some(cursor) = page["next_cursor"].as_str() else {
            return Ok(all);
        };
        let joint = if path.contains('?') { '&' } else { '?' };
        next = format!("{path}{joint}cursor={}", escaped(cursor));
    }
}

fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { (byte as char).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn verify_audit(recipe: &Recipe) -> Result<()> {
    let output = recipe.command("audit").arg("verify").arg("--data").arg(&recipe.data).output()?;
    if !output.status.success() {
        bail!(
            "the audit chain is broken: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(())
}

fn audit_gone(recipe: &Recipe, ward: &Ward, done: &[&Acknowledged], spans: &[Span]) -> Result<usize> {
    let output = recipe.command("audit").arg("list").arg("--data").arg(&recipe.data).arg("--json").output()?;
    if !output.status.success() {
        bail!("nadi audit list failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let mut entries = Vec::new();
    for line in output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        entries.push(serde_json::from_slice::<Entry>(line).context("an audit entry that is not as documented")?);
    }
    let (posted, looked) = names(&entries, ward)?;
    let mut kept: HashMap<(Uuid, &str), i64> = HashMap::new();
    for entry in &entries {
        let at = entry.at.timestamp_micros();
        if let Some(patient) = entry.patient_id
            && spans.iter().any(|span| span.from <= at && at <= span.to)
        {
            *kept.entry((patient, &entry.action)).or_default() += 1;
        }
    }
    let mut expected: HashMap<(Uuid, &str), i64> = HashMap::new();
    for acknowledged in done {
        let action = if matches!(acknowledged.what, What::Read) { &looked } else { &posted };
        *expected.entry((ward.patients[acknowledged.patient].id, action)).or_default() += 1;
    }
    let missing = expected.iter().map(|(key, count)| count - kept.get(key).copied().unwrap_or_default());
    Ok(missing.filter(|count| *count > 0).sum::<i64>() as usize)
}

/// What the audit calls a reading and a look, told from the three spare patients.
fn names(entries: &[Entry], ward: &Ward) -> Result<(String, String)> {
    let actions = |patient: Uuid| -> HashSet<&str> {
        entries.iter().filter(|entry| entry.patient_id == Some(patient)).map(|entry| entry.action.as_str()).collect()
    };
    let [measured, looked_at, untouched] = [0, 1, 2].map(|spare: usize| actions(ward.spare[spare].id));
    let only = |some: &HashSet<&str>| some.difference(&untouched).next().map(|action| (*action).to_owned());
    let posted = only(&measured).context("the audit has no entry for an acknowledged reading")?;
    let looked = only(&looked_at).context("the audit has no entry for an acknowledged read")?;
    Ok((posted, looked))
}

fn rfc3339(micros: i64) -> String {
    let at = DateTime::from_timestamp_micros(micros).unwrap_or_default();
    at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}
