//! What a patient is found by, as the index keeps it: a letter for the kind, and the value.
use std::collections::BTreeSet;

use ::contacts::{ContactKind, ContactPoint};
use chrono::NaiveDate;
use serde_json::Value;
use store::Bind;

use crate::model::Stored;

/// One entry of the index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Vec<u8>);

/// Letters of a word that are indexed. What a longer search asks is looked up in the few names that begin so.
const LETTERS: usize = 8;
/// Longest value of an entry: an index of PostgreSQL keeps no more than 2.7 KB a row.
const LONGEST: usize = 200;

impl Key {
    fn new(kind: char, value: &str) -> Self {
        let value: String = value.chars().take(LONGEST).collect();
        Self(format!("{kind}{value}").into_bytes())
    }

    /// That a word of the name begins so.
    pub fn beginning(word: &str) -> Self {
        Self::new('n', &word.chars().take(LETTERS).collect::<String>())
    }

    /// That a word of the name sounds like this one.
    pub fn sound(word: &str) -> Self {
        Self::new('s', &kernel::sound(word))
    }

    pub fn born(date: NaiveDate) -> Self {
        Self::new('b', &date.to_string())
    }

    /// None when the text has no digits.
    pub fn phone(text: &str) -> Option<Self> {
        Some(::contacts::phone_key(text)).filter(|key| !key.is_empty()).map(|key| Self::new('p', &key))
    }

    /// None when the text is blank.
    pub fn email(text: &str) -> Option<Self> {
        Some(::contacts::email_key(text)).filter(|key| !key.is_empty()).map(|key| Self::new('e', &key))
    }

    /// None when the text has no words.
    pub fn city(text: &str) -> Option<Self> {
        Some(kernel::words(text).join(" ")).filter(|key| !key.is_empty()).map(|key| Self::new('c', &key))
    }

    /// Everything a patient is found by. `points` are all contact points, those of the registration among them.
    pub fn of(patient: &Stored, points: &[ContactPoint]) -> BTreeSet<Self> {
        let mut keys = BTreeSet::from([Self::born(patient.date_of_birth)]);
        for word in kernel::words(&patient.name) {
            keys.insert(Self::sound(&word));
            let letters: Vec<char> = word.chars().take(LETTERS).collect();
            keys.extend((1..=letters.len()).map(|length| Self::beginning(&String::from_iter(&letters[..length]))));
        }
        keys.extend(points.iter().filter_map(Self::of_point));
        keys
    }

    fn of_point(point: &ContactPoint) -> Option<Self> {
        match point.kind {
            ContactKind::Phone => Self::phone(point.value.as_str()?),
            ContactKind::Email => Self::email(point.value.as_str()?),
            ContactKind::Address => Self::city(point.value.get("city").and_then(Value::as_str)?),
        }
    }
}

impl Bind for Key {
    const NULL: store::Value = store::Value::Bytes(None);
    fn bind(self) -> store::Value {
        self.0.bind()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_typed_twice_is_one_entry() {
        assert_eq!(Key::phone("+91 98765 43210"), Key::phone("098765-43210"));
        assert_eq!(Key::city(" new  Delhi "), Key::city("New-Delhi"));
        assert_eq!(Key::email("A@b.org"), Key::email("a@B.org"));
        assert_eq!((Key::phone("-"), Key::city(" "), Key::email("")), (None, None, None));
    }

    #[test]
    fn a_long_word_is_found_by_its_first_letters() {
        assert_eq!(Key::beginning("venkataraman"), Key::beginning("venkatar"));
        assert_ne!(Key::beginning("venka"), Key::beginning("venkat"));
    }
}
