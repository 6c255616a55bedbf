//! The newest value of each vital, one sealed row a patient.
use std::collections::{HashMap, HashSet};

use access::{Grant, Read, Span, Write, data};
use chrono::{DateTime, Utc};
use kernel::{PatientId, Result};
use serde::{Deserialize, Serialize};
use store::{Answer, Sql, Tx, args, from_row, sql};
use uuid::Uuid;
use vault::{PatientKey, Row};

use crate::{Metric, Reading, codec};

/// A value with its time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    pub value: f64,
    pub at: DateTime<Utc>,
}

/// The newest values of one patient.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Latest {
    /// (metric code, microseconds since 1970, value), ordered by code.
    values: Vec<(u16, i64, f64)>,
    oxygen: Option<(i64, bool)>,
    consciousness: Option<(i64, String)>,
    newest: i64,
}

impl Latest {
    /// Takes what the reading has that is newer.
    pub fn fold(&mut self, reading: &Reading) {
        let at = reading.at.timestamp_micros();
        for (metric, value) in &reading.measured.values {
            match self.values.binary_search_by_key(&metric.code(), |(code, ..)| *code) {
                Ok(found) if self.values[found].1 <= at => self.values[found] = (metric.code(), at, *value),
                Ok(_) => {}
                Err(place) => self.values.insert(place, (metric.code(), at, *value)),
            }
        }
        if let Some(oxygen) = reading.measured.on_oxygen.filter(|_| self.oxygen.is_none_or(|(was, _)| was <= at)) {
            self.oxygen = Some((at, oxygen));
        }
        if let Some(state) = &reading.measured.consciousness
            && self.consciousness.as_ref().is_none_or(|(was, _)| *was <= at)
        {
            self.consciousness = Some((at, state.clone()));
        }
        self.newest = self.newest.max(at);
    }

    /// What of it was measured in this span.
    #[must_use]
    pub fn within(mut self, span: Span) -> Self {
        self.values.retain(|(_, at, _)| span.includes(time(*at)));
        self.oxygen = self.oxygen.filter(|(at, _)| span.includes(time(*at)));
        self.consciousness = self.consciousness.filter(|(at, _)| span.includes(time(*at)));
        if !span.includes(time(self.newest)) {
            self.newest = self.values.iter().map(|(_, at, _)| *at).max().unwrap_or_default();
        }
        self
    }

    pub fn get(&self, metric: Metric) -> Option<Sample> {
        let found = self.values.iter().find(|(code, ..)| *code == metric.code());
        found.map(|(_, at, value)| Sample { value: *value, at: time(*at) })
    }

    /// Every vital with its newest value.
    pub fn samples(&self) -> impl Iterator<Item = (Metric, Sample)> {
        let known = self.values.iter().filter_map(|(code, at, value)| Some((Metric::from_code(*code)?, *at, *value)));
        known.map(|(metric, at, value)| (metric, Sample { value, at: time(at) }))
    }

    pub fn on_oxygen(&self) -> Option<(bool, DateTime<Utc>)> {
        self.oxygen.map(|(at, on)| (on, time(at)))
    }

    pub fn consciousness(&self) -> Option<(&str, DateTime<Utc>)> {
        self.consciousness.as_ref().map(|(at, state)| (state.as_str(), time(*at)))
    }

    /// The time of the newest reading; none before the first.
    pub fn newest(&self) -> Option<DateTime<Utc>> {
        (!self.values.is_empty() || self.oxygen.is_some() || self.consciousness.is_some()).then(|| time(self.newest))
    }
}

fn time(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}

struct Stored {
    load_key: PatientId,
    sealed: Vec<u8>,
}
from_row!(Stored { load_key, sealed });

sql!(
    /// Locked in the order of the ids, so that two processes never wait for each other.
    LATEST_LOCK = "SELECT patient_id AS load_key, sealed FROM signal_latest WHERE patient_id = $1 ORDER BY patient_id FOR UPDATE"
);
sql!(
    /// Makes the row of a patient without readings and locks it; where another was faster, waits and reads what that one wrote.
    LATEST_BEGIN = "INSERT INTO signal_latest (patient_id, sealed) VALUES ($1, $2)
    ON CONFLICT (patient_id) DO UPDATE SET sealed = signal_latest.sealed RETURNING patient_id AS load_key, sealed"
);
sql!(LATEST_FORGET = "DELETE FROM signal_latest WHERE patient_id = $1");
sql!(LATEST_OF = "SELECT patient_id AS load_key, sealed FROM signal_latest WHERE patient_id = $1");
sql!(
    LATEST_PUT = "INSERT INTO signal_latest (patient_id, sealed) VALUES ($1, $2)
    ON CONFLICT (patient_id) DO UPDATE SET sealed = excluded.sealed"
);

fn place(patient: PatientId) -> Row<'static> {
    Row { table: "signal_latest", id: patient.0 }
}

/// The patient's newest values.
pub async fn latest(sql: &mut impl Sql, grant: &Grant<Read, data::Vitals>, key: &PatientKey) -> Result<Latest> {
    let stored: Option<Stored> = sql.one(&LATEST_OF, args![grant.patient()]).await?;
    let stored = stored.filter(|s| !s.sealed.is_empty());
    stored.map_or_else(|| Ok(Latest::default()), |s| codec::read(&key.open(place(grant.patient()), &s.sealed)?))
}

/// The newest values of the patients whose readings are about to be added; each patient's row stays locked until the transaction ends.
pub async fn lock_latest(tx: &mut Tx, keys: &[&PatientKey]) -> Result<HashMap<PatientId, Latest>> {
    let asked = ask_latest(tx, keys);
    locked_latest(tx, keys, asked).await
}

/// The first half of [`lock_latest`]: the question is sent, so that others can go with it.
pub fn ask_latest(tx: &mut Tx, keys: &[&PatientKey]) -> AskedLatest {
    AskedLatest(tx.all_each(&LATEST_LOCK, &patients(keys)))
}

/// Rows that are being locked.
pub struct AskedLatest(Answer<Vec<Stored>>);

/// The second half of [`lock_latest`], for the same keys.
pub async fn locked_latest(
    tx: &mut Tx,
    keys: &[&PatientKey],
    asked: AskedLatest,
) -> Result<HashMap<PatientId, Latest>> {
    let (patients, mut stored) = (patients(keys), asked.0.await?);
    let there: HashSet<Uuid> = stored.iter().map(|s| s.load_key.0).collect();
    let first: Vec<_> = patients.iter().filter(|p| !there.contains(*p)).map(|p| args![*p, Vec::<u8>::new()]).collect();
    stored.extend(tx.all_rows(&LATEST_BEGIN, &first).await?);
    let mut found = HashMap::with_capacity(keys.len());
    for stored in stored.into_iter().filter(|s| !s.sealed.is_empty()) {
        if let Some(key) = keys.iter().find(|k| k.patient() == stored.load_key) {
            found.insert(stored.load_key, codec::read(&key.open(place(stored.load_key), &stored.sealed)?)?);
        }
    }
    Ok(found)
}

/// Forgets the newest values of a patient who is erased.
pub async fn forget_latest(tx: &mut Tx, patient: PatientId) -> Result<()> {
    tx.run(&LATEST_FORGET, args![patient]).await?;
    Ok(())
}

fn patients(keys: &[&PatientKey]) -> Vec<Uuid> {
    keys.iter().map(|key| key.patient().0).collect()
}

/// Writes newest values by the end of the transaction, one entry a patient.
pub fn put_latest(tx: &mut Tx, changed: &[(&Grant<Write, data::Vitals>, &PatientKey, &Latest)]) -> Result<()> {
    let mut rows = Vec::with_capacity(changed.len());
    for (grant, key, latest) in changed {
        rows.push(args![grant.patient(), key.seal(place(grant.patient()), &codec::write(latest)?)?]);
    }
    tx.run_later(&LATEST_PUT, &rows);
    Ok(())
}
