//! The outbox: a directory that messages are written into while there is no one to deliver them.
use std::fs::{DirBuilder, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use kernel::{Error, Result};

/// Where messages of a development installation go, each a file that only its owner may read.
#[derive(Debug, Clone)]
pub struct Outbox(PathBuf);

/// What a message is sent by, as the file's name says.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    Mail,
    Sms,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Sms => "sms",
        }
    }
}

impl Outbox {
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self(directory.into())
    }

    /// Writes a message. The log learns that there was one, and nothing of it.
    pub async fn put(&self, kind: Kind, to: &str, text: &str) -> Result<()> {
        let (directory, whole) = (self.0.clone(), format!("To: {to}\n{text}\n"));
        // The name sorts by time and is not another's.
        let name = format!("{}-{}.txt", kernel::ids::new().simple(), kind.word());
        let write = move || write(&directory, &name, &whole);
        tokio::task::spawn_blocking(write).await.map_err(Error::internal)?.map_err(Error::internal)?;
        tracing::info!(kind = kind.word(), "a message was written into the outbox");
        Ok(())
    }
}

fn write(directory: &Path, name: &str, text: &str) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)?;
    // Whoever looks for messages must not find half of one.
    let (beginning, whole) = (directory.join(format!(".{name}")), directory.join(name));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&beginning)?.write_all(text.as_bytes())?;
    std::fs::rename(beginning, whole)
}
