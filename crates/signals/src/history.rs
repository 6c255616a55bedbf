//! History: points in the order of time, page by page.
use std::collections::BTreeSet;

use access::{Grant, Read, data};
use kernel::Result;
use store::Sql;
use uuid::Uuid;
use vault::PatientKey;

use crate::load::gather;
use crate::pack::Series;
use crate::point::{Entry, merge};
use crate::rows::{self, stretch_of};
use crate::{Found, Metric, head};

/// Which metrics, and the time they are wanted of: from one moment until just before another, in microseconds since 1970.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    pub metrics: Vec<Metric>,
    pub from: i64,
    pub to: i64,
}

/// A place in a history: just after this point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub from: i64,
    pub metric: Metric,
    pub to: i64,
    pub source: Uuid,
}

impl Window {
    /// What of the window the grant opens.
    pub(crate) fn within<A: access::Act>(&self, grant: &Grant<A, data::Wearables>) -> Self {
        let (first, last) = opened(grant);
        Self { metrics: self.metrics.clone(), from: self.from.max(first), to: self.to.min(last.saturating_add(1)) }
    }
}

/// The first and the last moment of which a grant shows points, in microseconds since 1970.
pub(crate) fn opened<A: access::Act>(grant: &Grant<A, data::Wearables>) -> (i64, i64) {
    let (first, last) = grant.span().bounds();
    (first.timestamp_micros(), last.timestamp_micros())
}

impl Place {
    pub fn of(found: &Found) -> Self {
        Self { from: found.point.from, metric: found.point.metric, to: found.point.to, source: found.source }
    }
}

/// Segments opened at a time.
const SEGMENTS: usize = 4;

/// Points that begin within the window, in the order of time, those after a place; no more than `limit`.
pub async fn history(
    sql: &mut impl Sql,
    grant: &Grant<Read, data::Wearables>,
    key: &PatientKey,
    window: &Window,
    after: Option<Place>,
    limit: usize,
) -> Result<Vec<Found>> {
    grant.covers(key.patient())?;
    let window = window.within(grant);
    let from = after.map_or(window.from, |place| place.from.max(window.from));
    if from >= window.to || limit == 0 {
        return Ok(Vec::new());
    }
    let head = head::of(sql, key).await?;
    let waiting = rows::chunks_between(sql, key.patient(), from, window.to - 1).await?;
    let waiting = gather(&waiting, key)?;
    let (mut found, mut horizon) = (Vec::new(), window.to);
    let reaches = |metric: &Metric| head.reach(*metric).is_some_and(|r| r.first < window.to && r.last >= from);
    let metrics: BTreeSet<Metric> = window.metrics.iter().copied().filter(reaches).collect();
    for metric in metrics {
        let (some, until) = of_metric(sql, key, metric, (from, window.to), after, &waiting, limit).await?;
        found.extend(some);
        horizon = horizon.min(until);
    }
    found.retain(|found| found.point.from < horizon);
    found.sort_by_key(Place::of);
    found.truncate(limit);
    Ok(found)
}

/// The points of one metric from a time on, and the time until which these are all.
async fn of_metric(
    sql: &mut impl Sql,
    key: &PatientKey,
    metric: Metric,
    (from, to): (i64, i64),
    after: Option<Place>,
    waiting: &Series,
    limit: usize,
) -> Result<(Vec<Found>, i64)> {
    let said = waiting.get(&metric).map_or(&[][..], Vec::as_slice);
    let (mut stored, mut spot) = (Vec::new(), (stretch_of(metric, from), i64::MIN));
    loop {
        let last = stretch_of(metric, to - 1);
        let segments = rows::segments_next(sql, key.patient(), metric, spot, last, SEGMENTS as i64 + 1).await?;
        let next = segments.get(SEGMENTS);
        for (place, segment) in segments.iter().take(SEGMENTS).enumerate() {
            // Segments that end before the time are not opened.
            if segments.get(place + 1).is_none_or(|next| next.at > from) {
                stored.extend(segment.open(key)?);
            }
        }
        let until = next.map_or(to, |next| next.at.min(to));
        let merged = merge(stored.clone(), said);
        let wanted = |e: &&Entry| e.value.is_some() && (from..until).contains(&e.from);
        let found = merged.iter().filter(wanted).map(|e| e.found(metric));
        let found: Vec<Found> = found.filter(|found| after.is_none_or(|place| Place::of(found) > place)).collect();
        match next {
            Some(next) if found.len() < limit => spot = (next.stretch, next.at),
            _ => return Ok((found, until)),
        }
    }
}
