//! A handler extracts, begins, calls, commits and answers; one that is longer hides logic.
use super::Finding;
use crate::rust::{Source, closing, pattern};
use crate::tree::Tree;

/// The longest a handler may be, from its `fn` to its closing brace.
const LONGEST: usize = 40;

/// Every function under `#[utoipa::path]` stays short.
pub fn lengths(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, source) in tree.rust() {
        for handler in handlers(source) {
            if handler.lines > LONGEST {
                let message =
                    format!("handler `{}` is {} lines long; {LONGEST} is the limit", handler.name, handler.lines);
                findings.push(Finding::new(file, handler.line, message));
            }
        }
    }
    findings
}

struct Handler<'a> {
    name: &'a str,
    line: usize,
    lines: usize,
}

fn handlers(source: &Source) -> Vec<Handler<'_>> {
    let marked = pattern(r"#\[utoipa::path\b");
    let named = pattern(r"\bfn\s+(\w+)");
    let code = source.code.as_str();
    let found = marked.find_iter(code).filter_map(|mark| {
        let attribute = closing(code, mark.start() + 1)?;
        let name = named.captures_at(code, attribute)?.get(1)?;
        let arguments = closing(code, name.end() + code[name.end()..].find('(')?)?;
        let body = closing(code, arguments + code[arguments..].find('{')?)?;
        let line = source.line(name.start());
        Some(Handler { name: name.as_str(), line, lines: source.line(body) - line + 1 })
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::super::said;
    use super::*;

    #[test]
    fn a_long_handler_is_found_and_a_long_helper_is_not() {
        let handler = |name: &str, lines: usize| {
            let body = "    let _ = \"}\";\n".repeat(lines - 2);
            format!(
                "#[utoipa::path(get, path = \"/beds/{{id}}\",\n  responses((status = 200)))]\n#[doc = \"x\"]\nasync fn {name}(Path(Bed {{ id }}): Path<Bed>) {{\n{body}}}\n"
            )
        };
        let text =
            format!("{}{}fn helper() {{\n{}}}\n", handler("fits", 40), handler("hides", 41), "    x();\n".repeat(60));
        let found = said(lengths, &[("crates/services/ward/src/routes.rs", &text)]);
        assert_eq!(found, ["crates/services/ward/src/routes.rs:47: handler `hides` is 41 lines long; 40 is the limit"]);
    }
}
