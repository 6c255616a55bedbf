//! The lower crates know nothing of what is built on them: `store` and `kernel` name no service, `store` no table.
use super::{Finding, tables};
use crate::rust::{Source, pattern};
use crate::tree::Tree;

/// Finds the names of services in `store` and `kernel`, and of tables in `store`.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let services = tree.services();
    let owned: Vec<String> =
        tables::owners(tree).0.into_iter().filter(|table| table.owner != "store").map(|table| table.name).collect();
    for (file, source) in tree.rust().filter(|(file, _)| !file.is_test()) {
        let Some(crate_name @ ("store" | "kernel")) = file.crate_name() else { continue };
        for (at, service) in services.iter().flat_map(|service| service_names(source, service)) {
            findings.push(Finding::new(file, source.line(at), format!("`{crate_name}` names the service `{service}`")));
        }
        for (at, table) in table_names(source, &owned).into_iter().filter(|_| crate_name == "store") {
            findings.push(Finding::new(file, source.line(at), format!("`store` names the table `{table}`")));
        }
    }
    findings
}

/// A service is named as the start of a path, in code or in an address, or as a whole literal.
fn service_names<'a>(source: &Source, service: &'a str) -> Vec<(usize, &'a str)> {
    let word = service.replace('-', "_");
    let path = pattern(&format!(r"\b{word}::|\buse\s+{word}\b"));
    let in_code =
        path.find_iter(&source.code).map(|found| found.start()).filter(|at| !source.code[..*at].ends_with(':'));
    let in_text = source
        .literals
        .iter()
        .filter(|literal| literal.text.split('/').any(|part| part == service))
        .map(|literal| literal.at);
    in_code.chain(in_text).filter(|at| !source.in_test(*at)).map(|at| (at, service)).collect()
}

fn table_names<'a>(source: &Source, owned: &'a [String]) -> Vec<(usize, &'a str)> {
    let literals = || source.literals.iter().filter(|literal| !source.in_test(literal.at));
    let named = |name: &'a String| {
        literals()
            .filter(move |literal| {
                literal.text == *name || tables::touched(&literal.text).iter().any(|(_, table)| table == name)
            })
            .map(move |literal| (literal.at, name.as_str()))
    };
    owned.iter().flat_map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::super::said;
    use super::*;

    const WARD: (&str, &str) = ("crates/services/ward/src/lib.rs", "");

    #[test]
    fn a_service_named_below_is_found() {
        let text = "use ward::Bed;\nfn a() { ward::beds() }\nlet b = \"/ward/beds\";\nlet c = \"ward\";\nlet d = \"rewarding wards\"; let ward = 1;\nself::ward::x();\n";
        for crate_name in ["store", "kernel"] {
            let path = format!("crates/{crate_name}/src/a.rs");
            let found = said(check, &[WARD, (&path, text)]);
            assert_eq!(
                found,
                [1, 2, 3, 4].map(|line| format!("{path}:{line}: `{crate_name}` names the service `ward`"))
            );
        }
        assert_eq!(said(check, &[WARD, ("crates/nadi/src/main.rs", text)]), [""; 0]);
    }

    #[test]
    fn a_table_named_in_store_is_found_outside_its_tests() {
        let migration = (
            "migrations/0001_ward.sql",
            "-- owner: ward\nCREATE TABLE beds (\n);\n-- owner: store\nCREATE TABLE migrations (\n);\n",
        );
        let text = "const A: &str = \"SELECT id FROM beds\";\nconst B: &str = \"beds\";\nconst C: &str = \"SELECT 1 FROM migrations\";\n\
            #[cfg(test)]\nmod tests { const D: &str = \"DELETE FROM beds\"; }\n";
        let found = said(check, &[WARD, migration, ("crates/store/src/a.rs", text)]);
        assert_eq!(found, [1, 2].map(|line| format!("crates/store/src/a.rs:{line}: `store` names the table `beds`")));
    }
}
