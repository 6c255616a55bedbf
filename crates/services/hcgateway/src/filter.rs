//! The filters of `fetch`: a small part of MongoDB's, over `_id`, `id`, `app`, `start` and `end`. All else is refused.
use chrono::{DateTime, NaiveDate, Utc};
use kernel::{Error, Result};
use serde_json::{Map, Value};

/// Conditions in one filter at most, and how deep they may lie in each other.
const MOST: usize = 1000;
const DEEPEST: usize = 16;

/// What a record is asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Is(Field, Test),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    Id,
    App,
    Start,
    End,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    In(Vec<Operand>),
    NotIn(Vec<Operand>),
    Order(Order, Operand),
}

/// How a member stands to a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Above,
    AtLeast,
    Below,
    AtMost,
}

/// What a member is compared with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operand {
    Nothing,
    Text(String),
    Time(DateTime<Utc>),
}

/// A record as a filter sees it.
pub struct Seen<'a> {
    pub id: &'a str,
    pub app: Option<&'a str>,
    pub start: DateTime<Utc>,
    /// None of what happened at one moment.
    pub end: Option<DateTime<Utc>>,
}

impl Filter {
    /// Reads a filter; 400 when it is more than this surface knows.
    pub fn read(queries: &Value) -> Result<Self> {
        let mut left = MOST;
        match queries {
            Value::Null => Ok(Self::All(Vec::new())),
            Value::Object(members) => all_of(members, DEEPEST, &mut left),
            _ => Err(refused("queries is an object")),
        }
    }

    pub fn fits(&self, seen: &Seen<'_>) -> bool {
        match self {
            Self::All(all) => all.iter().all(|one| one.fits(seen)),
            Self::Any(any) => any.iter().any(|one| one.fits(seen)),
            Self::Is(field, test) => test.holds(&field.of(seen)),
        }
    }

    /// The ids that alone can fit, when the filter names them.
    pub fn ids(&self) -> Option<Vec<&str>> {
        match self {
            Self::All(all) => all.iter().find_map(Self::ids),
            Self::Is(Field::Id, Test::In(ids)) => Some(ids.iter().filter_map(Operand::as_text).collect()),
            Self::Is(..) | Self::Any(_) => None,
        }
    }

    /// A time before which nothing that fits begins, or ends; and one after which nothing does.
    pub fn span(&self, of: Field) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        match self {
            Self::All(all) => all
                .iter()
                .map(|one| one.span(of))
                .fold((None, None), |(from, to), (f, t)| (from.max(f), [to, t].into_iter().flatten().min())),
            Self::Is(field, test) if *field == of => test.span(),
            Self::Is(..) | Self::Any(_) => (None, None),
        }
    }
}

fn all_of(members: &Map<String, Value>, depth: usize, left: &mut usize) -> Result<Filter> {
    let depth = depth.checked_sub(1).ok_or_else(|| refused("the filter lies too deep"))?;
    let mut all = Vec::new();
    for (name, value) in members {
        *left = left.checked_sub(1).ok_or_else(|| refused("the filter has too many conditions"))?;
        match name.as_str() {
            "$and" => all.push(Filter::All(each(value, depth, left)?)),
            "$or" => all.push(Filter::Any(each(value, depth, left)?)),
            name => tests(Field::named(name)?, value, &mut all)?,
        }
    }
    Ok(Filter::All(all))
}

fn each(value: &Value, depth: usize, left: &mut usize) -> Result<Vec<Filter>> {
    let filters = value.as_array().filter(|list| !list.is_empty());
    let filters = filters.ok_or_else(|| refused("$and and $or take a list of filters"))?;
    let one = |filter: &Value| {
        let members = filter.as_object().ok_or_else(|| refused("a filter is an object"))?;
        all_of(members, depth, left)
    };
    filters.iter().map(one).collect()
}

/// The conditions on one member: a value, or operators with theirs.
fn tests(field: Field, value: &Value, all: &mut Vec<Filter>) -> Result<()> {
    let Value::Object(operators) = value else {
        all.push(Filter::Is(field, Test::In(vec![field.operand(value)?])));
        return Ok(());
    };
    if operators.is_empty() {
        return Err(refused("a condition has an operator"));
    }
    for (operator, value) in operators {
        let one = || field.operand(value);
        let many = || {
            let list = value.as_array().filter(|list| list.len() <= MOST);
            let list = list.ok_or_else(|| refused("$in and $nin take a list of 1000 values at most"))?;
            list.iter().map(|value| field.operand(value)).collect::<Result<Vec<_>>>()
        };
        let test = match operator.as_str() {
            "$eq" => Test::In(vec![one()?]),
            "$ne" => Test::NotIn(vec![one()?]),
            "$in" => Test::In(many()?),
            "$nin" => Test::NotIn(many()?),
            "$gt" => Test::Order(Order::Above, one()?),
            "$gte" => Test::Order(Order::AtLeast, one()?),
            "$lt" => Test::Order(Order::Below, one()?),
            "$lte" => Test::Order(Order::AtMost, one()?),
            _ => return Err(refused("an operator is not one of $eq $ne $gt $gte $lt $lte $in $nin $and $or")),
        };
        all.push(Filter::Is(field, test));
    }
    Ok(())
}

impl Field {
    fn named(name: &str) -> Result<Self> {
        match name {
            "_id" | "id" => Ok(Self::Id),
            "app" => Ok(Self::App),
            "start" => Ok(Self::Start),
            "end" => Ok(Self::End),
            _ => Err(refused("records are asked for by _id, id, app, start and end")),
        }
    }

    fn operand(self, value: &Value) -> Result<Operand> {
        match (self, value) {
            (_, Value::Null) => Ok(Operand::Nothing),
            (Self::Id | Self::App, Value::String(text)) if text.contains('\0') => {
                Err(refused("NUL characters are not text"))
            }
            (Self::Id | Self::App, Value::String(text)) => Ok(Operand::Text(text.clone())),
            (Self::Start | Self::End, Value::String(text)) => {
                time(text).map(Operand::Time).ok_or_else(|| refused("start and end are times, as 2026-11-20T05:00:00Z"))
            }
            _ => Err(refused("a value is a text or null")),
        }
    }

    fn of(self, seen: &Seen<'_>) -> Operand {
        match self {
            Self::Id => Operand::Text(seen.id.to_owned()),
            Self::App => seen.app.map_or(Operand::Nothing, |app| Operand::Text(app.to_owned())),
            Self::Start => Operand::Time(seen.start),
            Self::End => seen.end.map_or(Operand::Nothing, Operand::Time),
        }
    }
}

impl Test {
    fn holds(&self, member: &Operand) -> bool {
        match self {
            Self::In(list) => list.contains(member),
            Self::NotIn(list) => !list.contains(member),
            // Nothing is neither more nor less than anything.
            Self::Order(_, to) if *member == Operand::Nothing || *to == Operand::Nothing => false,
            Self::Order(Order::Above, to) => member > to,
            Self::Order(Order::AtLeast, to) => member >= to,
            Self::Order(Order::Below, to) => member < to,
            Self::Order(Order::AtMost, to) => member <= to,
        }
    }

    fn span(&self) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        match self {
            Self::Order(Order::Above | Order::AtLeast, Operand::Time(time)) => (Some(*time), None),
            Self::Order(Order::Below | Order::AtMost, Operand::Time(time)) => (None, Some(*time)),
            Self::In(list) if !list.contains(&Operand::Nothing) => {
                let times = || list.iter().filter_map(Operand::as_time);
                (times().min(), times().max())
            }
            _ => (None, None),
        }
    }
}

impl Operand {
    fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    fn as_time(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Time(time) => Some(*time),
            _ => None,
        }
    }
}

/// A time, or a day for its beginning.
fn time(text: &str) -> Option<DateTime<Utc>> {
    let day = || Some(text.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0)?.and_utc());
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc()).or_else(day)
}

fn refused(why: &'static str) -> Error {
    Error::malformed(why)
}

#[cfg(test)]
mod tests;
