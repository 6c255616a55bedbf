//! Buckets of gauges: in each the source that stands first of those that have points there.
use uuid::Uuid;

use crate::buckets::Order;
use crate::point::Entry;
use crate::{Bucket, Metric};

/// `entries` are settled and were not taken back; `steps` follow one another.
pub fn buckets(metric: Metric, entries: &[Entry], steps: &[(i64, i64)], order: Order<'_>) -> Vec<Bucket> {
    let mut found = Vec::new();
    for (from, to) in steps {
        let here = &entries[entries.partition_point(|e| e.from < *from)..entries.partition_point(|e| e.from < *to)];
        let Some(source) = winner(metric, here.iter().map(|e| e.source), order) else { continue };
        let mut values = here.iter().filter(|e| e.source == source).filter_map(|e| e.value);
        let Some(first) = values.next() else { continue };
        let start = Bucket {
            metric,
            from: *from,
            to: *to,
            count: 1,
            min: first,
            mean: first,
            max: first,
            last: first,
            sum: first,
            source,
        };
        let mut bucket = values.fold(start, |b, value| Bucket {
            count: b.count + 1,
            min: b.min.min(value),
            max: b.max.max(value),
            last: value,
            sum: b.sum + value,
            ..b
        });
        bucket.mean = bucket.sum / bucket.count as f64;
        found.push(bucket);
    }
    found
}

/// The source that stands first.
pub fn winner(metric: Metric, sources: impl Iterator<Item = Uuid>, order: Order<'_>) -> Option<Uuid> {
    // Mostly there is one source, and then nobody has to be asked who stands before whom.
    let mut last = None;
    let mut apart = sources.filter(|source| last.replace(*source) != Some(*source)).peekable();
    let first = apart.next()?;
    if apart.peek().is_none() {
        return Some(first);
    }
    std::iter::once(first).chain(apart).min_by_key(|source| (order(metric, *source), *source))
}
