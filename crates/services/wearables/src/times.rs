//! Which times a phone or a band may send: clocks are years off more often than one would think.
use chrono::{DateTime, TimeDelta, Utc};

/// How far ahead something may begin: clocks differ a little.
const BEGINS: TimeDelta = TimeDelta::minutes(5);
/// How far ahead it may end: the sum of a day is sent while the day goes on.
const ENDS: TimeDelta = TimeDelta::days(1);
/// 2000-01-01, when no such device was there, in microseconds since 1970.
const OLDEST: i64 = 946_684_800_000_000;

/// Refuses a span of time that cannot be right, with the reason.
pub fn plausible(from: i64, to: i64, now: DateTime<Utc>) -> Result<(), &'static str> {
    let ahead = |by: TimeDelta| (now + by).timestamp_micros();
    match () {
        () if to < from => Err("ends before it begins"),
        () if from < OLDEST => Err("is before 2000: the clock of the device is wrong"),
        () if from > ahead(BEGINS) => Err("is in the future: the clock of the device is wrong"),
        () if to > ahead(ENDS) => Err("ends in the future: the clock of the device is wrong"),
        () => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_years_off_is_told_from_one_that_is_a_little_ahead() {
        let now: DateTime<Utc> = "2026-11-20T12:00:00Z".parse().unwrap();
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap().timestamp_micros();
        let instant = |text: &str| plausible(at(text), at(text), now);
        assert!(instant("2026-11-20T12:04:59Z").is_ok());
        assert!(instant("2026-11-20T12:05:01Z").is_err());
        assert!(instant("2000-01-01T00:00:00Z").is_ok());
        assert!(instant("1999-12-31T23:59:59Z").is_err());
        assert!(instant("1970-01-01T00:00:00Z").is_err());
        assert!(instant("2096-11-20T12:00:00Z").is_err());
        let span = |from: &str, to: &str| plausible(at(from), at(to), now);
        assert!(span("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z").is_ok(), "the sum of today");
        assert!(span("2026-11-20T11:00:00Z", "2026-11-22T11:00:00Z").is_err());
        assert_eq!(span("2026-11-20T11:00:00Z", "2026-11-20T10:59:59Z"), Err("ends before it begins"));
    }
}
