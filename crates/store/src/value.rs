//! Values bound into statements: typed, so that a NULL still says what it is a NULL of.
use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

/// One bound value. Times are stored at microseconds; SQLite keeps them as an integer count since 1970.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Uuid(Option<Uuid>),
    Text(Option<String>),
    Int(Option<i64>),
    Real(Option<f64>),
    Bool(Option<bool>),
    Time(Option<DateTime<Utc>>),
    Date(Option<NaiveDate>),
    Bytes(Option<Vec<u8>>),
    Json(Option<serde_json::Value>),
}

/// The values of one execution, in the order `$1, $2, …`.
pub type Args = Vec<Value>;

/// A type whose values can be bound.
pub trait Bind {
    /// What binds an absent value of this type.
    const NULL: Value;
    fn bind(self) -> Value;
}

/// Collects values of different types: `args![id, name, now]`.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { ::std::vec![$($crate::Bind::bind($value)),*] };
}

macro_rules! bind {
    ($($kind:ident($type:ty)),* $(,)?) => {$(
        impl Bind for $type {
            const NULL: Value = Value::$kind(None);
            fn bind(self) -> Value { Value::$kind(Some(self)) }
        }
    )*};
}
bind!(
    Uuid(Uuid),
    Text(String),
    Int(i64),
    Real(f64),
    Bool(bool),
    Time(DateTime<Utc>),
    Date(NaiveDate),
    Bytes(Vec<u8>),
    Json(serde_json::Value),
);

impl<T: Bind> Bind for Option<T> {
    const NULL: Value = T::NULL;
    fn bind(self) -> Value {
        self.map_or(T::NULL, T::bind)
    }
}

impl<T: Bind + Clone> Bind for &T {
    const NULL: Value = T::NULL;
    fn bind(self) -> Value {
        self.clone().bind()
    }
}

impl Bind for &str {
    const NULL: Value = Value::Text(None);
    fn bind(self) -> Value {
        Value::Text(Some(self.to_owned()))
    }
}
