//! Rows read back, alike on both engines.
use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::types::ValueRef;
use tokio_postgres::types::{FromSql, Type};
use uuid::Uuid;

use crate::{Error, Result};

/// A stored value as SQLite gives it.
pub type Raw<'v> = ValueRef<'v>;
/// A row as PostgreSQL gives it.
pub type PgRow = tokio_postgres::Row;

/// One row of an answer; columns are read by name.
pub enum Row<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r PgRow),
}

impl Row<'_> {
    /// Reads a column. Errors when it is absent, NULL without `Option`, or of another type.
    pub fn get<T: Column>(&self, name: &str) -> Result<T> {
        match self {
            Self::Sqlite(row) => T::from_sqlite(row.get_ref(name)?)
                .ok_or_else(|| Error::internal(format!("column {name} is not a {}", std::any::type_name::<T>()))),
            Self::Postgres(row) => T::from_postgres(row, name),
        }
    }
}

/// A type that a column can be read as.
pub trait Column: Sized {
    /// `None` when the stored value is of another type.
    fn from_sqlite(value: ValueRef<'_>) -> Option<Self>;
    fn from_postgres(row: &PgRow, name: &str) -> Result<Self>;
}

/// A type that a whole row can be read as; [`from_row!`](crate::from_row) writes it.
pub trait FromRow: Sized + Send + 'static {
    fn from_row(row: &Row<'_>) -> Result<Self>;
}

/// Writes `FromRow` for a struct whose fields are named as the columns: `from_row!(Bed { id, ward })`.
#[macro_export]
macro_rules! from_row {
    ($type:ident { $($field:ident),* $(,)? }) => {
        impl $crate::FromRow for $type {
            fn from_row(row: &$crate::Row<'_>) -> $crate::Result<Self> {
                Ok(Self { $($field: row.get(stringify!($field))?),* })
            }
        }
    };
}

macro_rules! column {
    ($($type:ty: $pattern:pat => $value:expr),* $(,)?) => {$(
        impl Column for $type {
            fn from_sqlite(value: ValueRef<'_>) -> Option<Self> {
                match value { $pattern => $value, _ => None }
            }
            fn from_postgres(row: &PgRow, name: &str) -> Result<Self> {
                Ok(row.try_get(name)?)
            }
        }
    )*};
}
column!(
    Uuid: ValueRef::Blob(bytes) => Uuid::from_slice(bytes).ok(),
    String: ValueRef::Text(bytes) => std::str::from_utf8(bytes).ok().map(str::to_owned),
    i64: ValueRef::Integer(n) => Some(n),
    f64: ValueRef::Real(n) => Some(n),
    bool: ValueRef::Integer(n) => Some(n != 0),
    DateTime<Utc>: ValueRef::Integer(n) => DateTime::from_timestamp_micros(n),
    NaiveDate: ValueRef::Text(bytes) => std::str::from_utf8(bytes).ok()?.parse().ok(),
    Vec<u8>: ValueRef::Blob(bytes) => Some(bytes.to_owned()),
    serde_json::Value: ValueRef::Text(bytes) => serde_json::from_slice(bytes).ok(),
);

impl<T: Column> Column for Option<T> {
    fn from_sqlite(value: ValueRef<'_>) -> Option<Self> {
        match value {
            ValueRef::Null => Some(None),
            value => T::from_sqlite(value).map(Some),
        }
    }
    fn from_postgres(row: &PgRow, name: &str) -> Result<Self> {
        match row.try_get(name)? {
            IsNull(true) => Ok(None),
            IsNull(false) => T::from_postgres(row, name).map(Some),
        }
    }
}

/// Whether a column is NULL, whatever its type.
struct IsNull(bool);
impl FromSql<'_> for IsNull {
    fn from_sql(_: &Type, _: &[u8]) -> std::result::Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(false))
    }
    fn from_sql_null(_: &Type) -> std::result::Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(true))
    }
    fn accepts(_: &Type) -> bool {
        true
    }
}

/// A single-column answer, read from the column named `value`.
macro_rules! scalar {
    ($($type:ty),*) => {$(
        impl FromRow for $type {
            fn from_row(row: &Row<'_>) -> Result<Self> { row.get("value") }
        }
    )*};
}
scalar!(Uuid, String, i64, f64, bool, DateTime<Utc>, Vec<u8>);
