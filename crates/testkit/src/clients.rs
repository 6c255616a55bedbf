//! Where the clients of the live layer are: `scripts/clients` installs them.
#![allow(clippy::disallowed_methods)] // A test asks the environment what must be there.
use std::path::{Path, PathBuf};

/// The folder they are installed in. None where they are not, which is said; in CI it is a failure.
pub fn clients() -> Option<PathBuf> {
    let program = std::env::current_exe().expect("this program has a path");
    let found = program.ancestors().map(|folder| folder.join("clients")).find(|folder| is_complete(folder));
    let must = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(found.is_some() || !must, "the clients are not installed, and CI must not skip them: scripts/clients");
    if found.is_none() {
        eprintln!("SKIPPED: there are no clients to test with; scripts/clients installs them");
    }
    found
}

fn is_complete(folder: &Path) -> bool {
    let files = folder.read_dir().into_iter().flatten().flatten();
    files.into_iter().any(|file| file.file_name().to_string_lossy().starts_with("complete-"))
}
