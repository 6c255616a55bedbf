//! Fitbit's times are those of the patient's own clock: the zone of the account takes them to UTC.
use chrono::{DateTime, Days, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;

use crate::fetch::Session;
use crate::trouble::Trouble;

/// The zone of an account.
#[derive(Debug, Clone, Copy)]
pub struct Zone(pub Tz);

impl Zone {
    /// The zone that the account is in now; asked once a job.
    pub async fn of(session: &mut Session<'_>) -> Result<Self, Trouble> {
        if let Some(zone) = session.zone {
            return Ok(zone);
        }
        let said = session.get("/1/user/-/profile.json").await?;
        let named = said["user"]["timezone"].as_str().and_then(|name| name.parse().ok());
        let zone = Self(named.ok_or(Trouble::Refused { why: "the provider does not say in which time zone it is" })?);
        session.zone = Some(zone);
        Ok(zone)
    }

    pub fn day_of(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.0).date_naive()
    }

    /// A moment of the account's clock. Of an hour that comes twice it is the first, and one that is left out is the same
    /// time after midnight as if it had not been.
    pub fn at(&self, local: NaiveDateTime) -> DateTime<Utc> {
        match self.0.from_local_datetime(&local) {
            LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.to_utc(),
            LocalResult::None => {
                let before = self.0.from_local_datetime(&(local - TimeDelta::hours(3)));
                let before = before.earliest().map_or_else(|| local.and_utc(), |at| at.to_utc());
                before + TimeDelta::hours(3)
            }
        }
    }

    /// From when until when a day is.
    pub fn bounds(&self, day: NaiveDate) -> (DateTime<Utc>, DateTime<Utc>) {
        let next = day.checked_add_days(Days::new(1)).unwrap_or(day);
        (self.at(day.and_time(NaiveTime::MIN)), self.at(next.and_time(NaiveTime::MIN)))
    }
}

/// A day as a notice keeps it, wherever it was.
pub fn as_utc(day: NaiveDate) -> (DateTime<Utc>, DateTime<Utc>) {
    let from = day.and_time(NaiveTime::MIN).and_utc();
    (from, from + TimeDelta::days(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_night_in_which_the_clocks_change_has_no_hour_too_many() {
        let (berlin, india) = (Zone(Tz::Europe__Berlin), Zone(Tz::Asia__Kolkata));
        let at = |zone: Zone, local: &str| zone.at(local.parse().expect("a time")).to_rfc3339();
        assert_eq!(at(india, "2026-11-01T00:30:00"), "2026-10-31T19:00:00+00:00");
        assert_eq!(at(berlin, "2026-10-25T02:30:00"), "2026-10-25T00:30:00+00:00", "the first of the two");
        assert_eq!(at(berlin, "2026-03-29T02:30:00"), "2026-03-29T01:30:00+00:00", "left out that night");
        let hours = |day: &str| {
            let (from, to) = berlin.bounds(day.parse().expect("a day"));
            (to - from).num_hours()
        };
        assert_eq!([hours("2026-03-29"), hours("2026-10-25"), hours("2026-11-01")], [23, 25, 24]);
    }
}
