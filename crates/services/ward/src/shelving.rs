//! Readings of long ago are put on shelves in the background, an hour of one patient at a time.
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use kernel::{App, PatientId, Result};
use uuid::Uuid;
use vault::Vault;

/// How often all patients are looked through. A reading is a week old before it is due, so an hour more is nothing.
const EVERY: Duration = Duration::from_secs(3600);
/// Between two hours of readings, so that who waits for the database is not kept waiting.
const PAUSE: Duration = Duration::from_millis(20);
/// Patients asked for at a time.
const PATIENTS: i64 = 100;

pub fn tasks(app: &App) -> Vec<BoxFuture<'static, ()>> {
    vec![Box::pin(forever(app.clone()))]
}

async fn forever(app: App) {
    loop {
        tokio::time::sleep(EVERY).await;
        if let Err(error) = shelve_all(&app).await {
            tracing::warn!(%error, "old readings could not be put on their shelves");
        }
    }
}

/// Puts everything that is due on its shelf.
pub async fn shelve_all(app: &App) -> Result<()> {
    let mut after = PatientId(Uuid::nil());
    loop {
        let patients = signals::measured_patients(&mut app.db(), after, PATIENTS).await?;
        for patient in &patients {
            shelve(app, *patient).await?;
            after = *patient;
        }
        if (patients.len() as i64) < PATIENTS {
            return Ok(());
        }
    }
}

async fn shelve(app: &App, patient: PatientId) -> Result<()> {
    let mut from: Option<DateTime<Utc>> = Some(DateTime::UNIX_EPOCH);
    while let Some(next) = from {
        // Whoever was erased has no key any more, and nothing that could be read.
        let Ok(key) = app.edge::<Vault>().key(&app.db(), patient).await else { return Ok(()) };
        let mut tx = app.db().begin().await?;
        from = signals::shelve(&mut tx, &key, next, app.clock().now()).await?;
        tx.commit().await?;
        if from.is_some() {
            tokio::time::sleep(PAUSE).await;
        }
    }
    Ok(())
}
