//! SQL texts put together from filters that may be absent.
use crate::{Args, Bind, Value};

/// A `SELECT` with AND-ed conditions. Each `?` of a condition becomes the next `$n`.
pub struct Where {
    text: String,
    args: Args,
    conditions: usize,
}

impl Where {
    /// Starts from `SELECT … FROM …`.
    pub fn new(select: &'static str) -> Self {
        Self { text: select.to_owned(), args: Vec::new(), conditions: 0 }
    }

    /// Adds a condition when its value is present: `.and("city = ?", city)`.
    #[must_use]
    pub fn and<V: Bind>(self, condition: &'static str, value: Option<V>) -> Self {
        match value {
            Some(value) => self.all(condition, [value.bind()]),
            None => self,
        }
    }

    /// Adds a condition over several values, one for each `?`.
    #[must_use]
    pub fn all(self, condition: &'static str, values: impl IntoIterator<Item = Value>) -> Self {
        self.condition(condition, values)
    }

    fn condition(mut self, condition: &str, values: impl IntoIterator<Item = Value>) -> Self {
        self.text.push_str(if self.conditions == 0 { " WHERE (" } else { " AND (" });
        self.conditions += 1;
        self.fragment(condition, values);
        self.text.push(')');
        self
    }

    /// Adds that a column has one of these values.
    #[must_use]
    pub fn among<V: Bind + Copy>(self, column: &'static str, values: &[V]) -> Self {
        let Some(last) = values.last() else { return self.all("FALSE", []) };
        // Padded to few lengths, so that there are few texts for an engine to keep prepared.
        let places = values.len().next_power_of_two();
        let padded = (0..places).map(|place| values.get(place).unwrap_or(last).bind());
        self.condition(&format!("{column} IN ({})", vec!["?"; places].join(", ")), padded)
    }

    /// Ends the text: `ORDER BY … LIMIT ?`.
    #[must_use]
    pub fn tail(mut self, tail: &'static str, values: impl IntoIterator<Item = Value>) -> Self {
        self.text.push(' ');
        self.fragment(tail, values);
        self
    }

    fn fragment(&mut self, fragment: &str, values: impl IntoIterator<Item = Value>) {
        let mut values = values.into_iter();
        for c in fragment.chars() {
            if c != '?' {
                self.text.push(c);
            } else if let Some(value) = values.next() {
                self.args.push(value);
                self.text.push_str(&format!("${}", self.args.len()));
            }
        }
        debug_assert!(values.next().is_none(), "more values than places in {fragment}");
    }

    pub(crate) fn into_parts(self) -> (String, Args) {
        (self.text, self.args)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args;

    #[test]
    fn absent_filters_leave_no_trace() {
        let (text, args) = Where::new("SELECT a FROM b")
            .and("c = ?", Some("x"))
            .and("d = ?", None::<i64>)
            .all("e < ? OR f = ?", args![1i64, true])
            .tail("ORDER BY a LIMIT ?", args![5i64])
            .into_parts();
        assert_eq!(text, "SELECT a FROM b WHERE (c = $1) AND (e < $2 OR f = $3) ORDER BY a LIMIT $4");
        assert_eq!(args.len(), 4);
    }

    #[test]
    fn a_column_has_one_of_several_values() {
        let (text, args) = Where::new("SELECT a FROM b").and("c = ?", Some("x")).among("a", &[1i64, 2, 3]).into_parts();
        assert_eq!(text, "SELECT a FROM b WHERE (c = $1) AND (a IN ($2, $3, $4, $5))");
        assert_eq!(args[1..], args![1i64, 2i64, 3i64, 3i64]);
        let (text, args) = Where::new("SELECT a FROM b").among::<i64>("a", &[]).into_parts();
        assert_eq!((text.as_str(), args.len()), ("SELECT a FROM b WHERE (FALSE)", 0));
    }
}
