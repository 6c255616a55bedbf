//! PostgreSQL: binding values one by one, and many rows as columns.
#![allow(clippy::disallowed_methods)] // Statements are run here and nowhere else.
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::{Arguments as _, AssertSqlSafe, Postgres};

use crate::{Error, FromRow, Result, Row, Value};

pub(crate) fn bind(values: &[Value]) -> Result<PgArguments> {
    let mut arguments = PgArguments::default();
    for value in values {
        match value {
            Value::Uuid(v) => arguments.add(v),
            Value::Text(v) => arguments.add(v),
            Value::Int(v) => arguments.add(v),
            Value::Real(v) => arguments.add(v),
            Value::Bool(v) => arguments.add(v),
            Value::Time(v) => arguments.add(v),
            Value::Date(v) => arguments.add(v),
            Value::Bytes(v) => arguments.add(v),
            Value::Json(v) => arguments.add(v),
        }
        .map_err(Error::from_boxed)?;
    }
    Ok(arguments)
}

/// Turns rows into one array a column. Every row has the same kinds of value in the same order.
pub(crate) fn bind_columns(rows: &[Vec<Value>]) -> Result<PgArguments> {
    let mut arguments = PgArguments::default();
    macro_rules! column {
        ($kind:ident, $index:expr) => {{
            let column: Option<Vec<_>> = rows
                .iter()
                .map(|row| match &row[$index] {
                    Value::$kind(v) => Some(v.clone()),
                    _ => None,
                })
                .collect();
            arguments.add(column.ok_or_else(|| Error::internal("rows of different kinds"))?)
        }};
    }
    for (index, value) in rows.first().into_iter().flatten().enumerate() {
        match value {
            Value::Uuid(_) => column!(Uuid, index),
            Value::Text(_) => column!(Text, index),
            Value::Int(_) => column!(Int, index),
            Value::Real(_) => column!(Real, index),
            Value::Bool(_) => column!(Bool, index),
            Value::Time(_) => column!(Time, index),
            Value::Date(_) => column!(Date, index),
            Value::Bytes(_) => column!(Bytes, index),
            Value::Json(_) => column!(Json, index),
        }
        .map_err(Error::from_boxed)?;
    }
    Ok(arguments)
}

pub(crate) async fn query<'e, T: FromRow>(
    executor: impl sqlx::Executor<'e, Database = Postgres>,
    text: &str,
    arguments: PgArguments,
) -> Result<Vec<T>> {
    let rows = fetch(executor, text, arguments).await?;
    rows.iter().map(|row| T::from_row(&Row::Postgres(row))).collect()
}

pub(crate) async fn fetch<'e>(
    executor: impl sqlx::Executor<'e, Database = Postgres>,
    text: &str,
    arguments: PgArguments,
) -> Result<Vec<PgRow>> {
    Ok(sqlx::query_with(AssertSqlSafe(text), arguments).fetch_all(executor).await?)
}

pub(crate) async fn execute<'e>(
    executor: impl sqlx::Executor<'e, Database = Postgres>,
    text: &str,
    arguments: PgArguments,
) -> Result<u64> {
    Ok(sqlx::query_with(AssertSqlSafe(text), arguments).execute(executor).await?.rows_affected())
}
