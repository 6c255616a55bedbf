//! Points: what a wearable measured at a moment or over an interval, and which of two that meet counts.
use access::{Grant, Write, data};
use uuid::Uuid;
use vault::PatientKey;

use crate::Metric;

/// What is to be known of how a value came about; several may be true of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, PartialOrd, Ord)]
pub struct Quality(pub u8);

impl Quality {
    pub const NONE: Self = Self(0);
    /// Typed in by a person.
    pub const MANUAL: Self = Self(1);
    /// Computed by the sender and not measured.
    pub const ESTIMATED: Self = Self(2);
    /// The sender doubts it itself: motion, bad contact, low confidence.
    pub const DOUBTFUL: Self = Self(4);

    pub fn is(self, flag: Self) -> bool {
        self.0 & flag.0 == flag.0
    }

    #[must_use]
    pub fn and(self, flag: Self) -> Self {
        Self(self.0 | flag.0)
    }
}

/// One value of one metric. Together with its source, `(metric, from, to)` says which point it is: the same again is the
/// same point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    pub metric: Metric,
    /// Microseconds since 1970.
    pub from: i64,
    /// As `from` for what was measured at a moment.
    pub to: i64,
    /// In the metric's own unit; none: the point was taken back.
    pub value: Option<f64>,
    /// A higher one replaces a lower one, and never the other way round; of equal ones the last said counts.
    pub version: i64,
    pub quality: Quality,
}

/// A point that was found, with the device or app it came from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    pub point: Point,
    pub source: Uuid,
}

/// What the points of a batch outdo of what is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Outdoes {
    /// Lower versions.
    #[default]
    Versions,
    /// Besides, whether the point is there at all, whatever the version: who says so knows which record holds it. What was
    /// taken back is there again, and what is taken back was there.
    Presence,
    /// Whatever is stored: who says so knows that it was said by the same record before.
    Everything,
}

impl Outdoes {
    /// The entry with the version that it needs to take the place of the stored one, if it is to.
    pub(crate) fn raised(self, entry: &Entry, stored: &Entry) -> Entry {
        let version = match self {
            Self::Presence if entry.value.is_some() == stored.value.is_some() => entry.version,
            Self::Presence | Self::Everything => entry.version.max(stored.version),
            Self::Versions => entry.version,
        };
        Entry { version, ..*entry }
    }
}

/// Points of one source to store, with the permission to.
pub struct NewPoints<'a> {
    pub grant: &'a Grant<Write, data::Wearables>,
    pub key: &'a PatientKey,
    /// The device or app.
    pub source: Uuid,
    pub outdoes: Outdoes,
    /// In any order; of two that are the same point the later counts.
    pub points: &'a [Point],
}

/// What became of the points of one batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Outcome {
    pub new: usize,
    /// They replaced another value, took a point back, or brought one again.
    pub replaced: usize,
    /// They were there already, or an earlier version of what is there.
    pub same: usize,
}

/// A point of a known metric, as it lies in chunks and segments.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entry {
    pub from: i64,
    pub to: i64,
    pub source: Uuid,
    pub value: Option<f64>,
    pub version: i64,
    pub quality: u8,
}

/// Which point of its series an entry is; also the order they lie in.
pub type Identity = (i64, i64, Uuid);

impl Entry {
    pub fn of(point: &Point, source: Uuid) -> Self {
        let Point { from, to, value, version, quality, .. } = *point;
        Self { from, to, source, value, version, quality: quality.0 }
    }

    pub fn identity(&self) -> Identity {
        (self.from, self.to, self.source)
    }

    pub fn found(&self, metric: Metric) -> Found {
        let Self { from, to, source, value, version, quality } = *self;
        Found { point: Point { metric, from, to, value, version, quality: Quality(quality) }, source }
    }

    /// Whether this one, said later, takes the place of `stored`.
    pub fn replaces(&self, stored: &Self) -> bool {
        self.version > stored.version || (self.version == stored.version && !self.says_the_same(stored))
    }

    fn says_the_same(&self, other: &Self) -> bool {
        self.value.map(f64::to_bits) == other.value.map(f64::to_bits) && self.quality == other.quality
    }
}

/// Orders entries that came one after another, and keeps of each point what counts.
pub fn settle(entries: &mut Vec<Entry>) {
    if entries.is_sorted_by(|a, b| a.identity() < b.identity()) {
        return;
    }
    // Stable: those of one point stay in the order they were said.
    entries.sort_by_key(Entry::identity);
    entries.dedup_by(|later, kept| {
        let same = later.identity() == kept.identity();
        if same && later.replaces(kept) {
            *kept = *later;
        }
        same
    });
}

/// Merges settled entries that were said later into settled ones.
pub fn merge(stored: Vec<Entry>, later: &[Entry]) -> Vec<Entry> {
    let follows = match (stored.last(), later.first()) {
        (Some(last), Some(first)) => last.identity() < first.identity(),
        _ => true,
    };
    let mut merged = stored;
    let before = merged.len();
    merged.extend_from_slice(later);
    if !follows && before > 0 {
        settle(&mut merged);
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(at: i64, value: impl Into<Option<f64>>, version: i64) -> Entry {
        Entry { from: at, to: at, source: Uuid::nil(), value: value.into(), version, quality: 0 }
    }

    #[test]
    fn of_two_that_are_one_point_the_higher_version_counts_and_of_equals_the_later() {
        let mut said = vec![entry(2, 1.0, 0), entry(1, 5.0, 3), entry(2, 2.0, 0), entry(1, 4.0, 2), entry(2, 2.0, 0)];
        settle(&mut said);
        assert_eq!(said, [entry(1, 5.0, 3), entry(2, 2.0, 0)]);
        let merged = merge(said, &[entry(1, None, 3), entry(2, 9.0, -1), entry(3, 7.0, 0)]);
        assert_eq!(merged, [entry(1, None, 3), entry(2, 2.0, 0), entry(3, 7.0, 0)]);
    }
}
