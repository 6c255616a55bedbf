//! `nadi doctor` and `nadi migrate`.
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use kernel::Clock;
use vault::Tombstones;

use super::Place;
use crate::edges;

pub async fn migrate(place: &Place) -> Result<ExitCode> {
    let settings = place.settings()?;
    super::start_log(&settings);
    settings.make_data_directory()?;
    let db = edges::database(&settings, false).await?;
    let steps = db.migrate(crate::SERIES).await.context("the database cannot be brought up to date")?;
    println!("{steps} steps applied; the database is up to date");
    Ok(ExitCode::SUCCESS)
}

/// Opens every edge and says what is wrong.
pub async fn run(place: &Place) -> Result<ExitCode> {
    let settings = place.settings()?;
    let mut wrong = 0;
    let mut say = |what: &str, outcome: Result<String>| match outcome {
        Ok(fine) => println!("ok    {what}: {fine}"),
        Err(error) => {
            wrong += 1;
            println!("WRONG {what}: {error:#}");
        }
    };
    say("settings", settings.check().map(|()| "they fit together".to_owned()));
    say("database", database(&settings).await);
    say("erased patients", erased(&settings).await);
    say("jobs", jobs(&settings).await);
    say(
        "program",
        edges::assemble(&settings, Clock::system())
            .await
            .map(|opened| format!("{} services open", opened.services.len())),
    );
    say(
        "listen",
        tokio::net::TcpListener::bind(settings.listen)
            .await
            .map(|_| format!("{} is free", settings.listen))
            .map_err(Into::into),
    );
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Who came back with an older copy of the database. Telling is all that is done here: the next start erases them.
async fn erased(settings: &crate::Settings) -> Result<String> {
    let stones = Tombstones::in_directory(&settings.keys())?;
    if stones.is_empty() {
        return Ok("none has left a tombstone".to_owned());
    }
    let back = stones.with_keys(&edges::database(settings, true).await?).await?.len();
    match back {
        0 => Ok("none of them has a key".to_owned()),
        _ => Err(anyhow::anyhow!(
            "{back} have keys in this database, as after restoring an old backup; they are erased again at each start"
        )),
    }
}

/// Work in the background that was given up.
async fn jobs(settings: &crate::Settings) -> Result<String> {
    let since = Clock::system().now() - TimeDelta::days(1);
    match jobs::failed(&mut edges::database(settings, true).await?, since).await? {
        0 => Ok("none failed in the last day".to_owned()),
        failed => Err(anyhow::anyhow!("{failed} failed in the last day; the log says why")),
    }
}

async fn database(settings: &crate::Settings) -> Result<String> {
    settings.make_data_directory()?;
    let db = edges::database(settings, false).await?;
    db.ping().await?;
    db.migrate(crate::SERIES).await?;
    let failed = db.check_statements().await;
    match failed.first() {
        None => Ok(format!("answers, and knows all {} statements", store::REGISTRY.len())),
        Some((name, error)) => Err(anyhow::anyhow!("the statement {name} cannot be prepared: {error}")),
    }
}
