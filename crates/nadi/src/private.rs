//! Files and directories that only their owner may read. What is there already keeps the rights it has.
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{Result, Write as _};
use std::path::Path;

/// Makes a directory, and those above it that are missing.
pub fn directory(path: &Path) -> Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Opens a file for writing, and makes an empty one when there is none.
pub fn file(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Replaces what is in a file.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = file(path)?;
    file.set_len(0)?;
    file.write_all(bytes)
}
