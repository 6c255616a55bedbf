//! What the program can say of itself: its OpenAPI document and its settings.
use std::io::Write as _;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;

use crate::{Settings, http, reference, services};

#[derive(Args)]
pub struct Config {
    /// A table of every setting, in Markdown.
    #[arg(long)]
    reference: bool,
}

impl Config {
    pub fn run(&self) -> Result<ExitCode> {
        if self.reference {
            return print(&reference::markdown());
        }
        let settings = Settings::load()?;
        print(&format!("{}\n", serde_json::to_string_pretty(&settings).context("settings")?))
    }
}

pub fn openapi() -> Result<ExitCode> {
    print(&format!("{}\n", http::document(services()).to_pretty_json().context("the document")?))
}

/// A reader that stops reading, as `head` does, is no failure.
fn print(text: &str) -> Result<ExitCode> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error).context("standard output"),
        _ => Ok(ExitCode::SUCCESS),
    }
}
