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
    let (mut best, mut last) = (None, None);
    for source in sources.filter(|source| {
        let again = last == Some(*source);
        last = Some(*source);
        !again
    }) {
        let rank = (order(metric, source), source);
        if best.is_none_or(|known| rank < known) {
            best = Some(rank);
        }
    }
    best.map(|(_, source)| source)
}
