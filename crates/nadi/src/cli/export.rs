//! `nadi export`: everything kept about a patient, for who sits at the machine and holds its keys.
use std::fs::OpenOptions;
use std::io::BufWriter;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;
use kernel::PatientId;

use super::Place;

#[derive(Args)]
pub struct Export {
    /// The patient's id.
    #[arg(long)]
    patient: PatientId,
    /// The ZIP to write; it must not be there yet. Nothing in it is sealed.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    place: Place,
}

impl Export {
    pub async fn run(self) -> Result<ExitCode> {
        let app = self.place.app().await?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let place = self.out.display();
        let mut file = BufWriter::new(options.open(&self.out).with_context(|| format!("{place} cannot be made"))?);
        match portability::export_to(&app, self.patient, &mut file).await {
            Ok(size) => {
                println!("{place}: {size} bytes, in plain words: keep it safe");
                Ok(ExitCode::SUCCESS)
            }
            Err(error) => {
                // Half a file looks like a whole one.
                drop(file);
                std::fs::remove_file(&self.out).with_context(|| format!("{place} cannot be taken away again"))?;
                Err(error).context("the patient cannot be exported")
            }
        }
    }
}
