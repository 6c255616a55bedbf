//! `nadi keys …`.
use std::io::Read as _;
use std::process::ExitCode;

use access::{Caller, Entry};
use anyhow::{Context as _, Result, bail};
use clap::Subcommand;
use kernel::{App, PatientId};
use vault::{NewMaster, Secrets, Vault};

use super::Place;
use super::serve::lock;
use crate::edges;

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
    /// Give every patient a new data key. A running server seals anew what lies under the old ones, and goes on serving.
    RotateData {
        /// This patient alone.
        #[arg(long, value_name = "ID")]
        patient: Option<PatientId>,
        #[command(flatten)]
        place: Place,
    },
    /// Put another master key in the place of the one that counts. Every server has to be stopped.
    RotateMaster {
        /// Over PostgreSQL, where nobody can tell: every server is stopped.
        #[arg(long)]
        nobody_serves: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Say how the rotation of data keys stands.
    Status {
        /// A rotation of this patient alone.
        #[arg(long, value_name = "ID")]
        patient: Option<PatientId>,
        #[command(flatten)]
        place: Place,
    },
}

impl Keys {
    pub async fn run(self) -> Result<ExitCode> {
        match self {
            Self::Rotate { stolen, place } => rotate(stolen, &place).await,
            Self::RotateData { patient, place } => rotate_data(patient, &place).await,
            Self::RotateMaster { nobody_serves, place } => rotate_master(nobody_serves, &place).await,
            Self::Status { patient, place } => status(patient, &place).await,
        }
    }
}

async fn rotate(stolen: bool, place: &Place) -> Result<ExitCode> {
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

async fn rotate_data(patient: Option<PatientId>, place: &Place) -> Result<ExitCode> {
    let app = place.app().await?;
    let id = portability::rotate_keys(&app, patient).await.context("the keys cannot be rotated")?;
    println!("job {id}: a running server carries it on; `nadi keys status` says how far it is");
    Ok(ExitCode::SUCCESS)
}

async fn rotate_master(nobody_serves: bool, place: &Place) -> Result<ExitCode> {
    let settings = place.settings()?;
    let _lock = lock(&settings)?;
    if !settings.uses_sqlite() && !nobody_serves {
        bail!("stop every server over this database, then say --nobody-serves");
    }
    let app = place.app().await?;
    let old = edges::secrets_in_use(&settings, &app.db()).await?;
    let directory = settings.keys();
    let new = match settings.master_key {
        Some(_) => NewMaster::from_text(&from_input()?)?,
        None => NewMaster::make_beside(&directory)?,
    };
    let changed = match under_new_master(&app, (&old, &new)).await {
        Ok(changed) => changed,
        Err(error) => {
            if settings.master_key.is_none() && !vault::finish_change(&directory, &app.db()).await? {
                NewMaster::take_away(&directory)?;
            }
            return Err(error).context("the master key cannot be changed");
        }
    };
    println!("{changed} keys and values are under the new master key");
    match settings.master_key {
        Some(_) => println!("set NADI_MASTER_KEY to the new one before anything is started"),
        None => {
            new.put_in_place(&directory)?;
            println!("the one before it is beside it, for the backups of its time: take it away from here");
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn under_new_master(app: &App, keys: (&Secrets, &NewMaster)) -> Result<u64> {
    let now = app.clock().now();
    let mut tx = app.db().begin().await?;
    let columns = [vault::SYSTEM, identity::SYSTEM, portability::SYSTEM, crate::http::SYSTEM].into_iter().flatten();
    let changed = vault::change_master(app, &mut tx, keys, columns, now).await?;
    access::record(&mut tx, Entry::of(&Caller::operator(), "master_key.rotate", changed, now));
    tx.commit().await?;
    Ok(changed)
}

/// Never an argument: arguments are seen by every user of the machine.
fn from_input() -> Result<String> {
    eprint!("New master key (32 bytes in base64), then Ctrl-D: ");
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).context("no key was given")?;
    Ok(text)
}

async fn status(patient: Option<PatientId>, place: &Place) -> Result<ExitCode> {
    let app = place.app().await?;
    let counted = Vault::count_keys(&mut app.db()).await?;
    println!("{} patients have {} data keys", counted.patients, counted.versions);
    for rotation in portability::rotations(&app, patient).await? {
        let (job, note) = (&rotation.job, rotation.job.progress_note.as_deref().unwrap_or_default());
        let ending = job.result.as_ref().map(ToString::to_string).or_else(|| job.error.clone()).unwrap_or_default();
        println!("{} {} {}: {}% {note} {ending}", job.created_at, rotation.step, job.state, job.progress);
    }
    Ok(ExitCode::SUCCESS)
}
