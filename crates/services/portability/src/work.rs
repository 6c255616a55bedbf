//! Loops: old exports are swept, erasures that broke off are finished, and those of other processes are followed.
use std::time::Duration;

use chrono::TimeDelta;
use kernel::{App, Listed, PageQuery, Result, Task};
use vault::Vault;

use crate::again;
use crate::model::{ErasureStatus, KEPT};
use crate::queries::{erasures, exports};

const SWEEP: Duration = Duration::from_secs(600);
/// By then the job of an export that was never finished has failed.
const UNFINISHED: TimeDelta = TimeDelta::days(8);
/// Open erasures read at a time.
const OPEN: u32 = 500;

pub fn tasks(app: &App) -> Vec<Task> {
    vec![Box::pin(crate::follow::follow(app.clone())), Box::pin(sweep_now_and_then(app.clone()))]
}

async fn sweep_now_and_then(app: App) {
    loop {
        if let Err(error) = sweep(&app).await {
            tracing::warn!(%error, "old exports were not swept");
        }
        if let Err(error) = finish(&app).await {
            tracing::warn!(%error, "erasures that were begun could not be looked for");
        }
        tokio::time::sleep(SWEEP).await;
    }
}

/// Finishes erasures whose tombstone was set and whose commit failed, as when the database was gone at that moment.
async fn finish(app: &App) -> Result<()> {
    let mut page = PageQuery { limit: Some(OPEN), ..PageQuery::default() };
    loop {
        let open = erasures::list(&mut app.db(), Some(ErasureStatus::Requested), &page).await?;
        let open = Listed::new(open, &page, |erasure| erasure.id.0);
        for begun in open.entries.iter().filter(|open| app.edge::<Vault>().is_erased(open.patient_id)) {
            if let Err(error) = again::one(app, begun.patient_id).await {
                tracing::warn!(%error, erasure = %begun.id, "an erasure that was begun could not be finished");
            }
        }
        match open.next() {
            Some(next) => page.cursor = Some(next.to_owned()),
            None => return Ok(()),
        }
    }
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
