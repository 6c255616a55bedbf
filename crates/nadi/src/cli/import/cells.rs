//! What stands in a cell, as a value of JSON.
use chrono::NaiveDate;
use serde_json::{Value, json};

/// Why a row is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The column or member that does not fit; empty when it is the row.
    pub member: String,
    pub reason: String,
}

impl Refusal {
    pub fn of(member: &str, reason: impl Into<String>) -> Self {
        Self { member: member.to_owned(), reason: reason.into() }
    }
}

/// How dates are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dates {
    /// 1980-05-17.
    Iso,
    /// 17/05/1980, and 1980-05-17 as well.
    DayFirst,
}

/// What the cells of a column hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Whole,
    Number,
    YesNo,
    Date,
    /// Several texts with `;` between.
    Words,
}

impl Kind {
    /// The value of a cell that is not empty.
    pub fn value(self, cell: &str, dates: Dates) -> Result<Value, &'static str> {
        match self {
            Self::Text => Ok(json!(cell)),
            Self::Whole => cell.parse::<i64>().map(Value::from).map_err(|_| "is not a whole number"),
            Self::Number => match cell.parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(json!(number)),
                _ => Err("is not a number (write 72.5)"),
            },
            Self::YesNo => yes_no(cell).map(Value::from).ok_or("is neither yes nor no"),
            Self::Date => date(cell, dates).map(|date| json!(date)).ok_or(match dates {
                Dates::Iso => "is not a date as 1980-05-17; with --day-first 17/05/1980 is one",
                Dates::DayFirst => "is not a date as 17/05/1980 or 1980-05-17",
            }),
            Self::Words => {
                Ok(cell.split(';').map(str::trim).filter(|word| !word.is_empty()).map(Value::from).collect())
            }
        }
    }
}

fn yes_no(cell: &str) -> Option<bool> {
    match cell.to_ascii_lowercase().as_str() {
        "yes" | "y" | "true" | "1" => Some(true),
        "no" | "n" | "false" | "0" => Some(false),
        _ => None,
    }
}

fn date(cell: &str, dates: Dates) -> Option<NaiveDate> {
    let parts: Vec<&str> = cell.split(['/', '-', '.']).collect();
    let [first, month, last] = parts[..] else { return None };
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    let (year, day) = match dates {
        _ if first.len() == 4 && cell.contains('-') => (first, last),
        Dates::DayFirst if last.len() == 4 => (last, first),
        _ => return None,
    };
    NaiveDate::from_ymd_opt(number(year)? as i32, number(month)?, number(day)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_said() {
        let day = NaiveDate::from_ymd_opt(1980, 5, 17);
        for (cell, iso, day_first) in [
            ("1980-05-17", day, day),
            ("17/05/1980", None, day),
            ("17-5-1980", None, day),
            ("17.05.1980", None, day),
            ("05/17/1980", None, None),
            ("17/05/80", None, None),
            ("1980/05/17", None, None),
            ("1980-13-01", None, None),
            ("yesterday", None, None),
            ("-1-1980-", None, None),
        ] {
            assert_eq!((date(cell, Dates::Iso), date(cell, Dates::DayFirst)), (iso, day_first), "{cell}");
        }
    }

    #[test]
    fn a_cell_is_what_its_column_says() {
        let value = |kind: Kind, cell| kind.value(cell, Dates::Iso);
        assert_eq!(value(Kind::Text, "007"), Ok(json!("007")));
        assert_eq!(value(Kind::Whole, "12"), Ok(json!(12)));
        assert_eq!(value(Kind::Number, "172.5"), Ok(json!(172.5)));
        assert_eq!((value(Kind::YesNo, "Yes"), value(Kind::YesNo, "0")), (Ok(json!(true)), Ok(json!(false))));
        assert_eq!(value(Kind::Words, "cardiology; ;surgery"), Ok(json!(["cardiology", "surgery"])));
        for (kind, cell) in [(Kind::Whole, "1.5"), (Kind::Number, "1,5"), (Kind::Number, "NaN"), (Kind::YesNo, "maybe")]
        {
            assert!(value(kind, cell).is_err(), "{cell}");
        }
    }
}
