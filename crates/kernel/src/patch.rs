//! A member of a change: left out, cleared with `null`, or set.
use serde::{Deserialize, Deserializer};

/// Use with `#[serde(default)]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// The member was not sent: it stays as it is.
    #[default]
    Keep,
    /// `null` was sent: it becomes empty.
    Clear,
    Set(T),
}

impl<T> Patch<T> {
    /// The value after the change.
    pub fn over(self, current: Option<T>) -> Option<T> {
        match self {
            Self::Keep => current,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}
