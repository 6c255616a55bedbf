//! The report: what became of each row, as CSV.
use std::fs::File;
use std::path::Path;

use anyhow::{Context as _, Result};
use csv::Writer;

use super::sender::Outcome;
use crate::private;

/// A file that only its owner reads: reasons may repeat what stood in a cell.
pub struct Report {
    writer: Writer<File>,
    rows: usize,
}

impl Report {
    /// Begins the report anew.
    pub fn open(path: &Path) -> Result<Self> {
        let cannot = || format!("the report {} cannot be written", path.display());
        let file = private::file(path).with_context(cannot)?;
        file.set_len(0).with_context(cannot)?;
        let mut writer = Writer::from_writer(file);
        writer.write_record(["row", "outcome", "id", "member", "reason"])?;
        writer.flush().with_context(cannot)?;
        Ok(Self { writer, rows: 0 })
    }

    pub fn add(&mut self, number: usize, outcome: &Outcome) -> Result<()> {
        let (word, id, member, reason) = match outcome {
            Outcome::Created { id } => ("created", id.as_str(), "", ""),
            Outcome::Already { id } => ("already", id.as_str(), "", ""),
            Outcome::WouldCreate => ("would create", "", "", ""),
            Outcome::Refused(refusal) => ("refused", "", refusal.member.as_str(), refusal.reason.as_str()),
        };
        self.writer.write_record([&number.to_string(), word, id, member, reason])?;
        self.rows += 1;
        // Who stops the run finds what was done so far.
        if self.rows.is_multiple_of(100) {
            self.writer.flush()?;
        }
        Ok(())
    }

    pub fn close(mut self) -> Result<()> {
        self.writer.flush().context("the report cannot be written")
    }
}
