//! The files of the project as git sees them, read once and shared by every check.
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::rust::Source;

/// One file: its path from the root with forward slashes, and its text when it is text.
pub struct File {
    pub path: String,
    pub text: Option<String>,
    /// Present for `.rs` files.
    pub rust: Option<Source>,
}

/// All files of the project.
pub struct Tree {
    pub files: Vec<File>,
}

/// Where the crates of the services lie.
const SERVICES: &str = "crates/services/";

impl Tree {
    /// Reads every file that is committed or could be: ignored files are not the project's.
    pub fn read(root: &Path) -> Result<Self> {
        let paths = match known_to_git(root) {
            Some(paths) => paths,
            None => found_below(root)?,
        };
        // A file deleted in the work tree stays listed until the deletion is staged.
        let read = |path: &String| std::fs::read(root.join(path)).ok();
        let files = paths.iter().filter_map(|path| Some(File::new(path, String::from_utf8(read(path)?).ok())));
        Ok(Self { files: files.collect() })
    }

    /// A tree out of thin air, for the tests of the checks.
    #[cfg(test)]
    pub fn of(files: &[(&str, &str)]) -> Self {
        Self { files: files.iter().map(|(path, text)| File::new(path, Some((*text).to_owned()))).collect() }
    }

    /// Is there a file, or a folder with files in it, at this path?
    pub fn holds(&self, path: &str) -> bool {
        let folder = format!("{path}/");
        path.is_empty() || self.files.iter().any(|file| file.path == path || file.path.starts_with(&folder))
    }

    /// Every `.rs` file with its source.
    pub fn rust(&self) -> impl Iterator<Item = (&File, &Source)> {
        self.files.iter().filter_map(|file| Some((file, file.rust.as_ref()?)))
    }

    /// Every text file whose path ends so.
    pub fn texts(&self, end: &str) -> impl Iterator<Item = (&File, &str)> {
        self.files
            .iter()
            .filter(move |file| file.path.ends_with(end))
            .filter_map(|file| Some((file, file.text.as_deref()?)))
    }

    /// The names of the services: the folders under `crates/services`.
    pub fn services(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .files
            .iter()
            .filter_map(|file| file.path.strip_prefix(SERVICES)?.split_once('/'))
            .map(|(name, _)| name)
            .collect();
        names.dedup();
        names
    }
}

/// What git lists; none in a source archive, or where git is missing.
fn known_to_git(root: &Path) -> Option<BTreeSet<String>> {
    let listed = Command::new("git")
        .args(["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .ok()?;
    let paths: BTreeSet<String> =
        String::from_utf8(listed.stdout).ok()?.split_terminator('\0').map(str::to_owned).collect();
    (listed.status.success() && paths.contains("Cargo.toml")).then_some(paths)
}

/// What lies below the root, without the folders that `.gitignore` names.
fn found_below(root: &Path) -> Result<BTreeSet<String>> {
    let ignored = std::fs::read_to_string(root.join(".gitignore")).unwrap_or_default();
    let ignored: Vec<&str> = ignored.lines().map(|line| line.trim_matches('/')).chain([".git"]).collect();
    let (mut found, mut folders) = (BTreeSet::new(), vec![String::new()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(root.join(&folder))? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            if ignored.contains(&name.as_str()) {
                continue;
            }
            if entry.file_type()?.is_dir() {
                folders.push(format!("{folder}{name}/"));
            } else {
                found.insert(format!("{folder}{name}"));
            }
        }
    }
    Ok(found)
}

impl File {
    fn new(path: &str, text: Option<String>) -> Self {
        let rust = text.as_ref().filter(|_| path.ends_with(".rs")).map(|text| Source::new(text));
        Self { path: path.to_owned(), text, rust }
    }

    /// The crate this file belongs to, named by its folder.
    pub fn crate_name(&self) -> Option<&str> {
        let rest = self.path.strip_prefix(SERVICES).or_else(|| self.path.strip_prefix("crates/")).unwrap_or(&self.path);
        let (name, _) = rest.split_once('/')?;
        (rest.len() < self.path.len() || ["xtask", "bench"].contains(&name)).then_some(name)
    }

    /// Does the whole file hold tests?
    pub fn is_test(&self) -> bool {
        let mut parts = self.path.rsplit('/');
        let stem = parts.next().unwrap_or_default().trim_end_matches(".rs");
        stem == "tests" || stem.ends_with("_test") || stem.ends_with("_tests") || parts.any(|part| part == "tests")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_knows_its_crate() {
        let name = |path: &str| File::new(path, None).crate_name().map(str::to_owned);
        assert_eq!(name("crates/store/src/db.rs").as_deref(), Some("store"));
        assert_eq!(name("crates/services/ward/src/lib.rs").as_deref(), Some("ward"));
        assert_eq!(name("xtask/src/main.rs").as_deref(), Some("xtask"));
        assert_eq!(name("docs/SQL.md"), None);
        assert_eq!(name("Makefile"), None);
    }

    #[test]
    fn git_and_a_walk_find_the_same_program() -> Result<()> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let walked = found_below(root)?;
        assert!(walked.contains("src/tree.rs") && walked.contains("Cargo.toml"), "{walked:?}");
        assert!(known_to_git(root).is_none_or(|listed| listed.is_subset(&walked)));
        Ok(())
    }

    #[test]
    fn tests_are_known_by_their_place() {
        let is_test = |path: &str| File::new(path, None).is_test();
        assert!(is_test("crates/services/ward/tests/beds.rs"));
        assert!(is_test("crates/store/src/db/tests.rs"));
        assert!(is_test("crates/store/src/db_tests.rs"));
        assert!(!is_test("crates/store/src/db.rs"));
    }

    #[test]
    fn folders_and_services_follow_from_the_files() {
        let tree = Tree::of(&[
            ("crates/services/ward/Cargo.toml", ""),
            ("crates/services/ward/src/lib.rs", ""),
            ("docs/a.md", ""),
        ]);
        assert_eq!(tree.services(), ["ward"]);
        assert!(tree.holds("docs") && tree.holds("docs/a.md") && tree.holds(""));
        assert!(!tree.holds("doc"));
    }
}
