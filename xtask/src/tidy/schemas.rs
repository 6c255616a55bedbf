//! In the OpenAPI document a schema is known by its name alone: of two with one name, the last describes both.
use std::collections::HashMap;

use super::Finding;
use crate::rust::pattern;
use crate::tree::{File, Tree};

/// Every type that is described in the document has a name of its own.
pub fn names(tree: &Tree) -> Vec<Finding> {
    let derived = pattern(r"#\[derive\([^)]*\bToSchema\b[^)]*\)\][^{;]*?\b(?:struct|enum)\s+(\w+)");
    let words = pattern(r"\btext_enum!\(\s*(?:#\[[^\]]*\]\s*)*(\w+)\s*\{");
    let mut known: HashMap<&str, &File> = HashMap::new();
    let mut findings = Vec::new();
    for (file, source) in tree.rust().filter(|(file, _)| !file.is_test()) {
        let code = source.code.as_str();
        for found in derived.captures_iter(code).chain(words.captures_iter(code)) {
            let Some(name) = found.get(1).filter(|name| !source.in_test(name.start())) else { continue };
            if let Some(first) = known.insert(name.as_str(), file) {
                let message = format!("another schema is called `{}`, in {}", name.as_str(), first.path);
                findings.push(Finding::new(file, source.line(name.start()), message));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::said;
    use super::*;

    #[test]
    fn two_schemas_of_one_name_are_found() {
        let files = [
            (
                "crates/a/src/lib.rs",
                "#[derive(Debug, ToSchema)]\n#[garde(x)]\npub struct Bed {}\ntext_enum!(State { A = \"a\" });\n",
            ),
            (
                "crates/b/src/lib.rs",
                "/// A bed.\n#[derive(ToSchema)]\npub enum Bed {}\nkernel::text_enum!(\n    /// It.\n    State { B = \"b\" }\n);\n",
            ),
            (
                "crates/c/src/lib.rs",
                "#[derive(Debug)]\npub struct Bed;\n#[cfg(test)]\nmod tests {\n    text_enum!(State { C = \"c\" });\n}\n",
            ),
        ];
        let expected = [
            "crates/b/src/lib.rs:3: another schema is called `Bed`, in crates/a/src/lib.rs",
            "crates/b/src/lib.rs:6: another schema is called `State`, in crates/a/src/lib.rs",
        ];
        assert_eq!(said(names, &files), expected);
    }
}
