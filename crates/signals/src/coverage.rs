//! Coverage: of which hours there is data, and of which it is missing.
use std::collections::BTreeSet;

use access::{Grant, Read, data};
use kernel::Result;
use store::Sql;
use vault::PatientKey;

use crate::history::opened;
use crate::metric::Kind;
use crate::{Metric, Window, head, load};

/// Of one metric, the stretches of whole hours with data and those without, in microseconds since 1970.
#[derive(Debug, Clone, PartialEq)]
pub struct Coverage {
    pub metric: Metric,
    pub covered: Vec<(i64, i64)>,
    pub missing: Vec<(i64, i64)>,
    /// Points in the window.
    pub points: u64,
}

const HOUR: i64 = 3_600_000_000;
/// Time that is read at once.
const BLOCK: i64 = 32 * 24 * HOUR;

/// The coverage of each metric of the window, whose edges are taken to whole hours (UTC).
pub async fn coverage(
    sql: &mut impl Sql,
    grant: &Grant<Read, data::Wearables>,
    key: &PatientKey,
    window: &Window,
) -> Result<Vec<Coverage>> {
    grant.covers(key.patient())?;
    let window = &window.within(grant);
    if window.from >= window.to {
        return Ok(Vec::new());
    }
    let opened = opened(grant);
    let head = head::of(sql, key).await?;
    let (from, to) = (window.from.div_euclid(HOUR) * HOUR, (window.to - 1).div_euclid(HOUR) * HOUR + HOUR);
    let mut found = Vec::new();
    for metric in window.metrics.iter().collect::<BTreeSet<_>>() {
        let mut seen = Seen { covered: Vec::new(), points: 0 };
        if let Some(reach) = head.reach(*metric) {
            let longest = if metric.describe().kind == Kind::Gauge { 0 } else { reach.longest };
            let (first, last) = (from.saturating_sub(longest).max(reach.first), (to - 1).min(reach.last));
            let mut at = first;
            while at <= last {
                let until = (at + BLOCK - 1).min(last);
                for entry in load::load(sql, key, &[(*metric, at, until)]).await?.into_values().flatten() {
                    if entry.value.is_some() && (opened.0..=opened.1).contains(&entry.from) {
                        seen.add((entry.from.max(from), entry.to.min(to - 1)), entry.to >= from);
                    }
                }
                at = until + 1;
            }
        }
        let missing = between(&seen.covered, from, to);
        found.push(Coverage { metric: *metric, covered: seen.covered, missing, points: seen.points });
    }
    Ok(found)
}

struct Seen {
    covered: Vec<(i64, i64)>,
    points: u64,
}

impl Seen {
    /// Entries come in the order of their beginning.
    fn add(&mut self, (first, last): (i64, i64), reaches: bool) {
        if !reaches || last < first {
            return;
        }
        self.points += 1;
        // An interval that ends on the hour says nothing of the next one.
        let end = if last > first { last - 1 } else { last };
        let (start, end) = (first.div_euclid(HOUR) * HOUR, end.div_euclid(HOUR) * HOUR + HOUR);
        match self.covered.last_mut() {
            Some(before) if start <= before.1 => before.1 = before.1.max(end),
            _ => self.covered.push((start, end)),
        }
    }
}

/// What lies between the covered stretches of a time.
fn between(covered: &[(i64, i64)], from: i64, to: i64) -> Vec<(i64, i64)> {
    let (mut missing, mut at) = (Vec::new(), from);
    for (start, end) in covered {
        if *start > at {
            missing.push((at, *start));
        }
        at = at.max(*end);
    }
    if at < to {
        missing.push((at, to));
    }
    missing
}
