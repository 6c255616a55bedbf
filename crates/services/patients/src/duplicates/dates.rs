//! Birth dates as they are mistyped: day and month swapped, one digit wrong, two digits swapped.
use std::collections::BTreeSet;

use chrono::{Datelike as _, NaiveDate};

/// How alike two birth dates are, and why.
pub fn similarity(one: NaiveDate, other: NaiveDate) -> (f64, &'static str) {
    match () {
        () if one == other => (1.0, "is the same"),
        () if swapped(one) == Some(other) => (0.8, "is the same with day and month swapped"),
        () if is_slip(&digits(one), &digits(other)) => (0.7, "differs by one slip of the finger"),
        () => (0.0, "is another"),
    }
}

/// The date and every date it may have been mistyped as.
pub fn near(date: NaiveDate) -> BTreeSet<NaiveDate> {
    let typed = digits(date);
    let mut near: BTreeSet<NaiveDate> = [Some(date), swapped(date)].into_iter().flatten().collect();
    for place in 0..typed.len() {
        for digit in b'0'..=b'9' {
            let mut slip = typed;
            slip[place] = digit;
            near.extend(read(slip));
        }
        if place > 0 {
            let mut slip = typed;
            slip.swap(place - 1, place);
            near.extend(read(slip));
        }
    }
    near
}

fn swapped(date: NaiveDate) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(date.year(), date.day(), date.month())
}

/// As it is typed without separators.
fn digits(date: NaiveDate) -> [u8; 8] {
    let mut digits = [b'0'; 8];
    let text = date.format("%Y%m%d").to_string();
    for (place, digit) in digits.iter_mut().zip(text.bytes()) {
        *place = digit;
    }
    digits
}

fn read(digits: [u8; 8]) -> Option<NaiveDate> {
    let number = |part: &[u8]| part.iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0'));
    NaiveDate::from_ymd_opt(number(&digits[..4]) as i32, number(&digits[4..6]), number(&digits[6..]))
}

/// Whether one text of digits is the other with one digit wrong or two neighbours swapped.
pub fn is_slip(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let differ: Vec<usize> = (0..one.len()).filter(|place| one[*place] != other[*place]).collect();
    match differ[..] {
        [_] => true,
        [a, b] => b == a + 1 && one[a] == other[b] && one[b] == other[a],
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn slips_of_the_finger_are_near() {
        let born = date("1980-05-17");
        for near_to in ["1980-05-17", "1980-05-11", "1890-05-17", "1908-05-17", "1988-05-17", "1980-03-17"] {
            assert!(near(born).contains(&date(near_to)), "{near_to}");
        }
        assert!(near(date("1980-05-07")).contains(&date("1980-07-05")));
        for far in ["1981-06-17", "1980-06-18", "1979-05-18"] {
            assert!(!near(born).contains(&date(far)), "{far}");
        }
        assert!(near(born).len() < 100);
    }

    #[test]
    fn likeness_says_why() {
        assert_eq!(similarity(date("1980-05-07"), date("1980-05-07")).0, 1.0);
        assert_eq!(similarity(date("1980-05-07"), date("1980-07-05")).0, 0.8);
        assert_eq!(similarity(date("1980-05-07"), date("1980-05-01")).0, 0.7);
        assert_eq!(similarity(date("1980-05-07"), date("1991-12-30")).0, 0.0);
    }
}
