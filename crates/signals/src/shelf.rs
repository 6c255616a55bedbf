//! Bedside readings of long ago: those of one hour lie together on a shelf, sealed in one row.
use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{EncounterId, Error, PatientId, ReadingId, Result};
use serde::{Deserialize, Serialize};
use store::{Sql, Tx, args, from_row, sql};
use uuid::Uuid;
use vault::{PatientKey, Row};

use crate::readings::Stored as ReadingRow;
use crate::{Added, Cursor, Measured, Metric, NewReading, Reading, codec, lock_latest, pack};

/// Readings this old are put on shelves. Nothing younger is ever on one.
pub const SHELVED_AFTER: TimeDelta = TimeDelta::days(7);
const HOUR: i64 = 3_600_000_000;
/// Readings on one shelf at most; an hour with more of them stays as it is.
const SHELF: usize = 4_096;
/// Shelves opened at a time.
const SHELVES: i64 = 8;

/// A reading on a shelf; its patient is the shelf's.
#[derive(Serialize, Deserialize)]
pub(crate) struct Kept {
    at: i64,
    source: [u8; 16],
    id: [u8; 16],
    encounter: Option<[u8; 16]>,
    received_at: i64,
    values: Vec<(u16, f64)>,
    on_oxygen: Option<bool>,
    consciousness: Option<String>,
    device_flags: Vec<String>,
}

impl Kept {
    fn of(reading: &Reading) -> Self {
        Self {
            at: reading.at.timestamp_micros(),
            source: reading.source.into_bytes(),
            id: reading.id.0.into_bytes(),
            encounter: reading.encounter.map(|encounter| encounter.0.into_bytes()),
            received_at: reading.received_at.timestamp_micros(),
            values: reading.measured.values.iter().map(|(metric, value)| (metric.code(), *value)).collect(),
            on_oxygen: reading.measured.on_oxygen,
            consciousness: reading.measured.consciousness.clone(),
            device_flags: reading.measured.device_flags.clone(),
        }
    }

    fn reading(self, patient: PatientId) -> Reading {
        let values = self.values.into_iter().filter_map(|(code, value)| Some((Metric::from_code(code)?, value)));
        Reading {
            id: ReadingId(Uuid::from_bytes(self.id)),
            patient,
            at: time(self.at),
            source: Uuid::from_bytes(self.source),
            encounter: self.encounter.map(|encounter| EncounterId(Uuid::from_bytes(encounter))),
            received_at: time(self.received_at),
            measured: Measured {
                values: values.collect(),
                on_oxygen: self.on_oxygen,
                consciousness: self.consciousness,
                device_flags: self.device_flags,
            },
        }
    }
}

/// Reads what was kept, once it is opened.
pub(crate) fn read(opened: &[u8]) -> Result<Vec<Kept>> {
    codec::read(&pack::unpress(opened).map_err(Error::internal)?)
}

fn time(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}

fn hour_of(at: DateTime<Utc>) -> i64 {
    at.timestamp_micros().div_euclid(HOUR) * HOUR
}

/// By time and source, as readings lie in their table.
type Shelf = BTreeMap<(DateTime<Utc>, Uuid), Reading>;

struct Stored {
    hour: i64,
    sealed: Vec<u8>,
}
from_row!(Stored { hour, sealed });

sql!(SHELF_OF = "SELECT hour, sealed FROM reading_shelves WHERE patient_id = $1 AND hour = $2");
sql!(
    SHELVES_FROM = "SELECT hour, sealed FROM reading_shelves
    WHERE patient_id = $1 AND hour >= $2 AND hour < $3 ORDER BY hour LIMIT $4"
);
sql!(
    SHELVES_BACK = "SELECT hour, sealed FROM reading_shelves
    WHERE patient_id = $1 AND hour >= $2 AND hour <= $3 ORDER BY hour DESC LIMIT $4"
);
sql!(
    SHELF_PUT = "INSERT INTO reading_shelves (patient_id, hour, sealed) VALUES ($1, $2, $3)
    ON CONFLICT (patient_id, hour) DO UPDATE SET sealed = excluded.sealed"
);
sql!(
    READING_FIRST = "SELECT at AS value FROM readings
    WHERE patient_id = $1 AND at >= $2 AND at < $3 ORDER BY at LIMIT 1"
);
sql!(
    READINGS_OF_HOUR = "SELECT id, at, source, encounter_id, received_at, sealed FROM readings
    WHERE patient_id = $1 AND at >= $2 AND at < $3 ORDER BY at, source LIMIT $4"
);
sql!(READINGS_SHELVED = "DELETE FROM readings WHERE patient_id = $1 AND at >= $2 AND at < $3");
sql!(
    MEASURED_PATIENTS = "SELECT patient_id AS value FROM signal_latest
    WHERE patient_id > $1 ORDER BY patient_id LIMIT $2"
);

pub fn place(hour: i64) -> Row<'static> {
    Row { table: "reading_shelves", id: Uuid::from_u64_pair(0, hour as u64) }
}

impl Stored {
    fn open(&self, key: &PatientKey) -> Result<Shelf> {
        let kept = read(&key.open(place(self.hour), &self.sealed)?)?;
        let readings = kept.into_iter().map(|kept| kept.reading(key.patient()));
        Ok(readings.map(|reading| ((reading.at, reading.source), reading)).collect())
    }
}

async fn put(tx: &mut Tx, key: &PatientKey, hour: i64, shelf: &Shelf) -> Result<()> {
    let kept: Vec<Kept> = shelf.values().map(Kept::of).collect();
    let sealed = key.seal(place(hour), &pack::press(&codec::write(&kept)?)?)?;
    tx.run(&SHELF_PUT, args![key.patient(), hour, sealed]).await?;
    Ok(())
}

async fn shelf(tx: &mut Tx, key: &PatientKey, hour: i64) -> Result<Option<Shelf>> {
    let stored: Option<Stored> = tx.one(&SHELF_OF, args![key.patient(), hour]).await?;
    stored.map(|stored| stored.open(key)).transpose()
}

/// Patients who have readings, after one of them, in the order of their ids.
pub async fn measured_patients(sql: &mut impl Sql, after: PatientId, limit: i64) -> Result<Vec<PatientId>> {
    Ok(sql.all(&MEASURED_PATIENTS, args![after, limit]).await?)
}

/// Puts the readings of one hour on its shelf: of the first hour from a time on that has any and ended before `now` less a
/// week. Answers from when to go on; none when there is nothing left.
pub async fn shelve(
    tx: &mut Tx,
    key: &PatientKey,
    from: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>> {
    let before = time(hour_of(now - SHELVED_AFTER));
    // Whoever adds a reading holds the patient's newest values: nothing comes in between.
    lock_latest(tx, &[key]).await?;
    let first: Option<DateTime<Utc>> = tx.one(&READING_FIRST, args![key.patient(), from, before]).await?;
    let Some(first) = first else { return Ok(None) };
    let (hour, end) = (hour_of(first), time(hour_of(first) + HOUR));
    let args = args![key.patient(), time(hour), end, SHELF as i64 + 1];
    let rows: Vec<ReadingRow> = tx.all(&READINGS_OF_HOUR, args).await?;
    let mut full = shelf(tx, key, hour).await?.unwrap_or_default();
    if rows.len() + full.len() <= SHELF {
        for row in rows {
            let reading = row.open(key)?;
            full.insert((reading.at, reading.source), reading);
        }
        put(tx, key, hour, &full).await?;
        tx.run(&READINGS_SHELVED, args![key.patient(), time(hour), end]).await?;
    }
    Ok(Some(end))
}

/// Of readings that are about to be added, what became of those that a shelf has already.
pub async fn meet(tx: &mut Tx, readings: &[NewReading<'_>]) -> Result<Vec<Option<Added>>> {
    let mut met = Vec::with_capacity(readings.len());
    for NewReading { key, reading, .. } in readings {
        met.push(match reading.at < reading.received_at - SHELVED_AFTER {
            true => meet_one(tx, key, reading).await?,
            false => None,
        });
    }
    Ok(met)
}

async fn meet_one(tx: &mut Tx, key: &PatientKey, again: &Reading) -> Result<Option<Added>> {
    let hour = hour_of(again.at);
    let Some(mut shelf) = shelf(tx, key, hour).await? else { return Ok(None) };
    let Some(kept) = shelf.get_mut(&(again.at, again.source)) else { return Ok(None) };
    let merged = kept.measured.merged_with(&again.measured);
    if merged == kept.measured {
        return Ok(Some(Added::Same(kept.clone())));
    }
    kept.measured = merged;
    let reading = kept.clone();
    put(tx, key, hour, &shelf).await?;
    Ok(Some(Added::Merged(reading)))
}

/// Adds to a page of readings what lies on shelves between two places. The page was read before: what was shelved meanwhile
/// is then found twice, and never missed.
pub async fn with_shelved(
    sql: &mut impl Sql,
    key: &PatientKey,
    page: Vec<Reading>,
    after: Cursor,
    before: DateTime<Utc>,
    limit: usize,
) -> Result<Vec<Reading>> {
    let mut all: Shelf = page.into_iter().map(|reading| ((reading.at, reading.source), reading)).collect();
    let (mut hour, mut found) = (hour_of(after.at), 0);
    while found < limit {
        let args = args![key.patient(), hour, before.timestamp_micros(), SHELVES];
        let shelves: Vec<Stored> = sql.all(&SHELVES_FROM, args).await?;
        for stored in &shelves {
            let shelf = stored.open(key)?;
            let wanted =
                shelf.into_iter().filter(|((at, source), _)| (*at, *source) > (after.at, after.source) && *at < before);
            for (place, reading) in wanted {
                found += 1;
                all.entry(place).or_insert(reading);
            }
            hour = stored.hour + HOUR;
        }
        if (shelves.len() as i64) < SHELVES {
            break;
        }
    }
    Ok(all.into_values().take(limit).collect())
}

/// Adds to the newest readings what lies on shelves between two times, and leaves the newest of all.
pub async fn newest_with_shelved(
    sql: &mut impl Sql,
    key: &PatientKey,
    page: Vec<Reading>,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    limit: usize,
) -> Result<Vec<Reading>> {
    // Where the page is full, only what is newer than its last counts.
    let from = if page.len() >= limit { page.last().map_or(from, |last| last.at.max(from)) } else { from };
    let mut all: Shelf = page.into_iter().map(|reading| ((reading.at, reading.source), reading)).collect();
    let (mut hour, mut found) = (hour_of(to), 0);
    while found < limit {
        let args = args![key.patient(), hour_of(from), hour, SHELVES];
        let shelves: Vec<Stored> = sql.all(&SHELVES_BACK, args).await?;
        for stored in &shelves {
            let shelf = stored.open(key)?;
            for (place, reading) in shelf.into_iter().filter(|((at, _), _)| (from..=to).contains(at)) {
                found += 1;
                all.entry(place).or_insert(reading);
            }
            hour = stored.hour - HOUR;
        }
        if (shelves.len() as i64) < SHELVES {
            break;
        }
    }
    Ok(all.into_values().rev().take(limit).collect())
}
