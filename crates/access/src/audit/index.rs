//! Where on the chain the entries about a patient and of an account stand. The index is filled behind the chain, so that a
//! look costs no more for it; whoever asks catches up first.
use kernel::{Error, PatientId, Result};
use serde::Deserialize;
use store::{Args, Db, Sql, args, from_row, sql};
use uuid::Uuid;

use super::{AUDIT_HEAD, AUDIT_PAGE, Record, Row};

sql!(AUDIT_INDEXED = "SELECT seq AS value FROM audit_indexed WHERE one = 1");
sql!(AUDIT_INDEXED_TAKE = "SELECT seq AS value FROM audit_indexed WHERE one = 1 FOR UPDATE");
sql!(AUDIT_INDEXED_SET = "UPDATE audit_indexed SET seq = $1 WHERE one = 1");
sql!(AUDIT_INDEX_ADD = "INSERT INTO audit_index (seq, place, patient_id, actor) VALUES ($1, $2, $3, $4)");
sql!(
    AUDIT_ABOUT = "SELECT seq, place FROM audit_index
    WHERE patient_id = $1 AND seq < $2
    ORDER BY seq DESC
    LIMIT $3"
);
sql!(
    AUDIT_OF_ACTOR = "SELECT seq, place FROM audit_index
    WHERE actor = $1 AND seq < $2
    ORDER BY seq DESC
    LIMIT $3"
);
sql!(AUDIT_ROW = "SELECT seq, first, entries, hash FROM audit_log WHERE seq = $1");

/// Rows of the chain that are read at a time.
const PAGE: i64 = 64;
/// Pages read, and entries found in them, before a transaction writes down how far that was: a day of readings, of which
/// nothing is indexed, must not cost a sync to disk each few rows.
const PAGES: usize = 64;
const ENTRIES: usize = 1000;

/// Where an entry stands: its number, and that of its row.
struct Place {
    seq: i64,
    place: i64,
}
from_row!(Place { seq, place });

/// What of an entry is indexed.
#[derive(Deserialize)]
struct Short {
    seq: i64,
    actor: Uuid,
    role: String,
    patient_id: Option<PatientId>,
}

/// Catches up with the chain as it is now.
pub async fn index_audit(db: &Db) -> Result<()> {
    let end = audit_end(&mut db.clone()).await?;
    while index_some(db, end).await? {}
    Ok(())
}

/// The number of the last entry.
pub async fn audit_end(sql: &mut impl Sql) -> Result<i64> {
    Ok(sql.one(&AUDIT_HEAD, args![]).await?.unwrap_or_default())
}

/// Indexes the next rows; false when there are none up to this end.
async fn index_some(db: &Db, end: i64) -> Result<bool> {
    let done: i64 = db.clone().one(&AUDIT_INDEXED, args![]).await?.unwrap_or_default();
    if done >= end {
        return Ok(false);
    }
    // Read and taken apart before the transaction: on SQLite nobody else writes meanwhile.
    let (mut last, mut places) = (done, Vec::new());
    for _ in 0..PAGES {
        let rows: Vec<Row> = db.clone().all(&AUDIT_PAGE, args![last, PAGE]).await?;
        for row in &rows {
            places.append(&mut places_of(row));
        }
        last = rows.last().map_or(last, |row| row.seq);
        if last >= end || rows.is_empty() || places.len() >= ENTRIES {
            break;
        }
        // The look at a long chain must not keep a worker from everybody else.
        tokio::task::yield_now().await;
    }
    if last == done {
        return Ok(false);
    }
    let mut tx = db.begin().await?;
    let taken: i64 = tx.one(&AUDIT_INDEXED_TAKE, args![]).await?.unwrap_or_default();
    if taken == done {
        tx.run_each(&AUDIT_INDEX_ADD, &places).await?;
        tx.run(&AUDIT_INDEXED_SET, args![last]).await?;
        tx.commit().await?;
    }
    Ok(true)
}

fn places_of(row: &Row) -> Vec<Args> {
    let mut places = Vec::new();
    for line in row.entries.lines() {
        // A line that somebody broke is named by `verify`; it must not hide those after it.
        let Ok(entry) = serde_json::from_str::<Short>(line) else { continue };
        // What monitors send would bury what people do; it is in the history of readings.
        if entry.role != "device" {
            places.push(args![entry.seq, row.seq, entry.patient_id, entry.actor]);
        }
    }
    places
}

/// The entries about a patient before a number, the newest first. The caller of this function has made sure that whoever
/// sees them may.
pub async fn entries_about(db: &mut Db, patient: PatientId, before: i64, limit: i64) -> Result<Vec<Record>> {
    let places = db.all(&AUDIT_ABOUT, args![patient, before, limit]).await?;
    records(db, places).await
}

/// The entries of these accounts before a number, the newest first. As for [`entries_about`], the caller made sure.
pub async fn entries_of(db: &mut Db, actors: &[Uuid], before: i64, limit: i64) -> Result<Vec<Record>> {
    let mut places: Vec<Place> = Vec::new();
    // One question an account, each answered from the end of its part of the index: together they would be sorted whole.
    for actor in actors {
        places.append(&mut db.all(&AUDIT_OF_ACTOR, args![*actor, before, limit]).await?);
    }
    places.sort_unstable_by_key(|place| std::cmp::Reverse(place.seq));
    places.truncate(limit.max(0) as usize);
    records(db, places).await
}

async fn records(db: &mut Db, places: Vec<Place>) -> Result<Vec<Record>> {
    let (mut records, mut held) = (Vec::with_capacity(places.len()), None::<Row>);
    for Place { seq, place } in places {
        if held.as_ref().is_none_or(|row| row.seq != place) {
            held = db.one(&AUDIT_ROW, args![place]).await?;
        }
        let row = held.as_ref().filter(|row| (row.first..=row.seq).contains(&seq));
        let line = row.and_then(|row| row.entries.lines().nth((seq - row.first) as usize));
        let line =
            line.ok_or_else(|| Error::internal("the index of the audit chain names an entry that is not there"))?;
        records.push(serde_json::from_str(line).map_err(Error::internal)?);
    }
    Ok(records)
}
