//! Buckets of sums: each moment is counted once, from the source that stands first of those that cover it.
use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;
use uuid::Uuid;

use crate::buckets::Order;
use crate::point::Entry;
use crate::{Bucket, Metric, Step};

/// `entries` are settled and were not taken back; `steps` follow one another. A point that a step or a source cuts through
/// counts by the share of its time that is left.
pub fn buckets(metric: Metric, entries: &[Entry], steps: &[(i64, i64)], zone: Tz, order: Order<'_>) -> Vec<Bucket> {
    let mut ranked: Vec<(i64, Uuid)> = entries
        .iter()
        .map(|e| e.source)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .map(|source| (order(metric, source), source))
        .collect();
    ranked.sort_unstable();
    let mut filling = Filling { steps, bins: steps.iter().map(|_| Bin::default()).collect() };
    let (mut covered, mut told) = (Covered::default(), BTreeSet::new());
    for (_, source) in ranked {
        let own: Vec<&Entry> = entries.iter().filter(|e| e.source == source).collect();
        let days = Calendar { zone, last: std::cell::Cell::new((0, 0)) };
        intervals(&own, &mut covered, &mut filling);
        let whole = moments(&own, &covered, &told, &days, &mut filling);
        // Who says a day's count without an interval says it for the day: nobody else is added to it.
        whole.into_iter().for_each(|(from, to)| covered.add(from, to));
        for entry in own {
            let mut day = days.of(entry.from);
            told.insert(day.0);
            while day.1 < entry.to {
                day = days.of(day.1);
                told.insert(day.0);
            }
        }
    }
    filling.buckets(metric)
}

/// Counts what lasted a while, the shortest first: what a source says in detail stands before its own totals.
fn intervals(own: &[&Entry], covered: &mut Covered, filling: &mut Filling<'_>) {
    let mut lasting: Vec<&&Entry> = own.iter().filter(|e| e.to > e.from).collect();
    lasting.sort_by_key(|e| (e.to - e.from, e.from));
    for entry in lasting {
        for (from, to) in covered.gaps(entry.from, entry.to) {
            filling.spread(entry, from, to);
        }
        covered.add(entry.from, entry.to);
    }
}

/// Counts what was said of a moment, on days of which no source that stands before has told; answers those days.
fn moments(
    own: &[&Entry],
    covered: &Covered,
    told: &BTreeSet<i64>,
    days: &Calendar,
    filling: &mut Filling<'_>,
) -> BTreeSet<(i64, i64)> {
    let mut whole = BTreeSet::new();
    for entry in own.iter().filter(|e| e.to == e.from) {
        let day = days.of(entry.from);
        if !told.contains(&day.0) && !covered.holds(entry.from) {
            filling.drop_in(entry);
            whole.insert(day);
        }
    }
    whole
}

/// Local days; entries come in the order of time, so that most ask for the day of the one before.
struct Calendar {
    zone: Tz,
    last: std::cell::Cell<(i64, i64)>,
}

impl Calendar {
    fn of(&self, at: i64) -> (i64, i64) {
        let last = self.last.get();
        if (last.0..last.1).contains(&at) {
            return last;
        }
        let day = Step::Day.around(at, self.zone);
        self.last.set(day);
        day
    }
}

/// Times that are counted already: from each beginning to its end, apart from one another.
#[derive(Default)]
struct Covered(BTreeMap<i64, i64>);

impl Covered {
    fn holds(&self, at: i64) -> bool {
        self.0.range(..=at).next_back().is_some_and(|(_, end)| *end > at)
    }

    fn add(&mut self, from: i64, to: i64) {
        let (mut from, mut to) = (from, to);
        while let Some((start, end)) =
            self.0.range(..=to).next_back().map(|(s, e)| (*s, *e)).filter(|(_, e)| *e >= from)
        {
            self.0.remove(&start);
            (from, to) = (from.min(start), to.max(end));
        }
        self.0.insert(from, to);
    }

    /// What of a time is not covered.
    fn gaps(&self, from: i64, to: i64) -> Vec<(i64, i64)> {
        let (mut gaps, mut at) = (Vec::new(), from);
        if let Some((_, end)) = self.0.range(..=from).next_back() {
            at = at.max(*end);
        }
        for (start, end) in self.0.range(from..to) {
            if *start > at {
                gaps.push((at, *start));
            }
            at = at.max(*end);
        }
        if at < to {
            gaps.push((at, to));
        }
        gaps
    }
}

/// What comes together in one step.
#[derive(Default)]
struct Bin {
    count: u64,
    min: f64,
    max: f64,
    sum: f64,
    last: Option<(i64, f64)>,
    /// The point counted last, so that one in two pieces counts once.
    counted: Option<(i64, i64, Uuid)>,
    shares: Vec<(Uuid, f64)>,
}

impl Bin {
    fn add(&mut self, entry: &Entry, value: f64, share: f64) {
        self.sum += share;
        match self.shares.iter_mut().find(|(source, _)| *source == entry.source) {
            Some((_, sum)) => *sum += share,
            None => self.shares.push((entry.source, share)),
        }
        if self.counted.replace(entry.identity()) == Some(entry.identity()) {
            return;
        }
        (self.min, self.max) = match self.count {
            0 => (value, value),
            _ => (self.min.min(value), self.max.max(value)),
        };
        self.count += 1;
        if self.last.is_none_or(|(at, _)| at <= entry.to) {
            self.last = Some((entry.to, value));
        }
    }
}

struct Filling<'a> {
    steps: &'a [(i64, i64)],
    bins: Vec<Bin>,
}

impl Filling<'_> {
    fn spread(&mut self, entry: &Entry, from: i64, to: i64) {
        let Some(value) = entry.value else { return };
        let first = self.steps.partition_point(|(_, end)| *end <= from);
        for (place, (start, end)) in self.steps.iter().enumerate().skip(first).take_while(|(_, (start, _))| *start < to)
        {
            let time = (to.min(*end) - from.max(*start)) as f64;
            self.bins[place].add(entry, value, value * time / (entry.to - entry.from) as f64);
        }
    }

    fn drop_in(&mut self, entry: &Entry) {
        let Some(value) = entry.value else { return };
        let place = self.steps.partition_point(|(_, end)| *end <= entry.from);
        if self.steps.get(place).is_some_and(|(start, _)| *start <= entry.from) {
            self.bins[place].add(entry, value, value);
        }
    }

    fn buckets(self, metric: Metric) -> Vec<Bucket> {
        let filled = self.steps.iter().zip(self.bins).filter_map(|(step, bin)| {
            // The first of equals: sources were counted in their order.
            let source = bin.shares.iter().rev().max_by(|a, b| a.1.total_cmp(&b.1)).map(|(source, _)| *source)?;
            Some(Bucket {
                metric,
                from: step.0,
                to: step.1,
                count: bin.count,
                min: bin.min,
                mean: bin.sum / bin.count.max(1) as f64,
                max: bin.max,
                last: bin.last?.1,
                sum: bin.sum,
                source,
            })
        });
        filled.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000;
    const BAND: u128 = 1;
    const PHONE: u128 = 2;

    fn walked(source: u128, from: i64, to: i64, steps: f64) -> Entry {
        let source = Uuid::from_u128(source);
        Entry { from: from * HOUR / 4, to: to * HOUR / 4, source, value: Some(steps), version: 0, quality: 0 }
    }

    /// Of a day in UTC, in quarters of an hour; the band stands before the phone.
    fn of_day(mut entries: Vec<Entry>, steps: &[(i64, i64)]) -> Vec<Bucket> {
        entries.sort_by_key(Entry::identity);
        let order = |_: Metric, source: Uuid| source.as_u128() as i64;
        let steps: Vec<_> = steps.iter().map(|(from, to)| (from * HOUR / 4, to * HOUR / 4)).collect();
        buckets(Metric::Steps, &entries, &steps, Tz::UTC, &order)
    }

    fn sums(found: &[Bucket]) -> Vec<f64> {
        found.iter().map(|bucket| bucket.sum).collect()
    }

    #[test]
    fn the_phone_counts_only_for_the_time_the_band_was_not_worn() {
        let entries = vec![walked(BAND, 32, 40, 4000.0), walked(PHONE, 36, 44, 3800.0)];
        let day = of_day(entries, &[(0, 96)]);
        assert_eq!(sums(&day), [4000.0 + 1900.0]);
        assert_eq!((day[0].source, day[0].count), (Uuid::from_u128(BAND), 2));
    }

    #[test]
    fn a_point_across_the_edge_of_a_bucket_counts_in_both_by_its_time() {
        let found = of_day(vec![walked(BAND, 3, 5, 100.0)], &[(0, 4), (4, 8), (8, 12)]);
        assert_eq!(sums(&found), [50.0, 50.0]);
    }

    #[test]
    fn the_same_time_said_twice_by_one_source_counts_once() {
        let found = of_day(vec![walked(BAND, 0, 4, 100.0), walked(BAND, 0, 8, 200.0)], &[(0, 96)]);
        assert_eq!(sums(&found), [200.0]);
    }

    #[test]
    fn of_counts_without_an_interval_the_first_source_of_the_day_counts() {
        let entries = vec![walked(BAND, 40, 40, 4000.0), walked(PHONE, 41, 41, 3800.0), walked(PHONE, 90, 92, 10.0)];
        assert_eq!(sums(&of_day(entries, &[(0, 96)])), [4000.0]);
        let entries = vec![walked(BAND, 40, 44, 4000.0), walked(PHONE, 80, 80, 3800.0)];
        assert_eq!(sums(&of_day(entries, &[(0, 96)])), [4000.0]);
        let entries = vec![walked(PHONE, 40, 40, 1250.0), walked(PHONE, 44, 44, 250.0)];
        assert_eq!(sums(&of_day(entries, &[(0, 96)])), [1500.0]);
    }

    #[test]
    fn hours_come_to_what_the_day_comes_to() {
        let entries: Vec<Entry> =
            (0..90).map(|i| walked(BAND + (i % 3) as u128, i, i + 1 + i % 5, 10.0 * i as f64)).collect();
        let hours: Vec<(i64, i64)> = (0..24).map(|hour| (hour * 4, hour * 4 + 4)).collect();
        let (day, hours) = (of_day(entries.clone(), &[(0, 96)]), of_day(entries, &hours));
        let together: f64 = sums(&hours).iter().sum();
        assert!((day[0].sum - together).abs() < 1e-6, "{} and {together}", day[0].sum);
    }
}
