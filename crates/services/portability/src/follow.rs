//! Following erasures of other processes over the same database: what this one holds in memory goes too.
use std::time::Duration;

use events::Log;
use kernel::{App, Error, PatientId, Result};
use vault::Vault;

use crate::erasure::{DONE, TOPIC};

/// How often other processes' events are asked for.
const LOOK: Duration = Duration::from_secs(1);
const BATCH: i64 = 100;

/// Follows until the process stops.
pub async fn follow(app: App) {
    let mut seen = None;
    let mut bell = app.edge::<Log>().follow();
    loop {
        match step(&app, seen).await {
            Ok(last) => seen = Some(last),
            Err(error) => tracing::warn!(%error, "erasures could not be followed"),
        }
        let _ = tokio::time::timeout(LOOK, bell.changed()).await;
    }
}

/// Learns of the erasures after a place in the log, at first of all of them.
async fn step(app: &App, seen: Option<i64>) -> Result<i64> {
    let (log, vault, mut db) = (app.edge::<Log>(), app.edge::<Vault>(), app.db());
    let Some(mut seen) = seen else {
        // The place first: what is erased meanwhile is then found by one or the other.
        let head = log.head(&mut db).await?;
        vault.learn_all_erased(&db).await?;
        return Ok(head);
    };
    loop {
        let events = log.after(&mut db, TOPIC, seen, BATCH).await?;
        for event in &events {
            if event.body["kind"] == DONE {
                let patient = PatientId(event.subject);
                let vault = vault.clone();
                // A tombstone may have to be synced to the disk.
                let learnt = tokio::task::spawn_blocking(move || vault.learn_erased(patient)).await;
                learnt.map_err(Error::internal)??;
                emergency::portable::forget(app, patient);
            }
            seen = event.seq;
        }
        if (events.len() as i64) < BATCH {
            return Ok(seen);
        }
    }
}
