//! An e-mail address and a phone as the registrations of doctors, institutions and patients name them.
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::value;

/// The e-mail address of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct ContactEmail {
    #[garde(length(chars, max = 254), custom(kernel::email))]
    #[schema(max_length = 254)]
    pub email_address: String,
    /// The one on the record is the primary whatever is said here; further ones are contact points.
    #[serde(default = "primary")]
    #[garde(skip)]
    pub is_primary: bool,
}

/// The phone of a record; a request may also give the number alone, as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(from = "Said")]
pub struct ContactPhone {
    #[garde(length(chars, max = 40), custom(value::phone))]
    #[schema(max_length = 40)]
    pub phone_number: String,
    /// As for the e-mail address.
    #[garde(skip)]
    #[schema(required = false)]
    pub is_primary: bool,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "is neither a phone number as text nor an object with phone_number")]
enum Said {
    Number(String),
    Phone {
        phone_number: String,
        #[serde(default = "primary")]
        is_primary: bool,
    },
}

impl From<Said> for ContactPhone {
    fn from(said: Said) -> Self {
        match said {
            Said::Number(phone_number) => Self { phone_number, is_primary: primary() },
            Said::Phone { phone_number, is_primary } => Self { phone_number, is_primary },
        }
    }
}

fn primary() -> bool {
    true
}

impl ContactEmail {
    /// A record's own address, as it is answered.
    pub fn of(email: &str) -> Self {
        Self { email_address: email.to_owned(), is_primary: true }
    }
}

impl ContactPhone {
    /// A record's own phone, as it is answered; none when it has none.
    pub fn of(phone: &str) -> Option<Self> {
        (!phone.is_empty()).then(|| Self { phone_number: phone.to_owned(), is_primary: true })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_is_given_as_text_or_as_an_object() {
        let [text, object] = ["\"+91 20 1234 5678\"", "{\"phone_number\": \"+91 20 1234 5678\", \"is_primary\": true}"]
            .map(|json| serde_json::from_str::<ContactPhone>(json).unwrap());
        assert_eq!(text, object);
        let refused = serde_json::from_str::<ContactPhone>("5").unwrap_err();
        assert!(refused.to_string().contains("phone_number"), "{refused}");
    }
}
