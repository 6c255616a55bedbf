//! `nadi user …`.
use std::io::Read as _;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::Subcommand;

use super::Place;

#[derive(Subcommand)]
pub enum User {
    /// Make an administrator. The password comes from NADI_ADMIN_PASSWORD, or else from standard input.
    CreateAdmin {
        #[arg(long)]
        email: String,
        #[command(flatten)]
        place: Place,
    },
}

impl User {
    pub async fn run(self) -> Result<ExitCode> {
        let Self::CreateAdmin { email, place } = self;
        let password = match place.settings()?.admin_password {
            Some(password) => password,
            None => from_input()?.into(),
        };
        let app = place.app().await?;
        if let identity::Ensured::Existed(_) = identity::ensure_admin(&app, &email, &password).await? {
            bail!("{email} is an administrator already; the password was left alone");
        }
        println!("{email} is an administrator");
        Ok(ExitCode::SUCCESS)
    }
}

/// Never an argument: arguments are seen by every user of the machine.
fn from_input() -> Result<String> {
    eprint!("Password (at least 8 characters), then Ctrl-D: ");
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).context("no password was given")?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
