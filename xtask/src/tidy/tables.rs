//! A table belongs to the crate that its migration names, and no other crate touches it.
use std::sync::LazyLock;

use regex::Regex;

use super::Finding;
use crate::rust::{line_of, pattern};
use crate::tree::{File, Tree};

/// A keyword that a table follows, the table, and the rest of a list as in `FROM a x, b AS y`.
static REFERENCE: LazyLock<Regex> = LazyLock::new(|| {
    let keyword = r"\b(?:FROM|INTO|UPDATE|JOIN|TABLE)\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+|ONLY\s+)?";
    let (name, alias) = (r#""?(\w+)"?"#, r"(?:\s+(?:AS\s+)?[a-z]\w*)?");
    pattern(&format!(r#"{keyword}{name}({alias}(?:\s*,\s*"?\w+"?{alias})*)"#))
});
static LISTED: LazyLock<Regex> = LazyLock::new(|| pattern(r#",\s*"?(\w+)"#));

/// Crates that look at the whole from outside.
const OUTSIDE: [&str; 3] = ["testkit", "bench", "xtask"];

/// A table and the crate it belongs to.
pub struct Table {
    pub name: String,
    pub owner: String,
}

/// Finds tables without an owner, and statements on tables that are another crate's.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let (tables, mut findings) = owners(tree);
    for (file, source) in tree.rust() {
        let Some(name) = file.crate_name().filter(|name| !OUTSIDE.contains(name) && file.path.contains("/src/")) else {
            continue;
        };
        let registered = source.literals_of("sql");
        let loose = source.literals.iter().filter(|literal| !file.is_test() && !source.in_test(literal.at));
        let mut literals: Vec<_> = registered.chain(loose).collect();
        literals.sort_by_key(|literal| literal.at);
        literals.dedup_by_key(|literal| literal.at);
        for literal in literals {
            for (at, touched) in touched(&literal.text) {
                let foreign = tables.iter().find(|table| table.name == touched && table.owner != name);
                findings.extend(foreign.map(|table| {
                    let message =
                        format!("table `{touched}` is `{}`'s alone: call a function of that crate", table.owner);
                    Finding::new(file, source.line(literal.at + at), message)
                }));
            }
        }
    }
    findings
}

/// The tables of the migrations, and what is wrong with how they name their owners.
pub fn owners(tree: &Tree) -> (Vec<Table>, Vec<Finding>) {
    let created = pattern(r#"(?im)^\s*CREATE\s+(?:UNLOGGED\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?"?(\w+)"?"#);
    let mut tables: Vec<Table> = Vec::new();
    let mut findings = Vec::new();
    for (file, text) in tree.texts(".sql").filter(|(file, _)| file.path.starts_with("migrations/")) {
        for found in created.captures_iter(text) {
            let (whole, name) = (found.get_match(), found[1].to_owned());
            let line = line_of(text, whole.end());
            match owner_above(&text[..whole.start()]) {
                None => findings.push(Finding::new(
                    file,
                    line,
                    format!("table `{name}` needs a line `-- owner: <crate>` above it"),
                )),
                Some(owner) if !is_crate(tree, owner) => {
                    findings.push(Finding::new(
                        file,
                        line,
                        format!("table `{name}` is owned by `{owner}`, which is no crate"),
                    ));
                }
                Some(owner) => tables.push(Table { name, owner: owner.to_owned() }),
            }
        }
    }
    (tables, findings)
}

/// The owner named in the comment that ends right here.
fn owner_above(text: &str) -> Option<&str> {
    let comment =
        text.lines().rev().skip_while(|line| line.trim().is_empty()).map_while(|line| line.trim().strip_prefix("--"));
    comment.filter_map(|line| line.trim().strip_prefix("owner:")).next().map(str::trim)
}

fn is_crate(tree: &Tree, name: &str) -> bool {
    tree.files.iter().filter_map(File::crate_name).any(|known| known == name)
}

/// Every table a statement reads or writes, with its offset.
pub fn touched(sql: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for reference in REFERENCE.captures_iter(sql) {
        let (first, rest) = (reference.get(1), reference.get(2));
        found.extend(first.map(|name| (name.start(), name.as_str())));
        let more =
            rest.into_iter().flat_map(|rest| LISTED.captures_iter(rest.as_str()).map(move |name| (rest.start(), name)));
        found.extend(more.filter_map(|(start, name)| name.get(1).map(|name| (start + name.start(), name.as_str()))));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::said;
    use super::*;

    const MIGRATION: (&str, &str) = (
        "migrations/0001.sql",
        "-- Beds of a hospital.\n-- owner: ward\n-- One row a bed.\nCREATE TABLE beds (\n);\n\n-- owner: patients\nCREATE TABLE patients (\n);\n",
    );
    const CRATES: [(&str, &str); 2] =
        [("crates/services/ward/Cargo.toml", ""), ("crates/services/patients/Cargo.toml", "")];

    fn found(path: &str, text: &str) -> Vec<String> {
        said(check, &[MIGRATION, CRATES[0], CRATES[1], (path, text)])
    }

    #[test]
    fn a_statement_on_anothers_table_is_found() {
        let text = "sql!(A = \"SELECT id\n  FROM beds b\n  JOIN patients p ON p.id = b.patient\");\nlet b = \"UPDATE patients SET x = 1\";\nlet c = \"news from patients\";\n";
        let path = "crates/services/ward/src/queries.rs";
        let message = "table `patients` is `patients`'s alone: call a function of that crate";
        assert_eq!(found(path, text), [3, 4].map(|line| format!("{path}:{line}: {message}")));
        assert_eq!(found("crates/services/ward/tests/beds.rs", text), [""; 0]);
        assert_eq!(found("crates/testkit/src/lib.rs", text), [""; 0]);
        assert_eq!(found("crates/nadi/src/main.rs", text).len(), 3);
    }

    #[test]
    fn a_table_without_an_owner_is_found() {
        let files = [
            (
                "migrations/0001.sql",
                "-- owner: ward\nCREATE TABLE a (\n);\nCREATE TABLE b (\n);\n-- owner: nobody\nCREATE TABLE c (\n);\n",
            ),
            CRATES[0],
        ];
        let found = said(check, &files);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("migrations/0001.sql:4: table `b` needs"));
        assert!(found[1].starts_with("migrations/0001.sql:7: table `c` is owned by `nobody`"));
    }

    #[test]
    fn tables_are_read_out_of_every_clause() {
        let names = |sql| touched(sql).into_iter().map(|(_, name)| name).collect::<Vec<_>>();
        assert_eq!(names("SELECT 1 FROM a x, b AS y, \"c\" WHERE z IN (SELECT 1 FROM d)"), ["a", "b", "c", "d"]);
        assert_eq!(names("INSERT INTO e (a, b) SELECT 1 FROM f LEFT JOIN g ON true"), ["e", "f", "g"]);
        assert_eq!(names("WITH h AS (DELETE FROM i RETURNING *) UPDATE j SET k = 1"), ["i", "j"]);
        assert_eq!(names("DROP TABLE IF EXISTS l"), ["l"]);
        assert_eq!(names("SELECT 1 FROM m ORDER BY a, b"), ["m"]);
        assert_eq!(names("SELECT 1 FROM m FOR UPDATE SKIP LOCKED"), ["m", "SKIP"]);
    }
}
