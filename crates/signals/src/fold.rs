//! Folding: what lies in chunks as it came is merged into segments in the order of time.
use std::collections::{BTreeMap, BTreeSet};

use kernel::Result;
use store::{Args, Tx};
use vault::PatientKey;

use crate::Metric;
use crate::head::{self, Head};
use crate::load::gather;
use crate::pack::{self, Series};
use crate::point::{Entry, merge};
use crate::rows::{self, Segment, stretch_of};

/// Chunks, and entries in them, that may wait. With 32 a segment of minute data is written about twice, and a read opens few
/// rows more than segments alone.
const CHUNKS: u32 = 32;
const WAITING: u32 = 65_536;
/// Entries of one segment, about.
const SEGMENT: usize = 4_096;
/// Stretches rewritten at a time, so that memory holds no more than these.
const AT_A_TIME: usize = 64;

/// Whether enough has come together.
pub fn is_due(head: &Head) -> bool {
    head.chunks >= CHUNKS || head.waiting >= WAITING
}

/// Folds at once what waits of a patient's; storing does it by itself when enough has come together.
pub async fn fold_waiting(tx: &mut Tx, key: &PatientKey) -> Result<()> {
    let keys = BTreeMap::from([(key.patient(), key)]);
    let Some(mut head) = head::lock(tx, &keys).await?.remove(&key.patient()) else { return Ok(()) };
    fold(tx, key, &mut head).await?;
    head::put(tx, &[(key, &head)]).await
}

/// Folds every chunk of a patient whose head is locked.
pub async fn fold(tx: &mut Tx, key: &PatientKey, head: &mut Head) -> Result<()> {
    let series = gather(&rows::chunks(tx, key.patient()).await?, key)?;
    let stretches: BTreeSet<i64> =
        series.iter().flat_map(|(metric, entries)| entries.iter().map(|e| stretch_of(*metric, e.from))).collect();
    let stretches: Vec<i64> = stretches.into_iter().collect();
    let metrics: Vec<Metric> = series.keys().copied().collect();
    for some in stretches.chunks(AT_A_TIME) {
        let stored = rows::segments_of(tx, key.patient(), &metrics, some).await?;
        let rows = rewrite(key, &series, some, &stored)?;
        rows::put_segments(tx, &rows).await?;
    }
    rows::folded(tx, key.patient(), head.next).await?;
    (head.chunks, head.waiting) = (0, 0);
    Ok(())
}

/// The rows of those segments in some stretches that change.
fn rewrite(key: &PatientKey, series: &Series, stretches: &[i64], stored: &[Segment]) -> Result<Vec<Args>> {
    let mut rows = Vec::new();
    for (metric, entries) in series {
        for said in entries.chunk_by(|a, b| stretch_of(*metric, a.from) == stretch_of(*metric, b.from)) {
            let stretch = stretch_of(*metric, said[0].from);
            if stretches.binary_search(&stretch).is_err() {
                continue;
            }
            let here = |s: &&Segment| s.metric == i64::from(metric.code()) && s.stretch == stretch;
            let parts: Vec<&Segment> = stored.iter().filter(here).collect();
            for (at, merged) in parts_with(key, stretch, &parts, said)? {
                for (at, piece) in pieces(at, &merged) {
                    rows.push(rows::segment(key, *metric, stretch, at, piece)?);
                }
            }
        }
    }
    Ok(rows)
}

/// Each part of a stretch that something new was said of, merged with that.
fn parts_with(key: &PatientKey, stretch: i64, parts: &[&Segment], said: &[Entry]) -> Result<Vec<(i64, Vec<Entry>)>> {
    if parts.is_empty() {
        return Ok(vec![(stretch, said.to_vec())]);
    }
    let mut merged = Vec::new();
    for (place, part) in parts.iter().enumerate() {
        let end = parts.get(place + 1).map_or(i64::MAX, |next| next.at);
        let (from, to) = (said.partition_point(|e| e.from < part.at), said.partition_point(|e| e.from < end));
        if from < to {
            merged.push((part.at, merge(part.open(key)?, &said[from..to])));
        }
    }
    Ok(merged)
}

/// Cuts entries into segments. Those that begin at one moment stay together, since the next segment's `at` says where one
/// ends.
fn pieces(at: i64, entries: &[Entry]) -> Vec<(i64, &[Entry])> {
    let (mut pieces, mut at, mut rest) = (Vec::new(), at, entries);
    while rest.len() > SEGMENT {
        let cut = rest[..SEGMENT].partition_point(|e| e.from < rest[SEGMENT].from);
        let cut = if cut > 0 { cut } else { rest.partition_point(|e| e.from <= rest[0].from) };
        if cut == rest.len() {
            break;
        }
        pieces.push((at, bounded(&rest[..cut])));
        (at, rest) = (rest[cut].from, &rest[cut..]);
    }
    pieces.push((at, bounded(rest)));
    pieces
}

/// Thousands of points of one metric that begin at one moment are no measurement: what is over the bound is let go.
fn bounded(entries: &[Entry]) -> &[Entry] {
    if entries.len() > pack::ENTRIES {
        tracing::warn!(points = entries.len(), "too many points of one moment: the last of them are not kept");
    }
    &entries[..entries.len().min(pack::ENTRIES)]
}
