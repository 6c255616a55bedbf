//! A day as somebody somewhere lives it.
use chrono::{DateTime, Days, FixedOffset, NaiveDate, TimeZone as _, Utc};
use garde::Validate;
use serde::Deserialize;
use utoipa::IntoParams;

/// Where the day is to be taken from.
#[derive(Debug, Default, Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct Zone {
    /// How far ahead of UTC the clocks are, as `+05:30`; UTC when left out.
    #[garde(inner(custom(known)))]
    #[param(example = "+05:30")]
    pub time_zone: Option<String>,
}

fn known(text: &str, _: &()) -> garde::Result {
    match offset(text) {
        Some(_) => Ok(()),
        None => Err(garde::Error::new("must be UTC or an offset such as +05:30")),
    }
}

/// In a query an unescaped plus arrives as a space.
fn offset(text: &str) -> Option<FixedOffset> {
    if matches!(text, "UTC" | "Z") {
        return FixedOffset::east_opt(0);
    }
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+" | " ", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':').or_else(|| rest.split_at_checked(2))?;
    let number = |digits: &str, below: i32| {
        let plain = digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_digit());
        digits.parse::<i32>().ok().filter(|number| plain && *number < below)
    };
    FixedOffset::east_opt(sign * (number(hours, 15)? * 3600 + number(minutes, 60)? * 60))
}

/// A day between two instants.
#[derive(Debug, PartialEq, Eq)]
pub struct Day {
    pub date: NaiveDate,
    pub from: DateTime<Utc>,
    /// The first instant of the next day.
    pub to: DateTime<Utc>,
    /// The offset the day was taken at, or `UTC`.
    pub time_zone: String,
}

impl Zone {
    /// The day that this instant falls on there.
    pub fn day(&self, now: DateTime<Utc>) -> Day {
        let zone = self.time_zone.as_deref().and_then(offset);
        let offset = zone.unwrap_or_else(|| chrono::Offset::fix(&Utc));
        let date = now.with_timezone(&offset).date_naive();
        let start = |date: NaiveDate| {
            let midnight = date.and_hms_opt(0, 0, 0).unwrap_or_default();
            offset.from_local_datetime(&midnight).single().map_or(now, |local| local.to_utc())
        };
        let next = date.checked_add_days(Days::new(1)).unwrap_or(date);
        let time_zone = if offset.local_minus_utc() == 0 { "UTC".to_owned() } else { offset.to_string() };
        Day { date, from: start(date), to: start(next), time_zone }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    #[test]
    fn in_india_the_day_begins_before_it_does_at_greenwich() {
        let india = Zone { time_zone: Some("+05:30".to_owned()) };
        let day = india.day(at("2026-11-20T19:00:00Z"));
        assert_eq!((day.date.to_string().as_str(), day.time_zone.as_str()), ("2026-11-21", "+05:30"));
        assert_eq!((day.from, day.to), (at("2026-11-20T18:30:00Z"), at("2026-11-21T18:30:00Z")));
        let day = Zone::default().day(at("2026-11-20T19:00:00Z"));
        assert_eq!((day.from, day.time_zone.as_str()), (at("2026-11-20T00:00:00Z"), "UTC"));
    }

    #[test]
    fn offsets_are_told_from_other_text() {
        for good in ["+05:30", " 05:30", "+0530", "-03:00", "UTC", "Z", "+00:00", "+14:00"] {
            assert!(known(good, &()).is_ok(), "{good}");
        }
        for bad in ["", "+", "5:30", "+5:30", "+05:60", "+15:00", "+05:3x", "Mars/Base", "+é:30", "+05:030"] {
            assert!(known(bad, &()).is_err(), "{bad}");
        }
    }
}
