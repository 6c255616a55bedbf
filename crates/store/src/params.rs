//! Values as PostgreSQL takes them: one by one, or many rows as one array a column.
use std::fmt;

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use crate::{Error, Result, Value};

/// A parameter in the protocol's binary form; without bytes it is NULL.
pub(crate) struct Param {
    kind: Type,
    bytes: Option<BytesMut>,
}

pub(crate) type Params = Vec<Param>;

impl Param {
    fn of(kind: Type, value: &impl ToSql) -> Result<Self> {
        let mut bytes = BytesMut::new();
        let null = matches!(value.to_sql(&kind, &mut bytes).map_err(Error::from_boxed)?, IsNull::Yes);
        Ok(Self { kind, bytes: (!null).then_some(bytes) })
    }
}

pub(crate) fn kinds(params: &Params) -> Vec<Type> {
    params.iter().map(|param| param.kind.clone()).collect()
}

pub(crate) fn each(params: &Params) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|param| param as &(dyn ToSql + Sync)).collect()
}

/// The driver logs the parameters of each statement: names, contacts and numbers that must stand in no log.
impl fmt::Debug for Param {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)
    }
}

impl ToSql for Param {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        let Some(bytes) = &self.bytes else { return Ok(IsNull::Yes) };
        out.extend_from_slice(bytes);
        Ok(IsNull::No)
    }

    /// The statement was prepared for these very kinds; only `accepts` of the type itself could say more.
    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

pub(crate) fn bind(values: &[Value]) -> Result<Params> {
    let param = |value: &Value| match value {
        Value::Uuid(v) => Param::of(Type::UUID, v),
        Value::Text(v) => Param::of(Type::TEXT, v),
        Value::Int(v) => Param::of(Type::INT8, v),
        Value::Real(v) => Param::of(Type::FLOAT8, v),
        Value::Bool(v) => Param::of(Type::BOOL, v),
        Value::Time(v) => Param::of(Type::TIMESTAMPTZ, v),
        Value::Date(v) => Param::of(Type::DATE, v),
        Value::Bytes(v) => Param::of(Type::BYTEA, v),
        Value::Json(v) => Param::of(Type::JSONB, v),
    };
    values.iter().map(param).collect()
}

/// Turns rows into one array a column. Every row has the same kinds of value in the same order.
pub(crate) fn bind_columns(rows: &[Vec<Value>]) -> Result<Params> {
    macro_rules! column {
        ($kind:ident, $array:ident, $index:expr) => {{
            let column: Option<Vec<_>> = rows
                .iter()
                .map(|row| match &row[$index] {
                    Value::$kind(v) => Some(v.as_ref()),
                    _ => None,
                })
                .collect();
            Param::of(Type::$array, &column.ok_or_else(|| Error::internal("rows of different kinds"))?)
        }};
    }
    let first = rows.first().into_iter().flatten().enumerate();
    let param = |(index, value): (usize, &Value)| match value {
        Value::Uuid(_) => column!(Uuid, UUID_ARRAY, index),
        Value::Text(_) => column!(Text, TEXT_ARRAY, index),
        Value::Int(_) => column!(Int, INT8_ARRAY, index),
        Value::Real(_) => column!(Real, FLOAT8_ARRAY, index),
        Value::Bool(_) => column!(Bool, BOOL_ARRAY, index),
        Value::Time(_) => column!(Time, TIMESTAMPTZ_ARRAY, index),
        Value::Date(_) => column!(Date, DATE_ARRAY, index),
        Value::Bytes(_) => column!(Bytes, BYTEA_ARRAY, index),
        Value::Json(_) => column!(Json, JSONB_ARRAY, index),
    };
    first.map(param).collect()
}
