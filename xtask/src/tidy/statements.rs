//! Statements are written alike: keywords in upper case, so that the eye finds the clauses.
use super::Finding;
use crate::rust::pattern;
use crate::tree::Tree;

/// Words no column or table can be called, and pairs that can only be clauses.
const KEYWORDS: &str = r"\b(?:select|from|where|returning|having|union|distinct|and|or|not|null|like|case|when|then|else|on|as|in|is|asc|desc|limit|offset|join|(?:order|group|partition)\s+by|insert\s+into|delete\s+from|do\s+(?:update|nothing))\b";

/// Finds keywords in lower case inside `sql!`.
pub fn keywords(tree: &Tree) -> Vec<Finding> {
    let keyword = pattern(KEYWORDS);
    let quoted = pattern(r#"'[^']*'|"[^"]*"|--[^\n]*"#);
    let mut findings = Vec::new();
    for (file, source) in tree.rust() {
        for literal in source.literals_of("sql") {
            let bare = quoted.replace_all(&literal.text, |found: &regex::Captures| "_".repeat(found[0].len()));
            let first = keyword.find(&bare);
            findings.extend(first.map(|found| {
                Finding::new(
                    file,
                    source.line(literal.at + found.start()),
                    format!("SQL keyword `{}` in lower case", found.as_str()),
                )
            }));
        }
    }
    findings
}

/// How often the crates above `store` may ask which engine they run on: each time is a second text to keep true.
const SECOND_TEXTS: usize = 10;

/// Counts the places that write a statement twice for speed, and refuses those past the limit.
pub fn second_texts(tree: &Tree) -> Vec<Finding> {
    let asked = pattern(r"\bis_(?:sqlite|postgres)\s*\(");
    let above = tree.rust().filter(|(file, _)| {
        !file.is_test() && file.crate_name().is_some_and(|name| !["store", "testkit", "bench"].contains(&name))
    });
    let places = above.flat_map(|(file, source)| {
        let shipped = asked.find_iter(&source.code).filter(|found| !source.in_test(found.start()));
        shipped.map(|found| (file, source.line(found.start()))).collect::<Vec<_>>()
    });
    let past = places.enumerate().skip(SECOND_TEXTS);
    past.map(|(index, (file, line))| {
        let count = index + 1;
        Finding::new(
            file,
            line,
            format!("place {count} that tells the engines apart; {SECOND_TEXTS} are the limit: write one text"),
        )
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::super::said;
    use super::*;

    #[test]
    fn a_keyword_in_lower_case_is_found() {
        let text = "sql!(A = \"SELECT a FROM b\n  where c = 1\");\nsql!(B = \"SELECT 'not from' FROM b -- where\n  WHERE \\\"order\\\" = 1 AND a.origin = a.ison\");\nlet c = \"select\";\n";
        assert_eq!(said(keywords, &[("a.rs", text)]), ["a.rs:2: SQL keyword `where` in lower case"]);
        assert_eq!(said(keywords, &[("a.rs", "sql!(A = \"SELECT a FROM b order by c\");")]).len(), 1);
    }

    #[test]
    fn the_eleventh_second_text_is_found() {
        let text = "fn a() { if db.is_sqlite() {} }\n".repeat(11);
        let tests = format!("#[cfg(test)]\nmod tests {{\n{text}}}\n");
        let files = [
            ("crates/events/src/log.rs", tests.as_str()),
            ("crates/services/ward/src/queries.rs", &text),
            ("crates/store/src/db.rs", &text),
        ];
        let found = said(second_texts, &files);
        assert_eq!(
            found,
            [
                "crates/services/ward/src/queries.rs:11: place 11 that tells the engines apart; 10 are the limit: write one text"
            ]
        );
    }
}
