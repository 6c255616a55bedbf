//! `nadi keys …`.
use std::process::ExitCode;

use access::{Caller, Entry, Role};
use anyhow::Result;
use clap::Subcommand;
use kernel::Clock;
use vault::Vault;

use super::Place;

#[derive(Subcommand)]
pub enum Keys {
    /// Sign access tokens with a new key. A running server takes it up within a minute, and nobody is logged out.
    Rotate {
        /// Refuse what the keys before it signed from now on: for keys that were stolen. Clients renew their tokens.
        #[arg(long)]
        stolen: bool,
        #[command(flatten)]
        place: Place,
    },
}

impl Keys {
    pub async fn run(self) -> Result<ExitCode> {
        let Self::Rotate { stolen, place } = self;
        let mut settings = place.settings()?;
        super::start_log(&settings);
        settings.admin_email = None;
        settings.admin_password = None;
        let app = crate::open(&settings, Clock::system()).await?.app;
        let now = app.clock().now();
        let others_until = if stolen { now } else { now + vault::OVERLAP };
        let mut tx = app.db().begin().await?;
        let id = app.edge::<Vault>().add_signing_key(&mut tx, others_until, now).await?;
        // The operator at the machine has no account.
        let operator = Caller { actor: uuid::Uuid::nil(), role: Role::System, reference: None, session: None };
        access::record(&mut tx, Entry::of(&operator, "signing_key.rotate", &id, now));
        tx.commit().await?;
        println!("{id} signs from now on; the keys before it count until {others_until}");
        Ok(ExitCode::SUCCESS)
    }
}
