//! Loops: old exports are swept, erasures that broke off are finished, and those of other processes are followed.
use std::time::Duration;

use chrono::TimeDelta;
use kernel::{App, PageQuery, Result, Task};
use vault::Vault;

use crate::model::{ErasureStatus, KEPT};
use crate::queries::{erasures, exports};

const SWEEP: Duration = Duration::from_secs(600);
/// By then the job of an export that was never finished has failed.
const UNFINISHED: TimeDelta = TimeDelta::days(8);

pub fn tasks(app: &App) -> Vec<Task> {
    vec![Box::pin(crate::follow::follow(app.clone())), Box::pin(sweep_now_and_then(app.clone()))]
}

async fn sweep_now_and_then(app: App) {
    loop {
        if let Err(error) = sweep(&app).await {
            tracing::warn!(%error, "old exports were not swept");
        }
        if let Err(error) = finish(&app).await {
            tracing::warn!(%error, "an erasure that was begun could not be finished");
        }
        tokio::time::sleep(SWEEP).await;
    }
}

/// Finishes erasures whose tombstone was set and whose commit failed, as when the database was gone at that moment.
async fn finish(app: &App) -> Result<()> {
    let open = erasures::list(&mut app.db(), Some(ErasureStatus::Requested), &PageQuery::default()).await?;
    if open.iter().any(|erasure| app.edge::<Vault>().is_erased(erasure.patient_id)) {
        crate::erase_again(app).await?;
    }
    Ok(())
}

/// Removes the files that can be fetched no more, one export a transaction.
async fn sweep(app: &App) -> Result<()> {
    let now = app.clock().now();
    loop {
        let old = exports::old(&mut app.db(), now - KEPT, now - UNFINISHED).await?;
        if old.is_empty() {
            return Ok(());
        }
        for export in old {
            let mut tx = app.db().begin().await?;
            exports::remove(&mut tx, export).await?;
            tx.commit().await?;
        }
    }
}
