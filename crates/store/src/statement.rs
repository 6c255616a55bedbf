//! Statements: named SQL texts, written once, known to a registry so that a test can prepare each on both engines.
use std::sync::OnceLock;

use crate::Value;

/// Every statement of the program, wherever it is written.
#[linkme::distributed_slice]
pub static REGISTRY: [&'static Statement];

/// A named SQL text in PostgreSQL's dialect, kept to what SQLite understands too.
pub struct Statement {
    pub name: &'static str,
    pub text: &'static str,
    sqlite: OnceLock<String>,
    silent: OnceLock<String>,
    many: OnceLock<String>,
}

/// Names a statement and puts it into the registry: `sql!(BED_BY_ID = "SELECT …");`.
#[macro_export]
macro_rules! sql {
    ($(#[$doc:meta])* $name:ident = $text:expr) => {
        $(#[$doc])*
        pub static $name: $crate::Statement = $crate::Statement::new(stringify!($name), $text);
        const _: () = {
            #[$crate::linkme::distributed_slice($crate::REGISTRY)]
            #[linkme(crate = $crate::linkme)]
            static ENTRY: &'static $crate::Statement = &$name;
        };
    };
}

impl Statement {
    pub const fn new(name: &'static str, text: &'static str) -> Self {
        Self { name, text, sqlite: OnceLock::new(), silent: OnceLock::new(), many: OnceLock::new() }
    }

    pub(crate) fn sqlite(&self) -> &str {
        self.sqlite.get_or_init(|| for_sqlite(self.text))
    }

    /// SQLite's form without its `RETURNING` clause, which costs it a temporary table.
    pub(crate) fn silent(&self) -> &str {
        self.silent.get_or_init(|| match self.sqlite().split_once(" RETURNING ") {
            Some((without, _)) => without.to_owned(),
            None => self.sqlite().to_owned(),
        })
    }

    /// PostgreSQL's form of this statement over many keys or rows at once.
    pub(crate) fn many(&self, sample: &[Value]) -> &str {
        self.many.get_or_init(|| match self.text.split_once("VALUES (") {
            Some((head, rest)) => {
                let tail = rest.split_once(')').map_or("", |(_, tail)| tail);
                let columns: Vec<String> =
                    sample.iter().enumerate().map(|(i, v)| format!("${}::{}[]", i + 1, postgres_type(v))).collect();
                format!("{head}SELECT * FROM UNNEST({}){tail}", columns.join(", "))
            }
            None => self.text.replace("= $1", "= ANY($1)"),
        })
    }
}

/// SQLite numbers parameters as `?1`, and one writer at a time makes row locks needless.
pub(crate) fn for_sqlite(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        out.push(if c == '$' && chars.peek().is_some_and(char::is_ascii_digit) { '?' } else { c });
    }
    match out.trim_end().strip_suffix("FOR UPDATE") {
        Some(without) => without.to_owned(),
        None => out,
    }
}

fn postgres_type(value: &Value) -> &'static str {
    match value {
        Value::Uuid(_) => "uuid",
        Value::Text(_) => "text",
        Value::Int(_) => "bigint",
        Value::Real(_) => "double precision",
        Value::Bool(_) => "boolean",
        Value::Time(_) => "timestamptz",
        Value::Date(_) => "date",
        Value::Bytes(_) => "bytea",
        Value::Json(_) => "jsonb",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_renumbered_for_sqlite_and_locks_dropped() {
        assert_eq!(
            for_sqlite("SELECT a FROM b WHERE c = $2 AND d = $10 FOR UPDATE"),
            "SELECT a FROM b WHERE c = ?2 AND d = ?10 "
        );
        assert_eq!(for_sqlite("SELECT '$x'"), "SELECT '$x'");
    }

    #[test]
    fn rows_become_columns_for_postgres() {
        let insert = Statement::new("I", "INSERT INTO t (a, b) VALUES ($1, $2) ON CONFLICT DO NOTHING");
        assert_eq!(
            insert.many(&crate::args![1i64, "x"]),
            "INSERT INTO t (a, b) SELECT * FROM UNNEST($1::bigint[], $2::text[]) ON CONFLICT DO NOTHING"
        );
        let select = Statement::new("S", "SELECT a FROM t WHERE id = $1 AND live");
        assert_eq!(select.many(&[]), "SELECT a FROM t WHERE id = ANY($1) AND live");
    }
}
