//! The score: how alike two records are, member by member.
use std::collections::BTreeSet;

use super::{Facts, dates, names};
use crate::model::{Likeness, Part};

// What each member counts. A name and a birth date are the person's; families share the rest.
const NAME: i64 = 40;
const BORN: i64 = 30;
const PHONE: i64 = 15;
const ADDRESS: i64 = 10;
const EMAIL: i64 = 5;

/// A phone with one digit wrong.
const PHONE_SLIP: f64 = 0.6;

/// How alike two records are.
pub fn likeness(one: &Facts, other: &Facts) -> Likeness {
    let (named, why) = names::similarity(&one.name, &other.name);
    let (born, when) = dates::similarity(one.born, other.born);
    let mut parts = vec![part("name", NAME, named, why), part("date_of_birth", BORN, born, when.to_owned())];
    parts.extend(best(&one.phones, &other.phones, phones).map(|(alike, why)| part("phone", PHONE, alike, why)));
    parts.extend(best(&one.emails, &other.emails, emails).map(|(alike, why)| part("email", EMAIL, alike, why)));
    let addresses = best(&one.addresses, &other.addresses, |one, other| addresses(one, other));
    parts.extend(addresses.map(|(alike, why)| part("address", ADDRESS, alike, why)));
    let (points, of) = parts.iter().fold((0, 0), |(points, of), part| (points + part.points, of + part.of));
    Likeness { score: rounded(points * 100, of), parts }
}

fn rounded(of: i64, by: i64) -> i64 {
    (2 * of + by) / (2 * by)
}

fn part(member: &'static str, of: i64, similarity: f64, because: String) -> Part {
    let similarity = (similarity * 100.0).round() / 100.0;
    Part { member, similarity, points: (similarity * of as f64).round() as i64, of, because }
}

/// The likest two of both lists; none when one is empty.
fn best<T>(one: &[T], other: &[T], compare: fn(&T, &T) -> (f64, String)) -> Option<(f64, String)> {
    let pairs = one.iter().flat_map(|a| other.iter().map(move |b| compare(a, b)));
    pairs.max_by(|a, b| a.0.total_cmp(&b.0))
}

fn phones(one: &String, other: &String) -> (f64, String) {
    match one == other {
        true => (1.0, "is the same".to_owned()),
        false if dates::is_slip(one.as_bytes(), other.as_bytes()) => {
            (PHONE_SLIP, "differs by one slip of the finger".to_owned())
        }
        false => (0.0, "is another".to_owned()),
    }
}

fn emails(one: &String, other: &String) -> (f64, String) {
    match one == other {
        true => (1.0, "is the same".to_owned()),
        false => (0.0, "is another".to_owned()),
    }
}

fn addresses(one: &[String], other: &[String]) -> (f64, String) {
    let (one, other): (BTreeSet<_>, BTreeSet<_>) = (one.iter().collect(), other.iter().collect());
    let common = one.intersection(&other).count();
    let all = one.union(&other).count();
    (2.0 * common as f64 / (one.len() + other.len()) as f64, format!("{common} of {all} words are in both"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(name: &str, born: &str, phone: &str, address: &str) -> Facts {
        let phones = if phone.is_empty() { vec![] } else { vec![::contacts::phone_key(phone)] };
        let addresses = if address.is_empty() { vec![] } else { vec![kernel::words(address)] };
        Facts { name: name.to_owned(), born: born.parse().unwrap(), phones, emails: vec![], addresses }
    }

    #[test]
    fn the_same_facts_are_wholly_alike() {
        let asha = facts("Asha Rao", "1980-05-17", "+91 98765 43210", "1 Ghat Road Pune");
        let same = likeness(&asha, &asha);
        assert_eq!((same.score, same.parts.len()), (100, 4));
        assert_eq!(same.parts.iter().map(|part| part.of).sum::<i64>(), 95);
    }

    #[test]
    fn the_arithmetic_is_as_it_is_shown() {
        let one = facts("Priya Sharma", "1980-05-07", "98765 43210", "1 Ghat Road Pune");
        let other = facts("Sharma Preeya", "1980-07-05", "98765 43211", "1 Ghat Road Mumbai");
        let alike = likeness(&one, &other);
        let points: Vec<(&str, i64, i64)> =
            alike.parts.iter().map(|part| (part.member, part.points, part.of)).collect();
        assert_eq!(points, [("name", 39, 40), ("date_of_birth", 24, 30), ("phone", 9, 15), ("address", 8, 10)]);
        // 80 of 95 points.
        assert_eq!(alike.score, 84);
    }

    #[test]
    fn what_either_lacks_does_not_count() {
        let one = facts("Asha Rao", "1980-05-17", "", "");
        let other = facts("Asha Rao", "1980-05-17", "98765 43210", "Pune");
        let alike = likeness(&one, &other);
        assert_eq!((alike.score, alike.parts.len()), (100, 2));
    }

    #[test]
    fn a_brother_in_the_same_house_is_not_the_same_person() {
        let sister = facts("Asha Rao", "1980-05-17", "98765 43210", "1 Ghat Road Pune");
        let brother = facts("Ravi Rao", "1984-11-02", "98765 43210", "1 Ghat Road Pune");
        assert!(likeness(&sister, &brother).score < 50);
    }
}
