//! Checks on what people type about a patient, shared by the shapes of the requests.
use std::fmt::Display;

use chrono::{Datelike as _, NaiveDate};
use garde::{Error, Result, Validate};
use kernel::Patch;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// A JSON object that its sender shapes, such as an address.
pub type Object = Map<String, Value>;

/// An e-mail address, kept as it is typed: without white space around it.
pub fn email(value: &str, context: &()) -> Result {
    match value.trim() == value {
        true => kernel::email(value, context),
        false => Err(Error::new("is not an email address")),
    }
}

/// A caller's own reference: it stands in paths and on paper, so it has no white space around it and nothing unseen.
pub fn reference(value: &str, _: &()) -> Result {
    match value {
        text if text.trim().is_empty() => Err(Error::new("must not be blank")),
        text if text.trim() != text => Err(Error::new("must not begin or end with white space")),
        text if text.chars().any(char::is_control) => Err(Error::new("must not contain control characters")),
        text if text.eq_ignore_ascii_case("me") => {
            Err(Error::new("must not be `me`, which names whoever is signed in"))
        }
        _ => Ok(()),
    }
}

/// A member that a change may leave out but not take away: `null` is refused.
pub fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> std::result::Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Checks the value that a change sets, if it sets one.
pub fn set<T>(check: impl Fn(&T, &()) -> Result) -> impl Fn(&Patch<T>, &()) -> Result {
    move |change, context| match change {
        Patch::Set(value) => check(value, context),
        Patch::Keep | Patch::Clear => Ok(()),
    }
}

/// Checks a number that a change sets against what can be.
pub fn range_set<T: PartialOrd + Display + Copy>(least: T, most: T) -> impl Fn(&Patch<T>, &()) -> Result {
    set(move |value: &T, &()| match *value {
        value if value < least => Err(Error::new(format!("is less than {least}"))),
        value if value > most => Err(Error::new(format!("is more than {most}"))),
        _ => Ok(()),
    })
}

/// Checks the length of a text that a change sets.
pub fn longest_set(most: usize) -> impl Fn(&Patch<String>, &()) -> Result {
    set(move |text: &String, &()| match text.chars().count() <= most {
        true => Ok(()),
        false => Err(Error::new(format!("is longer than {most} characters"))),
    })
}

/// The change's form of what has checks of its own.
pub fn valid_set<T: Validate<Context = ()>>(value: &Patch<T>, _: &()) -> Result {
    let told = |report: garde::Report| Error::new(report.to_string().trim().to_owned());
    match value {
        Patch::Set(value) => value.validate().map_err(told),
        Patch::Keep | Patch::Clear => Ok(()),
    }
}

/// A day on which something is taken: not one that was mistyped by a thousand years.
pub fn prescribed_day(value: &NaiveDate, _: &()) -> Result {
    match value.year() {
        ..1900 => Err(Error::new("is before 1900")),
        2200.. => Err(Error::new("is after 2199")),
        _ => Ok(()),
    }
}

/// The change's form of [`email`].
pub fn email_set(value: &Patch<String>, context: &()) -> Result {
    set(|text: &String, context| {
        if text.chars().count() > 254 { Err(Error::new("is longer than 254 characters")) } else { email(text, context) }
    })(value, context)
}

/// The change's form of [`kernel::small_json`].
pub fn object_set(value: &Patch<Object>, context: &()) -> Result {
    set(kernel::small_json)(value, context)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn email_addresses_are_told_from_other_text() {
        for good in ["a@b", "asha.rao+ward@example.org"] {
            assert!(email(good, &()).is_ok(), "{good}");
        }
        for bad in ["", "a", "@b", "a@", "a@b@c", "a b@c", "a@b\n"] {
            assert!(email(bad, &()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn references_are_visible_text() {
        assert!(reference("MRN 0042/7", &()).is_ok());
        for bad in ["", "  ", " a", "a ", "a\tb"] {
            assert!(reference(bad, &()).is_err(), "{bad:?}");
        }
    }
}
