//! Steps of local time: minutes, hours, days and weeks as the patient's own clocks and calendars have them.
use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;

/// How long a bucket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Minute,
    Hour,
    /// From midnight to midnight: 23 hours in a night when clocks go forward, 25 when they go back.
    Day,
    /// From Monday to Monday.
    Week,
}

impl Step {
    /// Minutes and hours are counted from the beginning of their day, so that half hours between zones change nothing.
    fn micros(self) -> Option<i64> {
        match self {
            Self::Minute => Some(60_000_000),
            Self::Hour => Some(3_600_000_000),
            Self::Day | Self::Week => None,
        }
    }

    /// The bucket that a moment lies in: its beginning and its end.
    pub(crate) fn around(self, at: i64, zone: Tz) -> (i64, i64) {
        self.within(self.days(at, zone), at)
    }

    /// The bucket of a moment of these days.
    fn within(self, (start, end): (i64, i64), at: i64) -> (i64, i64) {
        match self.micros() {
            // A day that is no whole number of hours long ends with a shorter one.
            Some(length) => {
                let from = start + (at - start).div_euclid(length) * length;
                (from, (from + length).min(end))
            }
            None => (start, end),
        }
    }

    fn days(self, at: i64, zone: Tz) -> (i64, i64) {
        let date = local_date(at, zone);
        let (first, days) = match self {
            Self::Week => (date - Days::new(u64::from(date.weekday().num_days_from_monday())), 7),
            _ => (date, 1),
        };
        (midnight(first, zone), midnight(first + Days::new(days), zone))
    }
}

/// Buckets of moments that follow one another: when their day begins and ends is worked out once.
pub(crate) struct Walk {
    step: Step,
    zone: Tz,
    days: (i64, i64),
}

impl Walk {
    pub(crate) fn new(step: Step, zone: Tz) -> Self {
        Self { step, zone, days: (0, 0) }
    }

    /// As [`Step::around`].
    pub(crate) fn around(&mut self, at: i64) -> (i64, i64) {
        if !(self.days.0..self.days.1).contains(&at) {
            self.days = self.step.days(at, self.zone);
        }
        self.step.within(self.days, at)
    }
}

fn local_date(at: i64, zone: Tz) -> NaiveDate {
    let at = DateTime::from_timestamp_micros(at).unwrap_or_default();
    at.with_timezone(&zone).date_naive()
}

/// When a local day begins: at midnight, or where clocks skip that, at the first moment after it.
pub(crate) fn midnight(date: NaiveDate, zone: Tz) -> i64 {
    let midnight = date.and_time(NaiveTime::MIN);
    // Of two midnights in one night the first begins the day.
    let at = zone.from_local_datetime(&midnight).earliest().map(|at| at.with_timezone(&Utc));
    at.unwrap_or_else(|| after_gap(midnight, zone)).timestamp_micros()
}

fn after_gap(missing: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    // No zone has ever skipped more than a day, and gaps end on whole minutes.
    let later = (1..=1_500).map(|minutes| missing + TimeDelta::minutes(minutes));
    let found = later.filter_map(|local| zone.from_local_datetime(&local).earliest()).next();
    found.map_or_else(|| missing.and_utc(), |at| at.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000;

    fn at(text: &str) -> i64 {
        text.parse::<DateTime<Utc>>().expect("a time").timestamp_micros()
    }

    fn hours(step: Step, moment: &str, zone: Tz) -> i64 {
        let (from, to) = step.around(at(moment), zone);
        assert!((from..to).contains(&at(moment)));
        (to - from) / HOUR
    }

    #[test]
    fn a_day_is_as_long_as_its_night_makes_it() {
        let berlin = chrono_tz::Europe::Berlin;
        assert_eq!(hours(Step::Day, "2026-03-29T12:00:00Z", berlin), 23);
        assert_eq!(hours(Step::Day, "2026-10-25T12:00:00Z", berlin), 25);
        assert_eq!(hours(Step::Day, "2026-11-20T12:00:00Z", berlin), 24);
        assert_eq!(hours(Step::Week, "2026-03-25T12:00:00Z", berlin), 7 * 24 - 1);
        let india = Step::Day.around(at("2026-11-20T18:29:59Z"), chrono_tz::Asia::Kolkata);
        assert_eq!(india, (at("2026-11-19T18:30:00Z"), at("2026-11-20T18:30:00Z")));
    }

    #[test]
    fn a_midnight_that_is_skipped_begins_when_clocks_go_on() {
        // Clocks in Beirut went from 24:00 to 01:00 on the 29th of March 2026.
        let day = Step::Day.around(at("2026-03-29T12:00:00Z"), chrono_tz::Asia::Beirut);
        assert_eq!(day, (at("2026-03-28T22:00:00Z"), at("2026-03-29T21:00:00Z")));
        // Samoa had no 30th of December 2011.
        let samoa = chrono_tz::Pacific::Apia;
        assert_eq!(hours(Step::Day, "2011-12-31T12:00:00Z", samoa), 24);
        let skipped = NaiveDate::from_ymd_opt(2011, 12, 30).expect("a date");
        assert_eq!(midnight(skipped, samoa), midnight(skipped + Days::new(1), samoa));
    }

    #[test]
    fn hours_follow_one_another_without_gap_or_overlap_through_every_night() {
        for zone in [
            chrono_tz::Europe::Berlin,
            chrono_tz::Australia::Lord_Howe,
            chrono_tz::Asia::Kolkata,
            chrono_tz::Asia::Beirut,
        ] {
            for step in [Step::Minute, Step::Hour, Step::Day, Step::Week] {
                let (mut moment, end) = (at("2026-03-27T00:00:00Z"), at("2026-04-10T00:00:00Z"));
                let mut last = step.around(moment, zone);
                let mut walk = Walk::new(step, zone);
                while moment < end {
                    moment = last.1;
                    let next = step.around(moment, zone);
                    assert_eq!(walk.around(moment), next);
                    assert_eq!(next.0, last.1, "{zone} {step:?}");
                    assert!(next.1 > next.0);
                    last = next;
                }
            }
        }
    }
}
