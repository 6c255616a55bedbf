//! Aadhaar numbers as people write them: twelve digits, shown masked wherever they are shown.
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

/// How closely a number is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AadhaarRules {
    /// As UIDAI issues them: the first digit is 2 to 9, the last one checks the others (Verhoeff).
    Issued,
    /// Any twelve digits, so that the sample of the documents can be tried out.
    AnyTwelve,
}

/// An Aadhaar number. Shown, logged or serialized it is `XXXX XXXX 2346`; dropped, its memory is wiped.
#[derive(Clone)]
pub struct AadhaarNumber(Zeroizing<String>);

/// A number as it was sent, before anybody looked at it. It is never quoted, not even by the error that refuses it.
#[derive(Clone)]
pub struct AadhaarText(Zeroizing<String>);

const DIGITS: usize = 12;
const NOT_TWELVE: &str = "must be twelve digits";

impl AadhaarNumber {
    /// Reads a number, with spaces and dashes between its digits, which may be those of any Indian script. The error
    /// says what is wrong and quotes nothing.
    pub fn parse(text: &str, rules: AadhaarRules) -> Result<Self, &'static str> {
        // Of its final size from the start: growing would leave a copy behind.
        let mut digits = Zeroizing::new(String::with_capacity(DIGITS));
        for c in text.chars() {
            match digit(c) {
                Some(digit) if digits.len() < DIGITS => digits.push(digit),
                None if is_separator(c) => {}
                _ => return Err(NOT_TWELVE),
            }
        }
        match rules {
            _ if digits.len() < DIGITS => Err(NOT_TWELVE),
            AadhaarRules::Issued if digits.starts_with(['0', '1']) => Err("must begin with a digit from 2 to 9"),
            AadhaarRules::Issued if !is_checked(&digits) => Err("has a digit that is wrong: its check digit disagrees"),
            AadhaarRules::Issued | AadhaarRules::AnyTwelve => Ok(Self(digits)),
        }
    }

    /// The last four digits, which may be shown.
    pub(crate) fn last_four(&self) -> &str {
        &self.0[DIGITS - 4..]
    }

    /// The twelve digits, for whoever has to send them to UIDAI.
    pub fn in_clear(&self) -> &str {
        &self.0
    }
}

/// How a number with these last four digits is shown.
pub(crate) fn masked(last_four: &str) -> String {
    format!("XXXX XXXX {last_four}")
}

impl fmt::Display for AadhaarNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&masked(self.last_four()))
    }
}

impl fmt::Debug for AadhaarNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for AadhaarNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl AadhaarText {
    /// Keeps a text that may be a number from being shown.
    pub fn new(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }

    /// The text, for whoever compares it and keeps nothing of it.
    pub fn as_sent(&self) -> &str {
        &self.0
    }

    /// The number, when it is one.
    pub fn number(&self, rules: AadhaarRules) -> Result<AadhaarNumber, &'static str> {
        AadhaarNumber::parse(&self.0, rules)
    }
}

impl fmt::Debug for AadhaarText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AadhaarText")
    }
}

impl<'de> Deserialize<'de> for AadhaarText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AsSent)
    }
}

/// Takes text, and the number that some clients send in place of it. What it refuses it does not repeat, as serde's own
/// errors would.
struct AsSent;

impl Visitor<'_> for AsSent {
    type Value = AadhaarText;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("twelve digits as text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<AadhaarText, E> {
        Ok(AadhaarText::new(text))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<AadhaarText, E> {
        Ok(AadhaarText(Zeroizing::new(number.to_string())))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<AadhaarText, E> {
        Err(E::custom(NOT_TWELVE))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<AadhaarText, E> {
        Err(E::custom(NOT_TWELVE))
    }
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}')
}

/// The zeros of the scripts that Indians write numbers in: Devanagari, Bengali, Gurmukhi, Gujarati, Odia, Tamil, Telugu,
/// Kannada, Malayalam. Nine more digits follow each.
const ZEROS: [u32; 9] = [0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66];

fn digit(c: char) -> Option<char> {
    if c.is_ascii_digit() {
        return Some(c);
    }
    let of = |zero: &u32| u32::from(c).checked_sub(*zero).filter(|value| *value < 10);
    ZEROS.iter().find_map(of).and_then(|value| char::from_digit(value, 10))
}

/// Verhoeff's scheme: multiplication in the dihedral group of ten elements …
const TIMES: [[u8; 10]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
    [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
    [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
    [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
    [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
    [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
    [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
    [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
];
/// … of the digits, each permuted by its place, counted from the last.
const PERMUTED: [[u8; 10]; 8] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
    [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
    [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
    [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
    [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
    [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
    [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
];

/// Whether the last digit is the check digit of the others.
fn is_checked(digits: &str) -> bool {
    let values = digits.bytes().rev().map(|byte| usize::from(byte - b'0')).enumerate();
    let product = |so_far: u8, (place, value): (usize, usize)| {
        TIMES[usize::from(so_far)][usize::from(PERMUTED[place % PERMUTED.len()][value])]
    };
    values.fold(0, product) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issued(text: &str) -> Result<AadhaarNumber, &'static str> {
        AadhaarNumber::parse(text, AadhaarRules::Issued)
    }

    #[test]
    fn numbers_as_uidai_issues_them_are_told_from_others() {
        for good in ["234123412346", "999999990019", "555555555551", "200000000009", "987654321096"] {
            assert_eq!(issued(good).map(|number| number.in_clear().to_owned()), Ok(good.to_owned()));
        }
        let first = "must begin with a digit from 2 to 9";
        for (bad, why) in [
            ("123456789012", first),
            ("111122223333", first),
            ("123412341234", first),
            ("210987654321", "has a digit that is wrong: its check digit disagrees"),
        ] {
            assert_eq!(issued(bad).map(drop), Err(why), "{bad}");
            assert!(AadhaarNumber::parse(bad, AadhaarRules::AnyTwelve).is_ok(), "{bad}");
        }
    }

    #[test]
    fn every_single_wrong_digit_and_every_swap_of_neighbours_is_found() {
        let right = "234123412346";
        for place in 1..DIGITS {
            for other in '0'..='9' {
                let mut wrong: Vec<char> = right.chars().collect();
                wrong[place] = other;
                let wrong: String = wrong.into_iter().collect();
                assert_eq!(issued(&wrong).is_ok(), wrong == right, "{wrong}");
            }
            let mut swapped: Vec<char> = right.chars().collect();
            swapped.swap(place - 1, place);
            let swapped: String = swapped.into_iter().collect();
            assert!(swapped == right || issued(&swapped).is_err(), "{swapped}");
        }
    }

    #[test]
    fn a_number_is_read_however_it_is_written() {
        for text in [
            "2341 2341 2346",
            " 2341-2341-2346 ",
            "2341\u{2013}2341\u{a0}2346",
            "२३४१ २३४१ २३४६",
            "২৩৪১২৩৪১২৩৪৬",
            "௨௩௪௧ ௨௩௪௧ ௨௩௪௬",
            "౨౩౪౧౨౩౪౧౨౩౪౬",
            "२३४१ 2341 ೨೩೪೬",
        ] {
            assert_eq!(
                issued(text).map(|number| number.in_clear().to_owned()),
                Ok("234123412346".to_owned()),
                "{text}"
            );
        }
        for text in [
            "",
            " ",
            "23412341234",
            "2341234123461",
            "2341x23412346",
            "2341.2341.2346",
            "٢٣٤١٢٣٤١٢٣٤٦",
            "+91 98765 43210",
        ] {
            assert_eq!(AadhaarNumber::parse(text, AadhaarRules::AnyTwelve).map(drop), Err(NOT_TWELVE), "{text}");
        }
    }

    #[test]
    fn a_number_is_masked_wherever_it_shows() {
        let number = issued("234123412346").unwrap();
        assert_eq!(number.to_string(), "XXXX XXXX 2346");
        assert_eq!(format!("{number:?}"), "XXXX XXXX 2346");
        assert_eq!(serde_json::to_string(&number).unwrap(), "\"XXXX XXXX 2346\"");
        assert_eq!(format!("{:?}", AadhaarText::new("234123412346")), "AadhaarText");
    }

    #[test]
    fn no_error_about_a_number_repeats_it() {
        for json in ["234123412346.5", "-234123412346", "[234123412346]", "{\"a\": 234123412346}", "true", "null"] {
            let error = serde_json::from_str::<AadhaarText>(json).unwrap_err().to_string();
            assert!(!error.contains("2341"), "{error}");
        }
        let sent: AadhaarText = serde_json::from_str("234123412346").unwrap();
        assert!(sent.number(AadhaarRules::Issued).is_ok());
        assert!(!issued("2341234123460").unwrap_err().contains('4'));
    }
}
