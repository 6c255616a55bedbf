//! The kinds of records, as the apps name them in the path.
use kernel::{Error, Result};

/// A kind of record: `Steps`. `HeartRate` and `heartRate` are one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Method(String);

impl Method {
    /// Any name of letters, digits, `-` and `_` is a kind; kinds that nobody knows yet are kept as they come.
    pub fn named(name: &str) -> Result<Self> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if !(1..=64).contains(&name.len()) || !name.bytes().all(plain) {
            return Err(Error::malformed("invalid method"));
        }
        let mut name = name.to_owned();
        name[..1].make_ascii_uppercase();
        Ok(Self(name))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_spellings_of_a_kind_are_one() {
        assert_eq!(Method::named("heartRate").unwrap(), Method::named("HeartRate").unwrap());
        assert_eq!(Method::named("vo2Max").unwrap().as_str(), "Vo2Max");
        for name in ["", "a b", "..", "é", &"x".repeat(65)] {
            assert!(Method::named(name).is_err(), "{name}");
        }
    }
}
