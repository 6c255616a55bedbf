//! Reading series: segments and the chunks that wait beside them, merged.
use std::collections::BTreeSet;

use kernel::Result;
use store::Sql;
use vault::PatientKey;

use crate::Metric;
use crate::pack::Series;
use crate::point::{Entry, merge};
use crate::rows::{self, Chunk, Segment, next_stretch, stretch_of};

/// A series and the first and the last `from` that is wanted of it. Several of one series lie one after another.
pub type Wanted = (Metric, i64, i64);

/// Stretches asked for with one question.
const AT_ONCE: usize = 128;

/// The entries of several series, each settled, those taken back too.
pub async fn load(sql: &mut impl Sql, key: &PatientKey, wanted: &[Wanted]) -> Result<Series> {
    let (Some(first), Some(last)) = (wanted.iter().map(|w| w.1).min(), wanted.iter().map(|w| w.2).max()) else {
        return Ok(Series::new());
    };
    // The chunks first: one that is folded meanwhile is then found twice and never missed.
    let chunks = rows::chunks_between(sql, key.patient(), first, last).await?;
    let segments = segments(sql, key, wanted).await?;
    let mut series = Series::new();
    for (metric, first, last) in wanted {
        let of_metric = segments.iter().filter(|segment| segment.metric == i64::from(metric.code()));
        let entries = series.entry(*metric).or_default();
        for segment in touched(&of_metric.collect::<Vec<_>>(), *first, *last) {
            entries.extend(within(segment.open(key)?, *first, *last));
        }
    }
    for chunk in &chunks {
        let chunk = chunk.open(key)?;
        for (metric, first, last) in wanted {
            let Some(entries) = chunk.get(metric) else { continue };
            let slot = series.entry(*metric).or_default();
            *slot = merge(std::mem::take(slot), &within(entries.clone(), *first, *last));
        }
    }
    Ok(series)
}

async fn segments(sql: &mut impl Sql, key: &PatientKey, wanted: &[Wanted]) -> Result<Vec<Segment>> {
    let (mut metrics, mut stretches) = (BTreeSet::new(), BTreeSet::new());
    for (metric, first, last) in wanted {
        metrics.insert(*metric);
        let mut at = stretch_of(*metric, *first);
        while at <= *last {
            stretches.insert(at);
            at = next_stretch(*metric, at);
        }
    }
    let metrics: Vec<Metric> = metrics.into_iter().collect();
    let stretches: Vec<i64> = stretches.into_iter().collect();
    let mut found = Vec::new();
    for some in stretches.chunks(AT_ONCE) {
        found.extend(rows::segments_of(sql, key.patient(), &metrics, some).await?);
    }
    Ok(found)
}

/// Of one metric's segments in order, those that can have a point between two times.
fn touched<'a>(segments: &[&'a Segment], first: i64, last: i64) -> Vec<&'a Segment> {
    let ends = segments.iter().skip(1).map(|next| next.at).chain([i64::MAX]);
    let both = segments.iter().zip(ends);
    both.filter(|(segment, end)| segment.at <= last && *end > first).map(|(segment, _)| *segment).collect()
}

fn within(mut entries: Vec<Entry>, first: i64, last: i64) -> Vec<Entry> {
    if entries.first().is_some_and(|e| e.from < first) || entries.last().is_some_and(|e| e.from > last) {
        entries.retain(|e| (first..=last).contains(&e.from));
    }
    entries
}

/// The newest point of a series that was not taken back, of those that begin between two times, both included.
pub async fn last_live(
    sql: &mut impl Sql,
    key: &PatientKey,
    metric: Metric,
    (first, last): (i64, i64),
) -> Result<Option<Entry>> {
    let chunks = rows::chunks(sql, key.patient()).await?;
    let mut said = Vec::new();
    for chunk in &chunks {
        if let Some(entries) = chunk.open(key)?.remove(&metric) {
            said = merge(said, &entries);
        }
    }
    let (mut before, mut stored) = (last.saturating_add(1), Vec::new());
    loop {
        let segments = rows::segments_last(sql, key.patient(), metric, before, 2).await?;
        before = segments.last().map_or(i64::MIN, |segment| segment.at);
        for segment in &segments {
            let mut earlier = segment.open(key)?;
            earlier.append(&mut stored);
            stored = earlier;
        }
        let merged = merge(stored.clone(), &said);
        // What a chunk says of an earlier time may be outdone by a segment that was not read yet.
        let mut read = merged.iter().filter(|e| (before..=last).contains(&e.from));
        let newest = read.rfind(|e| e.value.is_some()).copied();
        if newest.is_some() || before <= first {
            return Ok(newest.filter(|newest| newest.from >= first));
        }
    }
}

/// What some chunks say together.
pub fn gather(chunks: &[Chunk], key: &PatientKey) -> Result<Series> {
    let mut series = Series::new();
    for chunk in chunks {
        for (metric, entries) in chunk.open(key)? {
            let slot = series.entry(metric).or_default();
            *slot = merge(std::mem::take(slot), &entries);
        }
    }
    Ok(series)
}
