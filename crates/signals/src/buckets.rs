//! Buckets: what a series comes to minute by minute, hour by hour, day by day or week by week.
use std::collections::BTreeSet;

use access::{Grant, Read, data};
use chrono_tz::Tz;
use kernel::{Error, Result};
use store::Sql;
use uuid::Uuid;
use vault::PatientKey;

use crate::calendar::Walk;
use crate::history::opened;
use crate::metric::Kind;
use crate::point::Entry;
use crate::{Metric, Step, Window, gauges, head, load, sums};

/// What a metric came to over one step of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    pub metric: Metric,
    /// Microseconds since 1970; `to` is the beginning of the next.
    pub from: i64,
    pub to: i64,
    /// How many points are counted.
    pub count: u64,
    pub min: f64,
    pub mean: f64,
    pub max: f64,
    /// The value of the last point.
    pub last: f64,
    /// What came together; of gauges, the plain sum of the values.
    pub sum: f64,
    /// The source that won; of sums, the one that most came from.
    pub source: Uuid,
}

/// Buckets of one metric at most, empty ones counted; and those of one answer that are not empty.
const BUCKETS: usize = 50_000;
/// Steps gone through for one answer: as many as two days have minutes, for every metric there is.
const STEPS: usize = 400_000;
/// Time that is read at once, so that memory holds no more of it.
const BLOCK: i64 = 32 * 86_400_000_000;

/// Where a source stands among those of a metric: of two the one with the lower number wins, of equals the lower id.
pub type Order<'a> = &'a (dyn Fn(Metric, Uuid) -> i64 + Sync);

/// The buckets of a window that have points, by metric and then by time. A bucket at the window's edge is whole. 422 when the
/// window has more steps than an answer holds, or names so much that they are too many together.
pub async fn buckets(
    sql: &mut impl Sql,
    grant: &Grant<Read, data::Wearables>,
    key: &PatientKey,
    window: &Window,
    step: Step,
    zone: Tz,
    order: Order<'_>,
) -> Result<Vec<Bucket>> {
    grant.covers(key.patient())?;
    let (opened, window) = (opened(grant), window.within(grant));
    let head = head::of(sql, key).await?;
    let (mut found, mut gone_through) = (Vec::new(), 0);
    for metric in window.metrics.iter().collect::<BTreeSet<_>>() {
        let Some(reach) = head.reach(*metric) else { continue };
        let first = window.from.max(reach.first);
        let last = (window.to - 1).min(reach.last.saturating_add(reach.longest));
        for steps in blocks(first, last, step, zone)? {
            // A point that began earlier may reach into the first bucket.
            let earlier =
                if metric.describe().kind == Kind::Sum { day_before(&steps, reach.longest, zone) } else { steps[0].0 };
            gone_through += steps.len();
            let until = steps[steps.len() - 1].1;
            let loaded = load::load(sql, key, &[(*metric, earlier, until - 1)]).await?;
            let shown = |e: &Entry| e.value.is_some() && (opened.0..=opened.1).contains(&e.from);
            let entries: Vec<Entry> = loaded.into_values().flatten().filter(shown).collect();
            found.extend(match metric.describe().kind {
                Kind::Sum => sums::buckets(*metric, &entries, &steps, zone, order),
                Kind::Gauge | Kind::Stage => gauges::buckets(*metric, &entries, &steps, order),
            });
            if found.len() > BUCKETS || gone_through > STEPS {
                return Err(Error::invalid("metric_type", "names too much for steps so short and a time so long"));
            }
        }
    }
    Ok(found)
}

/// From where on points are to be read so that none is missed that counts for the first bucket: whole local days, since of
/// counts without an interval a day's winner counts.
fn day_before(steps: &[(i64, i64)], longest: i64, zone: Tz) -> i64 {
    let (day, _) = Step::Day.around(steps[0].0, zone);
    day.min(steps[0].0.saturating_sub(longest))
}

/// The steps of a time, in blocks that are read together.
fn blocks(first: i64, last: i64, step: Step, zone: Tz) -> Result<Vec<Vec<(i64, i64)>>> {
    let (mut blocks, mut block, mut many): (Vec<_>, Vec<(i64, i64)>, _) = (Vec::new(), Vec::new(), 0);
    let (mut at, mut walk) = (first, Walk::new(step, zone));
    while at <= last {
        let (from, to) = walk.around(at);
        if block.first().is_some_and(|(start, _)| to - start > BLOCK) {
            blocks.push(std::mem::take(&mut block));
        }
        block.push((from, to));
        many += 1;
        if many > BUCKETS {
            return Err(Error::invalid("bucket", "is too short for so long a time"));
        }
        // Nothing stands still: a step is a minute at least.
        at = to.max(at + 1);
    }
    if !block.is_empty() {
        blocks.push(block);
    }
    Ok(blocks)
}
