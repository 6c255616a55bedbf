//! Things with one home: the clock, new ids, the environment, the database drivers; and what `rules` may never do.
use super::Finding;
use crate::manifest::dependencies;
use crate::rust::pattern;
use crate::tree::{File, Tree};

/// What may be written only at home: a pattern over code, the homes as path prefixes, and what to use instead.
struct Home {
    pattern: &'static str,
    homes: &'static [&'static str],
    instead: &'static str,
}

const HOMES: [Home; 4] = [
    Home {
        pattern: r"\b(?:Utc|Local|SystemTime)::now\b",
        homes: &["crates/kernel/src/clock.rs", "bench/"],
        instead: "ask the clock that was passed in (kernel::Clock), so that a test can move it",
    },
    Home {
        pattern: r"\bUuid::(?:new_v\d|now_v\d)\b",
        homes: &["crates/kernel/src/ids.rs", "crates/vault/"],
        instead: "make ids with the types of kernel::ids",
    },
    Home {
        pattern: r"\benv::(?:vars?|vars?_os|set_var|remove_var)\b",
        homes: &["crates/nadi/", "crates/testkit/", "bench/", "xtask/"],
        instead: "settings are read once, in crates/nadi, and passed in",
    },
    Home {
        pattern: r"\b(?:tokio_postgres|deadpool_postgres|rusqlite)(?:::|\s*;)",
        homes: &["crates/store/", "crates/testkit/", "bench/"],
        instead: "write the statement with `sql!` and run it through store",
    },
];

/// The crates of the database drivers, which are a dependency at the fourth home alone.
const DRIVERS: [&str; 4] = ["tokio-postgres", "deadpool-postgres", "rusqlite", "libsqlite3-sys"];

/// What would make a rule depend on more than its arguments.
const IMPURE: &str = r"\basync\b|\.await\b|\bstd::(?:fs|net|env|process|thread|io)\b|\btokio\b|\b(?:Utc|Local|SystemTime|Instant)::now\b|\bprintln!";

/// Finds each thing that is done away from its home, and IO or a clock in `rules`.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = drivers(tree);
    for home in &HOMES {
        let pattern = pattern(home.pattern);
        for (file, source) in tree.rust().filter(|(file, _)| !at_home(file, home)) {
            for found in pattern.find_iter(&source.code).filter(|found| !excused(file, source.in_test(found.start()))) {
                let message =
                    format!("`{}` away from its home: {}", found.as_str().trim_end_matches(':'), home.instead);
                findings.push(Finding::new(file, source.line(found.start()), message));
            }
        }
    }
    let impure = pattern(IMPURE);
    for (file, source) in tree.rust().filter(|(file, _)| file.path.starts_with("crates/rules/src/")) {
        for found in impure.find_iter(&source.code) {
            let message = format!("`{}` in `rules`, which knows no clock and no IO", found.as_str());
            findings.push(Finding::new(file, source.line(found.start()), message));
        }
    }
    findings
}

fn at_home(file: &File, home: &Home) -> bool {
    home.homes.iter().any(|place| file.path.starts_with(place))
}

/// The tests of `store` lie below everything that could hand them ids, a clock or settings.
fn excused(file: &File, in_test: bool) -> bool {
    file.crate_name() == Some("store") && (in_test || file.is_test())
}

fn drivers(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, text) in tree.texts("Cargo.toml").filter(|(file, _)| !at_home(file, &HOMES[3])) {
        for dependency in dependencies(text).iter().filter(|dependency| DRIVERS.contains(&dependency.name.as_str())) {
            findings.push(Finding::new(file, dependency.line, format!("`{}` is used by store alone", dependency.name)));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::said;
    use super::*;

    #[test]
    fn each_thing_away_from_its_home_is_found() {
        let text = "//! Utc::now() in a comment.\nlet a = \"Utc::now()\";\nlet b = chrono::Utc::now();\nlet c = Uuid::now_v7();\n\
            let d = std::env::var(\"X\");\nlet e = tokio_postgres::connect(x);\nuse rusqlite::Connection;\nlet f = env!(\"OUT_DIR\");\n";
        let found = said(check, &[("crates/services/ward/src/model.rs", text)]);
        let lines: Vec<_> = found.iter().map(|said| said.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect();
        let expected = [(3, "Utc::now"), (4, "Uuid::now_v7"), (5, "env::var"), (6, "tokio_postgres"), (7, "rusqlite")];
        assert_eq!(lines, expected.map(|(line, what)| format!("crates/services/ward/src/model.rs:{line}: `{what}`")));
    }

    #[test]
    fn at_home_nothing_is_found() {
        let files = [
            ("crates/kernel/src/clock.rs", "fn a() { Utc::now() }"),
            ("crates/kernel/src/ids.rs", "fn a() { Uuid::now_v7() }"),
            ("crates/nadi/src/settings.rs", "fn a() { std::env::var(\"X\") }"),
            ("crates/store/src/postgres.rs", "use tokio_postgres::Row;"),
            ("crates/store/tests/both.rs", "fn a() { Uuid::new_v4(); std::env::var(\"X\"); }"),
        ];
        assert_eq!(said(check, &files), [""; 0]);
        assert_eq!(said(check, &[("crates/store/src/db.rs", "fn a() { Uuid::new_v4() }")]).len(), 1);
    }

    #[test]
    fn a_database_driver_is_a_dependency_of_store_alone() {
        let found = said(
            check,
            &[
                ("crates/nadi/Cargo.toml", "[dependencies]\ntokio-postgres.workspace = true\n"),
                ("crates/store/Cargo.toml", "[dependencies]\ntokio-postgres = \"1\"\n"),
            ],
        );
        assert_eq!(found, ["crates/nadi/Cargo.toml:2: `tokio-postgres` is used by store alone"]);
    }

    #[test]
    fn a_rule_that_waits_reads_or_asks_the_time_is_found() {
        let text =
            "async fn a() {}\nuse std::fs;\nfn b() { std::net::TcpStream::connect(x) }\nfn c() { Instant::now() }\n";
        assert_eq!(said(check, &[("crates/rules/src/news2.rs", text)]).len(), 4);
        assert_eq!(said(check, &[("crates/rules/tests/table.rs", "use std::fs;")]), [""; 0]);
    }
}
