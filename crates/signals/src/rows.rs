//! Chunks, segments and digests as rows: what is asked of them and how they are sealed.
use kernel::{Error, PatientId, Result};
use store::{Args, Bind as _, Sql, Tx, Where, args, from_row, sql};
use uuid::Uuid;
use vault::{PatientKey, Row};

use crate::Metric;
use crate::metric::Pace;
use crate::pack::{self, Series};
use crate::point::Entry;

/// A chunk as it is stored.
pub struct Chunk {
    pub number: i64,
    pub sealed: Vec<u8>,
}
from_row!(Chunk { number, sealed });

/// A segment as it is stored.
pub struct Segment {
    pub metric: i64,
    pub stretch: i64,
    pub at: i64,
    pub sealed: Vec<u8>,
}
from_row!(Segment { metric, stretch, at, sealed });

const DAY: i64 = 86_400_000_000;

/// The start of the stretch of time that a point lies in by its `from`.
pub fn stretch_of(metric: Metric, from: i64) -> i64 {
    from.div_euclid(length(metric)) * length(metric)
}

/// The start of the stretch after one.
pub fn next_stretch(metric: Metric, stretch: i64) -> i64 {
    stretch + length(metric)
}

fn length(metric: Metric) -> i64 {
    match metric.describe().pace {
        Pace::Fast => DAY,
        Pace::Slow => 64 * DAY,
    }
}

sql!(CHUNK_ADD = "INSERT INTO signal_chunks (patient_id, number, first, last, sealed) VALUES ($1, $2, $3, $4, $5)");
sql!(CHUNKS_OF = "SELECT number, sealed FROM signal_chunks WHERE patient_id = $1 ORDER BY number");
sql!(
    CHUNKS_BETWEEN = "SELECT number, sealed FROM signal_chunks
    WHERE patient_id = $1 AND first <= $3 AND last >= $2 ORDER BY number"
);
sql!(CHUNKS_FOLDED = "DELETE FROM signal_chunks WHERE patient_id = $1 AND number < $2");
sql!(
    SEGMENT_PUT = "INSERT INTO signal_segments (patient_id, metric, stretch, at, sealed) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (patient_id, metric, stretch, at) DO UPDATE SET sealed = excluded.sealed"
);
sql!(
    SEGMENTS_NEXT = "SELECT metric, stretch, at, sealed FROM signal_segments
    WHERE patient_id = $1 AND metric = $2 AND (stretch, at) >= ($3, $4) AND stretch <= $5 ORDER BY stretch, at LIMIT $6"
);
sql!(
    SEGMENTS_LAST = "SELECT metric, stretch, at, sealed FROM signal_segments
    WHERE patient_id = $1 AND metric = $2 AND at < $3 ORDER BY stretch DESC, at DESC LIMIT $4"
);
sql!(
    SEEN_ADD = "INSERT INTO signal_seen (patient_id, digest, number, first, last) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT DO NOTHING RETURNING digest AS value"
);
sql!(SEEN_DROP = "DELETE FROM signal_seen WHERE patient_id = $1 AND first <= $3 AND last >= $2 AND digest <> $4");
sql!(SEEN_AGED = "DELETE FROM signal_seen WHERE patient_id = $1 AND number < $2");
sql!(HEADS_FORGET = "DELETE FROM signal_heads WHERE patient_id = $1");
sql!(CHUNKS_FORGET = "DELETE FROM signal_chunks WHERE patient_id = $1");
sql!(SEGMENTS_FORGET = "DELETE FROM signal_segments WHERE patient_id = $1");
sql!(SEEN_FORGET = "DELETE FROM signal_seen WHERE patient_id = $1");

pub fn chunk_place(number: i64) -> Row<'static> {
    Row { table: "signal_chunks", id: Uuid::from_u64_pair(0, number as u64) }
}

pub fn segment_place(metric: i64, at: i64) -> Row<'static> {
    Row { table: "signal_segments", id: Uuid::from_u64_pair(metric as u64, at as u64) }
}

/// A row for [`add_chunks`]; `plain` is what was laid out.
pub fn chunk(key: &PatientKey, number: i64, (first, last): (i64, i64), plain: &[u8]) -> Result<Args> {
    let sealed = key.seal(chunk_place(number), &pack::press(plain)?)?;
    Ok(args![key.patient(), number, first, last, sealed])
}

pub async fn add_chunks(tx: &mut Tx, rows: &[Args]) -> Result<()> {
    Ok(tx.run_each(&CHUNK_ADD, rows).await?)
}

impl Chunk {
    pub fn open(&self, key: &PatientKey) -> Result<Series> {
        pack::unpack(&key.open(chunk_place(self.number), &self.sealed)?).map_err(Error::internal)
    }
}

impl Segment {
    pub fn metric(&self) -> Result<Metric> {
        let metric = u16::try_from(self.metric).ok().and_then(Metric::from_code);
        metric.ok_or_else(|| Error::internal("a segment of a metric that this program does not know"))
    }

    pub fn open(&self, key: &PatientKey) -> Result<Vec<Entry>> {
        let metric = self.metric()?;
        let plain = key.open(segment_place(self.metric, self.at), &self.sealed)?;
        let mut series = pack::unpack(&plain).map_err(Error::internal)?;
        Ok(series.remove(&metric).unwrap_or_default())
    }
}

/// A row for [`put_segments`].
pub fn segment(key: &PatientKey, metric: Metric, stretch: i64, at: i64, entries: &[Entry]) -> Result<Args> {
    let plain = pack::lay_out(&Series::from([(metric, entries.to_vec())]));
    let sealed = key.seal(segment_place(i64::from(metric.code()), at), &pack::press(&plain)?)?;
    Ok(args![key.patient(), i64::from(metric.code()), stretch, at, sealed])
}

pub async fn put_segments(tx: &mut Tx, rows: &[Args]) -> Result<()> {
    Ok(tx.run_each(&SEGMENT_PUT, rows).await?)
}

/// Every chunk of a patient, in the order they came.
pub async fn chunks(sql: &mut impl Sql, patient: PatientId) -> Result<Vec<Chunk>> {
    Ok(sql.all(&CHUNKS_OF, args![patient]).await?)
}

/// The chunks that have points between two times, in the order they came.
pub async fn chunks_between(sql: &mut impl Sql, patient: PatientId, first: i64, last: i64) -> Result<Vec<Chunk>> {
    Ok(sql.all(&CHUNKS_BETWEEN, args![patient, first, last]).await?)
}

/// Where a segment lies among those of its metric: its stretch, and its own time.
pub type Spot = (i64, i64);

/// Segments of one metric from a spot on until a last stretch, in the order of time.
pub async fn segments_next(
    sql: &mut impl Sql,
    patient: PatientId,
    metric: Metric,
    from: Spot,
    last: i64,
    limit: i64,
) -> Result<Vec<Segment>> {
    let args = args![patient, i64::from(metric.code()), from.0, from.1, last, limit];
    Ok(sql.all(&SEGMENTS_NEXT, args).await?)
}

/// The last segments that begin before a time, the last one first.
pub async fn segments_last(
    sql: &mut impl Sql,
    patient: PatientId,
    metric: Metric,
    before: i64,
    limit: i64,
) -> Result<Vec<Segment>> {
    Ok(sql.all(&SEGMENTS_LAST, args![patient, i64::from(metric.code()), before, limit]).await?)
}

/// All segments of these metrics in these stretches, with one question.
pub async fn segments_of(
    sql: &mut impl Sql,
    patient: PatientId,
    metrics: &[Metric],
    stretches: &[i64],
) -> Result<Vec<Segment>> {
    let metrics: Vec<i64> = metrics.iter().map(|metric| i64::from(metric.code())).collect();
    let wanted = Where::new("SELECT metric, stretch, at, sealed FROM signal_segments")
        .all("patient_id = ?", [patient.bind()])
        .among("metric", &metrics)
        .among("stretch", stretches)
        .tail("ORDER BY metric, stretch, at", []);
    Ok(sql.find(wanted).await?)
}

/// Takes away the chunks before a number: they lie in segments now. Digests of long ago go with them.
pub async fn folded(tx: &mut Tx, patient: PatientId, next: i64) -> Result<()> {
    tx.run(&CHUNKS_FOLDED, args![patient, next]).await?;
    tx.run(&SEEN_AGED, args![patient, next - REMEMBERED]).await?;
    Ok(())
}

/// How many chunks back a batch is known again: more than a phone sends in a month.
const REMEMBERED: i64 = 2_048;

/// Remembers batches; answers the digests that were not known. Each row is `patient_id, digest, number, first, last`.
pub async fn remember(tx: &mut Tx, rows: &[Args]) -> Result<std::collections::HashSet<Uuid>> {
    Ok(tx.add_each(&SEEN_ADD, rows, 1).await?)
}

/// Forgets digests of batches between two times: what they said holds no more. The one that said otherwise stays.
pub async fn unremember(tx: &mut Tx, patient: PatientId, (first, last): (i64, i64), stays: Option<Uuid>) -> Result<()> {
    tx.run(&SEEN_DROP, args![patient, first, last, stays.unwrap_or_default()]).await?;
    Ok(())
}

/// Takes away everything that wearables measured of a patient who is erased.
pub async fn forget(tx: &mut Tx, patient: PatientId) -> Result<()> {
    for statement in [&HEADS_FORGET, &CHUNKS_FORGET, &SEGMENTS_FORGET, &SEEN_FORGET] {
        tx.run(statement, args![patient]).await?;
    }
    Ok(())
}
