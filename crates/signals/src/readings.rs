//! Readings: added once, merged when the same source speaks again of the same moment, read by time.
use std::collections::{BTreeMap, HashSet};

use access::{Grant, Read, Write, data};
use chrono::{DateTime, Utc};
use kernel::{EncounterId, PatientId, ReadingId, Result};
use serde::{Deserialize, Serialize};
use store::{Sql, Tx, args, from_row, sql};
use uuid::Uuid;
use vault::{PatientKey, Row};

use crate::{Metric, codec, shelf};

/// What one bedside observation measured.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Measured {
    pub values: BTreeMap<Metric, f64>,
    /// Whether the patient breathes added oxygen.
    pub on_oxygen: Option<bool>,
    /// Level of consciousness, a word of ACVPU.
    pub consciousness: Option<String>,
    /// What the device says of its own measurement, such as `motion`.
    pub device_flags: Vec<String>,
}

/// One bedside observation.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    pub id: ReadingId,
    pub patient: PatientId,
    /// When it was measured, by the device's clock.
    pub at: DateTime<Utc>,
    /// The device key or account it came from.
    pub source: Uuid,
    pub encounter: Option<EncounterId>,
    pub received_at: DateTime<Utc>,
    pub measured: Measured,
}

/// The sealed part, format 1.
#[derive(Serialize, Deserialize)]
struct Body {
    values: Vec<(u16, f64)>,
    on_oxygen: Option<bool>,
    consciousness: Option<String>,
    device_flags: Vec<String>,
}

impl Measured {
    fn write(&self) -> Result<Vec<u8>> {
        codec::write(&Body {
            values: self.values.iter().map(|(m, v)| (m.code(), *v)).collect(),
            on_oxygen: self.on_oxygen,
            consciousness: self.consciousness.clone(),
            device_flags: self.device_flags.clone(),
        })
    }

    pub(crate) fn read(bytes: &[u8]) -> Result<Self> {
        let body: Body = codec::read(bytes)?;
        let known = body.values.into_iter().filter_map(|(code, value)| Some((Metric::from_code(code)?, value)));
        Ok(Self {
            values: known.collect(),
            on_oxygen: body.on_oxygen,
            consciousness: body.consciousness,
            device_flags: body.device_flags,
        })
    }

    /// What `newer` says, and what only this one says.
    pub(crate) fn merged_with(&self, newer: &Self) -> Self {
        let mut merged = self.clone();
        merged.values.extend(&newer.values);
        merged.on_oxygen = newer.on_oxygen.or(merged.on_oxygen);
        merged.consciousness = newer.consciousness.clone().or(merged.consciousness);
        let known: HashSet<_> = self.device_flags.iter().collect();
        merged.device_flags.extend(newer.device_flags.iter().filter(|f| !known.contains(f)).cloned());
        merged
    }
}

pub(crate) struct Stored {
    id: ReadingId,
    at: DateTime<Utc>,
    source: Uuid,
    encounter_id: Option<EncounterId>,
    received_at: DateTime<Utc>,
    sealed: Vec<u8>,
}
from_row!(Stored { id, at, source, encounter_id, received_at, sealed });

impl Stored {
    pub(crate) fn open(self, key: &PatientKey) -> Result<Reading> {
        Ok(Reading {
            id: self.id,
            patient: key.patient(),
            at: self.at,
            source: self.source,
            encounter: self.encounter_id,
            received_at: self.received_at,
            measured: Measured::read(&key.open(place(self.id), &self.sealed)?)?,
        })
    }
}

fn place(id: ReadingId) -> Row<'static> {
    Row { table: "readings", id: id.0 }
}

sql!(
    READING_ADD = "INSERT INTO readings (patient_id, at, source, id, encounter_id, received_at, sealed)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING id AS value"
);
sql!(
    READING_AT = "SELECT id, at, source, encounter_id, received_at, sealed FROM readings
    WHERE patient_id = $1 AND at = $2 AND source = $3"
);
sql!(READING_REPLACE = "UPDATE readings SET sealed = $4 WHERE patient_id = $1 AND at = $2 AND source = $3");
sql!(
    READINGS_RECENT = "SELECT id, at, source, encounter_id, received_at, sealed FROM readings
    WHERE patient_id = $1 AND at >= $3 AND at <= $4 ORDER BY at DESC, source DESC LIMIT $2"
);
sql!(
    READINGS_BETWEEN = "SELECT id, at, source, encounter_id, received_at, sealed FROM readings
    WHERE patient_id = $1 AND at < $2 AND (at, source) > ($3, $4) ORDER BY at, source LIMIT $5"
);

/// A reading to add, with the permission to.
pub struct NewReading<'a> {
    pub grant: &'a Grant<Write, data::Vitals>,
    pub key: &'a PatientKey,
    pub reading: Reading,
}

/// What became of a reading.
#[derive(Debug, Clone, PartialEq)]
pub enum Added {
    /// It is new.
    New(Reading),
    /// The same is stored already, under this id.
    Same(Reading),
    /// The same source had spoken of this moment before; both are one reading now.
    Merged(Reading),
}

impl Added {
    pub fn reading(&self) -> &Reading {
        match self {
            Self::New(reading) | Self::Same(reading) | Self::Merged(reading) => reading,
        }
    }
}

/// Adds readings, in order.
pub async fn add(tx: &mut Tx, readings: Vec<NewReading<'_>>) -> Result<Vec<Added>> {
    let shelved = shelf::meet(tx, &readings).await?;
    let mut rows = Vec::with_capacity(readings.len());
    for (NewReading { key, reading: r, .. }, _) in readings.iter().zip(&shelved).filter(|(_, met)| met.is_none()) {
        let sealed = key.seal(place(r.id), &r.measured.write()?)?;
        rows.push(args![r.patient, r.at, r.source, r.id, r.encounter, r.received_at, sealed]);
    }
    let new = tx.add_each(&READING_ADD, &rows, 3).await?;
    let mut added = Vec::with_capacity(readings.len());
    for (NewReading { key, reading, .. }, met) in readings.into_iter().zip(shelved) {
        added.push(match met {
            Some(met) => met,
            None if new.contains(&reading.id.0) => Added::New(reading),
            None => merge(tx, key, reading).await?,
        });
    }
    Ok(added)
}

async fn merge(tx: &mut Tx, key: &PatientKey, again: Reading) -> Result<Added> {
    let at = args![again.patient, again.at, again.source];
    let stored: Option<Stored> = tx.one(&READING_AT, at).await?;
    let stored =
        stored.ok_or_else(|| kernel::Error::conflict("the reading is being written by another; send it again"))?;
    let mut reading = stored.open(key)?;
    let merged = reading.measured.merged_with(&again.measured);
    if merged == reading.measured {
        return Ok(Added::Same(reading));
    }
    let sealed = key.seal(place(reading.id), &merged.write()?)?;
    tx.run(&READING_REPLACE, args![reading.patient, reading.at, reading.source, sealed]).await?;
    reading.measured = merged;
    Ok(Added::Merged(reading))
}

/// The newest readings of the grant's time, newest first.
pub async fn recent(
    sql: &mut impl Sql,
    grant: &Grant<Read, data::Vitals>,
    key: &PatientKey,
    limit: i64,
) -> Result<Vec<Reading>> {
    let (from, to) = grant.span().bounds();
    let stored: Vec<Stored> = sql.all(&READINGS_RECENT, args![grant.patient(), limit, from, to]).await?;
    let page = stored.into_iter().map(|s| s.open(key)).collect::<Result<Vec<_>>>()?;
    shelf::newest_with_shelved(sql, key, page, (from, to), limit.max(0) as usize).await
}

/// A place in a patient's history: the reading of this time and source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub at: DateTime<Utc>,
    pub source: Uuid,
}

impl Cursor {
    /// The place just before everything at this time.
    pub fn before(at: DateTime<Utc>) -> Self {
        // No time has a finer part than a microsecond, so nothing lies between the one before and this one.
        Self { at: at - chrono::TimeDelta::microseconds(1), source: Uuid::max() }
    }

    pub fn of(reading: &Reading) -> Self {
        Self { at: reading.at, source: reading.source }
    }
}

/// Readings after a place and before a time, oldest first; none of another time than the grant is for.
pub async fn between(
    sql: &mut impl Sql,
    grant: &Grant<Read, data::Vitals>,
    key: &PatientKey,
    after: Cursor,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Reading>> {
    let Some((from, before)) = grant.span().cut(after.at, before) else { return Ok(Vec::new()) };
    let after = if from > after.at { Cursor::before(from) } else { after };
    let args = args![grant.patient(), before, after.at, after.source, limit];
    let stored: Vec<Stored> = sql.all(&READINGS_BETWEEN, args).await?;
    let page = stored.into_iter().map(|s| s.open(key)).collect::<Result<Vec<_>>>()?;
    shelf::with_shelved(sql, key, page, after, before, limit.max(0) as usize).await
}
