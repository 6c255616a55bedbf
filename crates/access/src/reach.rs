//! How far a permission reaches within what it opens: over which time, and whether over what is marked as sensitive.
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};

/// A span of time, both ends included; without bounds where it does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Span {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<DateTime<Utc>>,
}

impl Span {
    pub const ALWAYS: Self = Self { from: None, to: None };

    pub fn is_always(&self) -> bool {
        *self == Self::ALWAYS
    }

    pub fn includes(&self, at: DateTime<Utc>) -> bool {
        self.from.is_none_or(|from| from <= at) && self.to.is_none_or(|to| at <= to)
    }

    /// Whether any of a day, in UTC, is in it.
    pub fn includes_day(&self, day: NaiveDate) -> bool {
        let (from, to) = self.days();
        from <= day && day <= to
    }

    /// Whether any of the time between two moments is in it; without an end it goes on.
    pub fn meets(&self, begins: DateTime<Utc>, ends: Option<DateTime<Utc>>) -> bool {
        self.to.is_none_or(|to| begins <= to) && self.from.zip(ends).is_none_or(|(from, ends)| from <= ends)
    }

    /// What is left of the time from one moment until before another. None when nothing is.
    pub fn cut(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        // The end is included, and times are kept in microseconds.
        let after = self.to.and_then(|to| to.checked_add_signed(chrono::TimeDelta::microseconds(1)));
        let left = (self.from.map_or(from, |own| own.max(from)), after.map_or(until, |own| own.min(until)));
        (left.0 < left.1).then_some(left)
    }

    /// Its bounds as both databases can hold them.
    pub fn bounds(&self) -> (DateTime<Utc>, DateTime<Utc>) {
        let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
        (self.from.unwrap_or_else(|| midnight(FIRST)), self.to.unwrap_or_else(|| midnight(LAST)))
    }

    /// The days, in UTC, of its bounds.
    pub fn days(&self) -> (NaiveDate, NaiveDate) {
        let (from, to) = self.bounds();
        (from.date_naive(), to.date_naive())
    }

    /// Whether it is longer than another. Without a bound it is longer than any that has both.
    fn is_wider_than(&self, other: &Self) -> bool {
        let length = |span: &Self| {
            let (from, to) = span.bounds();
            to - from
        };
        length(self) > length(other)
    }

    /// The longest of some.
    pub(crate) fn widest(spans: impl Iterator<Item = Self>) -> Option<Self> {
        spans.reduce(|widest, span| if span.is_wider_than(&widest) { span } else { widest })
    }
}

/// No chart is older, and none is as young.
const FIRST: NaiveDate = NaiveDate::from_ymd_opt(1000, 1, 1).expect("a day");
const LAST: NaiveDate = NaiveDate::from_ymd_opt(9000, 1, 1).expect("a day");

/// How far a permission reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// What is of another time than this stays closed. A consent may say of which time the data may be.
    pub span: Span,
    /// Of which time what is marked as sensitive is open too; none when it stays closed.
    pub sensitive: Option<Span>,
}

impl Reach {
    pub const ALL: Self = Self { span: Span::ALWAYS, sensitive: Some(Span::ALWAYS) };
}

/// Of which time something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    At(DateTime<Utc>),
    /// A whole day, as of an illness that was found.
    On(NaiveDate),
}

impl When {
    fn is_in(self, span: &Span) -> bool {
        match self {
            Self::At(at) => span.includes(at),
            Self::On(day) => span.includes_day(day),
        }
    }
}

/// What is known in clear of an entry of a chart.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    pub when: When,
    /// The account that wrote it, which sees its own sensitive entries.
    pub by: uuid::Uuid,
    pub is_sensitive: bool,
}

impl Reach {
    /// Whether an entry is open to this actor.
    pub fn includes(&self, actor: uuid::Uuid, mark: Mark) -> bool {
        let within = mark.when.is_in(&self.span) && (!mark.is_sensitive || mark.by == actor);
        within || mark.is_sensitive && self.sensitive.is_some_and(|span| mark.when.is_in(&span))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{Days, TimeDelta};
    use uuid::Uuid;

    fn at(days: u64) -> DateTime<Utc> {
        let day = NaiveDate::from_ymd_opt(2026, 1, 1).and_then(|day| day.checked_add_days(Days::new(days))).unwrap();
        day.and_time(NaiveTime::MIN).and_utc()
    }

    fn span(from: u64, to: u64) -> Span {
        Span { from: Some(at(from)), to: Some(at(to)) }
    }

    #[test]
    fn both_ends_are_in_a_span_and_nothing_beyond() {
        let (week, moment) = (span(1, 7), TimeDelta::microseconds(1));
        assert!(week.includes(at(1)) && week.includes(at(7)));
        assert!(!week.includes(at(1) - moment) && !week.includes(at(7) + moment));
        assert!(week.includes_day(at(7).date_naive()) && !week.includes_day(at(8).date_naive()));
        assert!(week.meets(at(0), None) && week.meets(at(0), Some(at(1))) && !week.meets(at(0), Some(at(0))));
        assert_eq!(week.cut(at(0), at(3)), Some((at(1), at(3))));
        assert_eq!(week.cut(at(3), at(30)), Some((at(3), at(7) + moment)));
        assert_eq!(week.cut(at(8), at(30)), None);
        assert_eq!(Span::ALWAYS.cut(at(8), at(30)), Some((at(8), at(30))));
    }

    #[test]
    fn the_longest_span_is_the_widest() {
        let since = Span { from: Some(at(5)), to: None };
        assert_eq!(Span::widest([span(1, 7), since, span(2, 3)].into_iter()), Some(since));
        assert_eq!(Span::widest([since, Span::ALWAYS].into_iter()), Some(Span::ALWAYS));
        assert_eq!(Span::widest(std::iter::empty()), None);
    }

    #[test]
    fn what_is_sensitive_is_open_to_its_writer_and_to_whom_it_was_opened() {
        let (writer, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let mark = Mark { when: When::At(at(3)), by: writer, is_sensitive: true };
        let closed = Reach { span: Span::ALWAYS, sensitive: None };
        assert!(closed.includes(writer, mark) && !closed.includes(other, mark));
        assert!(closed.includes(other, Mark { is_sensitive: false, ..mark }));
        assert!(Reach { span: Span::ALWAYS, sensitive: Some(span(2, 4)) }.includes(other, mark));
        assert!(!Reach { span: Span::ALWAYS, sensitive: Some(span(4, 5)) }.includes(other, mark));
        assert!(!Reach { span: span(4, 5), sensitive: None }.includes(writer, mark), "of another time");
    }
}
