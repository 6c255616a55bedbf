//! The dependencies a `Cargo.toml` names, with the lines they stand on.

/// One dependency.
#[derive(Debug, PartialEq)]
pub struct Dependency {
    pub name: String,
    pub line: usize,
    /// Only the tests see it.
    pub dev: bool,
}

/// Reads the dependency tables. Manifests here keep one dependency to a line, or one to a table.
pub fn dependencies(text: &str) -> Vec<Dependency> {
    let mut found: Vec<Dependency> = Vec::new();
    // Some(dev) inside a dependency table; `named` when the table itself is one dependency.
    let (mut table, mut named) = (None, false);
    for (index, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if let Some(header) = line.strip_prefix('[') {
            let header = header.trim_end_matches(']');
            let place = header.rfind("dependencies");
            table = place.filter(|_| !header.starts_with("workspace.")).map(|place| header[..place].ends_with("dev-"));
            let name = place.and_then(|place| header[place..].split_once('.')).map(|(_, name)| name.trim_matches('"'));
            named = name.is_some();
            if let (Some(dev), Some(name)) = (table, name) {
                found.push(Dependency { name: name.to_owned(), line: index + 1, dev });
            }
            continue;
        }
        let Some(dev) = table else { continue };
        let Some((key, value)) = line.split_once('=') else { continue };
        // `package` tells what a renamed dependency really is.
        if named && key.trim() == "package" {
            let name = value.trim().trim_matches('"').to_owned();
            found.last_mut().into_iter().for_each(|dependency| dependency.name.clone_from(&name));
        }
        if !named {
            let key = key.trim().split('.').next().unwrap_or_default().trim_matches('"');
            let renamed = value.split_once("package").and_then(|(_, rest)| rest.split('"').nth(1));
            found.push(Dependency { name: renamed.unwrap_or(key).to_owned(), line: index + 1, dev });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_a_dependency_is_read() {
        let text = "[package]\nname = \"x\"\n[dependencies]\nstore.workspace = true\n# no = \"1\"\nk = { package = \"kernel\", path = \"..\" }\n\
            [dev-dependencies]\ntestkit = { workspace = true }\n[target.'cfg(unix)'.dependencies]\nrules = \"1\"\n\
            [dependencies.vault]\nversion = \"1\"\n[dependencies.v]\npackage = \"access\"\n[features]\na = []\n";
        let found: Vec<_> = dependencies(text).into_iter().map(|d| (d.name, d.line, d.dev)).collect();
        let expected = [
            ("store", 4, false),
            ("kernel", 6, false),
            ("testkit", 8, true),
            ("rules", 10, false),
            ("vault", 11, false),
            ("access", 13, false),
        ];
        assert_eq!(found, expected.map(|(name, line, dev)| (name.to_owned(), line, dev)));
    }

    #[test]
    fn the_tables_of_the_workspace_are_no_dependencies() {
        assert_eq!(dependencies("[workspace.dependencies]\nstore = { path = \"crates/store\" }\n"), []);
    }
}
