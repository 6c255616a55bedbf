//! Statements are written alike: keywords in upper case, so that the eye finds the clauses.
use super::Finding;
use crate::rust::pattern;
use crate::tree::Tree;

/// Words no column or table can be called, and pairs that can only be clauses.
const KEYWORDS: &str = r"\b(?:select|from|where|returning|having|union|distinct|and|or|not|null|like|case|when|then|else|on|as|in|is|asc|desc|limit|offset|join|(?:order|group|partition)\s+by|insert\s+into|delete\s+from|do\s+(?:update|nothing))\b";

/// Finds keywords in lower case inside `sql!`.
pub fn check(tree: &Tree) -> Vec<Finding> {
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

#[cfg(test)]
mod tests {
    use super::super::said;
    use super::*;

    #[test]
    fn a_keyword_in_lower_case_is_found() {
        let text = "sql!(A = \"SELECT a FROM b\n  where c = 1\");\nsql!(B = \"SELECT 'not from' FROM b -- where\n  WHERE \\\"order\\\" = 1 AND a.origin = a.ison\");\nlet c = \"select\";\n";
        assert_eq!(said(check, &[("a.rs", text)]), ["a.rs:2: SQL keyword `where` in lower case"]);
        assert_eq!(said(check, &[("a.rs", "sql!(A = \"SELECT a FROM b order by c\");")]).len(), 1);
    }
}
