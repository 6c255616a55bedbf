//! What to ask for: one kind of data over one stretch of time, with the notices that this answers.
use chrono::{DateTime, TimeDelta, Utc};

use crate::connections::Connection;
use crate::notices::Notice;

/// One kind of data over one stretch of time.
#[derive(Debug, Clone)]
pub struct Span {
    pub collection: String,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    /// Whether something there was deleted.
    pub is_taken_back: bool,
    /// What was told and is done when this is.
    pub notices: Vec<Notice>,
}

impl Span {
    pub fn new(collection: &str, from: DateTime<Utc>, to: DateTime<Utc>) -> Self {
        Self { collection: collection.to_owned(), from, to, is_taken_back: false, notices: Vec::new() }
    }

    fn covers(&self, notice: &Notice) -> bool {
        self.collection == notice.collection && self.from <= notice.from_at && notice.to_at <= self.to
    }

    fn answer(&mut self, notice: Notice) {
        self.is_taken_back |= notice.is_taken_back;
        self.notices.push(notice);
    }
}

/// What a band sends late, out of reach for a night and a day.
const LATE: TimeDelta = TimeDelta::days(2);

/// From when on everything is asked for: since it was last, and once a day further back.
pub fn since(connection: &Connection, now: DateTime<Utc>) -> DateTime<Utc> {
    let is_first_today = connection.last_sync_at.is_none_or(|last| last.date_naive() < now.date_naive());
    if is_first_today { connection.synced_to.min(now - LATE) } else { connection.synced_to }
}

/// Puts each notice to a span that answers it, and makes spans for the others.
pub fn with(mut spans: Vec<Span>, told: Vec<Notice>) -> Vec<Span> {
    for notice in told {
        match spans.iter_mut().find(|span| span.covers(&notice)) {
            Some(span) => span.answer(notice),
            None => {
                let mut own = Span::new(&notice.collection, notice.from_at, notice.to_at);
                own.answer(notice);
                spans.push(own);
            }
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_answered_by_the_span_that_covers_it_and_else_by_its_own() {
        let start = DateTime::from_timestamp(1_700_000_000, 0).expect("a time");
        let hour = |n: i64| start + TimeDelta::hours(n);
        let notice = |collection: &str, from, to, is_taken_back| Notice {
            collection: collection.to_owned(),
            from_at: hour(from),
            to_at: hour(to),
            is_taken_back,
            told: 1,
        };
        let told = vec![
            notice("steps", 1, 2, false),
            notice("steps", 2, 3, true),
            notice("steps", 3, 5, false),
            notice("sleep", 1, 2, false),
        ];
        let spans = with(vec![Span::new("steps", hour(0), hour(4))], told);
        let found: Vec<_> = spans.iter().map(|s| (s.collection.as_str(), s.notices.len(), s.is_taken_back)).collect();
        assert_eq!(found, [("steps", 2, true), ("steps", 1, false), ("sleep", 1, false)]);
        assert_eq!((spans[1].from, spans[1].to), (hour(3), hour(5)));
    }
}
