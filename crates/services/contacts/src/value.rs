//! What a contact point says: an e-mail address, a phone number or an address, checked.
use kernel::{Error, Result};
use serde_json::{Map, Value};

use crate::ContactKind;
use crate::key::{city_key, email_key, phone_key};

/// A value of one kind.
#[derive(Debug, Clone, PartialEq)]
pub enum ContactValue {
    Email(String),
    Phone(String),
    Address(Map<String, Value>),
}

impl ContactValue {
    /// Reads a value that somebody sent; 422 about `value` when it is none of this kind.
    pub fn parse(kind: ContactKind, value: Value) -> Result<Self> {
        let checked = match (kind, value) {
            (ContactKind::Email, Value::String(text)) => {
                kernel::email(&text, &()).map(|()| Self::Email(text.trim().to_owned()))
            }
            (ContactKind::Phone, Value::String(text)) => {
                phone(&text, &()).map(|()| Self::Phone(text.trim().to_owned()))
            }
            (ContactKind::Address, Value::Object(members)) => address(&members).map(|()| Self::Address(members)),
            (ContactKind::Address, _) => Err(garde::Error::new("is not an object, as an address is")),
            (kind, _) => Err(garde::Error::new(format!("is not text, as the kind {kind} is"))),
        };
        checked.map_err(|error| Error::invalid("value", error.to_string()))
    }

    /// Reads a value that was checked when it was stored. None when it is of another kind.
    pub(crate) fn stored(kind: ContactKind, value: Value) -> Option<Self> {
        match (kind, value) {
            (ContactKind::Email, Value::String(text)) => Some(Self::Email(text)),
            (ContactKind::Phone, Value::String(text)) => Some(Self::Phone(text)),
            (ContactKind::Address, Value::Object(members)) => Some(Self::Address(members)),
            _ => None,
        }
    }

    pub fn kind(&self) -> ContactKind {
        match self {
            Self::Email(_) => ContactKind::Email,
            Self::Phone(_) => ContactKind::Phone,
            Self::Address(_) => ContactKind::Address,
        }
    }

    /// What it is searched by; an address by its city.
    pub fn key(&self) -> String {
        match self {
            Self::Email(text) => email_key(text),
            Self::Phone(text) => phone_key(text),
            Self::Address(members) => members.get("city").and_then(Value::as_str).map(city_key).unwrap_or_default(),
        }
    }

    /// Whether both reach the same place.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Address(one), Self::Address(other)) => one == other,
            _ => self.kind() == other.kind() && self.key() == other.key(),
        }
    }

    pub fn to_json(&self) -> Value {
        match self {
            Self::Email(text) | Self::Phone(text) => Value::String(text.clone()),
            Self::Address(members) => Value::Object(members.clone()),
        }
    }
}

/// A phone number of no more characters than a record keeps.
pub(crate) fn phone(value: &str, context: &()) -> garde::Result {
    match value.chars().count() <= 40 {
        true => kernel::contact(value, context),
        false => Err(garde::Error::new("is longer than 40 characters")),
    }
}

/// As much as every record's own address may hold, so that each can become the primary. The city is looked up in an
/// index, whose entries are short.
fn address(members: &Map<String, Value>) -> garde::Result {
    let length = serde_json::to_string(members).map_or(usize::MAX, |text| text.len());
    let city = members.get("city").and_then(Value::as_str).map_or(0, |city| city.chars().count());
    match (members.is_empty(), members.len() <= 30 && length <= 4000 && city <= 200) {
        (true, _) => Err(garde::Error::new("is an address without members")),
        (_, false) => Err(garde::Error::new("is too long for an address")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_kind_takes_its_own_values_alone() {
        let fits = [
            (ContactKind::Email, json!(" Asha@Example.org ")),
            (ContactKind::Phone, json!("+91 98765 43210")),
            (ContactKind::Address, json!({"city": "Pune"})),
        ];
        for (kind, value) in fits {
            let read = ContactValue::parse(kind, value).unwrap();
            assert_eq!(ContactValue::stored(kind, read.to_json()), Some(read));
        }
        let fails = [
            (ContactKind::Email, json!("asha")),
            (ContactKind::Email, json!({"email_address": "a@b"})),
            (ContactKind::Phone, json!("call us")),
            (ContactKind::Phone, json!(9_876_543_210_i64)),
            (ContactKind::Address, json!("1 Ghat Road")),
            (ContactKind::Address, json!({})),
            (ContactKind::Address, json!({"city": "x".repeat(201)})),
        ];
        for (kind, value) in fails {
            assert!(ContactValue::parse(kind, value.clone()).is_err_and(|e| e.status() == 422), "{kind} {value}");
        }
    }

    #[test]
    fn one_phone_typed_twice_is_the_same() {
        let [one, two] = ["+91 98765 43210", "09876543210"].map(|text| ContactValue::Phone(text.to_owned()));
        assert!(one.is_same(&two));
        assert!(!one.is_same(&ContactValue::Email("09876543210".to_owned())));
    }
}
