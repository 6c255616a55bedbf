//! Which times a phone or a band may send: clocks are years off more often than one would think.
use chrono::{DateTime, TimeDelta, Utc};
use signals::{Kind, Metric};

/// How far ahead something may begin: clocks differ a little.
pub const BEGINS: TimeDelta = TimeDelta::minutes(5);
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

/// How long a sum may have come together: a month is the longest that anybody counts at once.
pub const LONGEST_SUM: TimeDelta = TimeDelta::days(31);
/// How long anything else may stand for: some averages are those of a week.
const LONGEST: TimeDelta = TimeDelta::days(8);

/// As [`plausible`], of a value of this metric. What the ward judges has ended when it is sent, and nothing lasts for ever.
pub fn plausible_for(metric: Metric, from: i64, to: i64, now: DateTime<Utc>) -> Result<(), &'static str> {
    plausible(from, to, now)?;
    let longest = if metric.describe().kind == Kind::Sum { LONGEST_SUM } else { LONGEST };
    match () {
        () if ward::is_judged(metric) && to > (now + BEGINS).timestamp_micros() => {
            Err("ends in the future: it cannot have been measured yet")
        }
        () if TimeDelta::microseconds(to - from) > longest => Err("lasts longer than one value can stand for"),
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

    #[test]
    fn what_is_judged_has_ended_and_nothing_lasts_for_ever() {
        let now: DateTime<Utc> = "2026-11-20T12:00:00Z".parse().unwrap();
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap().timestamp_micros();
        let fits = |metric, from: &str, to: &str| plausible_for(metric, at(from), at(to), now).is_ok();
        assert!(fits(Metric::HeartRate, "2026-11-20T00:00:00Z", "2026-11-20T12:04:00Z"));
        assert!(!fits(Metric::HeartRate, "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z"));
        assert!(fits(Metric::Steps, "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z"));
        assert!(fits(Metric::RestingHeartRate, "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z"), "a day's own");
        assert!(fits(Metric::Steps, "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z"));
        assert!(!fits(Metric::Steps, "2026-09-01T00:00:00Z", "2026-11-01T00:00:00Z"));
        assert!(fits(Metric::WalkingSteadiness, "2026-11-01T00:00:00Z", "2026-11-08T00:00:00Z"));
        assert!(!fits(Metric::WalkingSteadiness, "2026-10-01T00:00:00Z", "2026-11-08T00:00:00Z"));
    }
}
