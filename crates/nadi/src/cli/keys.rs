//! `nadi keys …`.
use std::process::ExitCode;

use access::{Caller, Entry};
use anyhow::Result;
use clap::Subcommand;
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
        let app = place.app().await?;
        let now = app.clock().now();
        let others_until = if stolen { now } else { now + vault::OVERLAP };
        let mut tx = app.db().begin().await?;
        let id = app.edge::<Vault>().add_signing_key(&mut tx, others_until, now).await?;
        access::record(&mut tx, Entry::of(&Caller::operator(), "signing_key.rotate", &id, now));
        tx.commit().await?;
        println!("{id} signs from now on; the keys before it count until {others_until}");
        Ok(ExitCode::SUCCESS)
    }
}
