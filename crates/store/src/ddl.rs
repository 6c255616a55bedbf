//! Turns portable table definitions into SQLite's.

/// PostgreSQL's type words and the SQLite storage class of each.
const TYPES: [(&str, &str); 8] = [
    ("uuid", "BLOB"),
    ("timestamptz", "INTEGER"),
    ("date", "TEXT"),
    ("jsonb", "TEXT"),
    ("boolean", "INTEGER"),
    ("bigint", "INTEGER"),
    ("bytea", "BLOB"),
    ("double precision", "REAL"),
];

/// Before the column that `ALTER TABLE` adds, on a line of its own.
const ADD: &str = "ADD COLUMN ";

/// Rewrites a definition: the type word of each column, `STRICT` on every table, and `WITHOUT ROWID` where the closing
/// line asks for it with `-- clustered` (rows then live in the primary key's own tree).
///
/// A column is a line that starts with its lower-case name; words inside constraints are left alone.
pub(crate) fn for_sqlite(ddl: &str) -> String {
    ddl.lines().map(line_for_sqlite).collect::<Vec<_>>().join("\n")
}

fn line_for_sqlite(line: &str) -> String {
    if line.starts_with(");") {
        return if line.contains("-- clustered") { ") STRICT, WITHOUT ROWID;" } else { ") STRICT;" }.to_owned();
    }
    let body = line.trim_start();
    let (verb, body) = body.strip_prefix(ADD).map_or(("", body), |column| (ADD, column));
    let Some((name, rest)) = body.split_once(' ') else { return line.to_owned() };
    if !line.starts_with(' ') || !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') {
        return line.to_owned();
    }
    let rest = rest.trim_start();
    for (theirs, ours) in TYPES {
        if let Some(tail) = rest.strip_prefix(theirs)
            && !tail.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        {
            return format!("    {verb}{name} {ours}{tail}");
        }
    }
    line.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_added_column_gets_its_type_too() {
        let lite = for_sqlite("ALTER TABLE a\n    ADD COLUMN seen timestamptz;");
        assert_eq!(lite, "ALTER TABLE a\n    ADD COLUMN seen INTEGER;");
    }

    #[test]
    fn only_column_types_change() {
        let ddl = "CREATE TABLE a (\n    id uuid NOT NULL,\n    born date,\n    date text NOT NULL DEFAULT 'uuid',\n    PRIMARY KEY (id)\n); -- clustered";
        let lite = for_sqlite(ddl);
        assert_eq!(
            lite,
            "CREATE TABLE a (\n    id BLOB NOT NULL,\n    born TEXT,\n    date text NOT NULL DEFAULT 'uuid',\n    PRIMARY KEY (id)\n) STRICT, WITHOUT ROWID;"
        );
    }
}
