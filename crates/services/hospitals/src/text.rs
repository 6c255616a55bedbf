//! Lists of words and the forms of text that are searched by, shared with the doctors' service.
use garde::Validate;
use kernel::not_blank;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Bind, Column, PgRow, Raw};
use utoipa::ToSchema;

/// A short list of short texts, such as specializations: 50 at most, each of 1 to 100 characters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(transparent)]
#[garde(transparent)]
#[schema(max_items = 50)]
pub struct Words(
    #[garde(length(max = 50), inner(length(chars, min = 1, max = 100), custom(not_blank)))] pub Vec<String>,
);

impl Words {
    /// What the words are searched by, each once.
    pub fn keys(&self) -> Vec<String> {
        let mut keys: Vec<String> = self.0.iter().map(|word| key(word)).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}

/// The form that names are compared in: trimmed, in lower case, as both engines would not agree on how to fold case.
pub fn key(text: &str) -> String {
    text.trim().to_lowercase()
}

/// Whether a search can find nobody: it asks for something, and has no letter or digit in it.
pub fn finds_nobody(text: Option<&str>) -> bool {
    text.is_some_and(|text| !text.trim().is_empty() && !text.chars().any(char::is_alphanumeric))
}

/// Keeps a type in a `jsonb` column.
macro_rules! json_column {
    ($($type:ty),* $(,)?) => {$(
        impl Bind for $type {
            const NULL: store::Value = store::Value::Json(None);
            fn bind(self) -> store::Value {
                store::Value::Json(Some(serde_json::json!(self)))
            }
        }
        impl Column for $type {
            fn from_sqlite(value: Raw<'_>) -> Option<Self> {
                serde_json::from_value(Value::from_sqlite(value)?).ok()
            }
            fn from_postgres(row: &PgRow, name: &str) -> store::Result<Self> {
                let value = Value::from_postgres(row, name)?;
                serde_json::from_value(value).map_err(|error| store::Error::unreadable(name, &error.to_string()))
            }
        }
    )*};
}
json_column!(Words, crate::Address);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_without_a_letter_finds_nobody() {
        assert_eq!(["%", " _ ", "!?"].map(|text| finds_nobody(Some(text))), [true; 3]);
        assert_eq!(["a%", " 5", "  ", "ä"].map(|text| finds_nobody(Some(text))), [false; 4]);
        assert!(!finds_nobody(None));
    }

    #[test]
    fn words_are_searched_by_once_each() {
        let words = Words(vec!["Cardiology ".into(), "cardiology".into(), "Ärzte".into()]);
        assert_eq!(words.keys(), ["cardiology", "ärzte"]);
    }
}
