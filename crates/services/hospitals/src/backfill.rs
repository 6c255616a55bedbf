//! Indexing the institutions that were registered before names were searched by their words.
use std::time::Duration;

use kernel::{App, Result, Task};

use crate::queries::search;

/// Rows a transaction, so that others get their turn in between.
const BATCH: i64 = 200;
const RETRY_AFTER: Duration = Duration::from_secs(60);

/// Ends once all of them are indexed; those registered since are so from the start.
pub fn tasks(app: &App) -> Vec<Task> {
    let app = app.clone();
    vec![Box::pin(async move {
        loop {
            match index_some(&app).await {
                Ok(0) => return,
                Ok(count) => tracing::debug!(count, "institutions indexed by name"),
                Err(error) => {
                    tracing::warn!(%error, "institutions were not indexed by name; trying again");
                    tokio::time::sleep(RETRY_AFTER).await;
                }
            }
        }
    })]
}

async fn index_some(app: &App) -> Result<usize> {
    let mut tx = app.db().begin().await?;
    let found = search::unindexed(&mut tx, BATCH).await?;
    for hospital in &found {
        search::index(&mut tx, hospital).await?;
    }
    tx.commit().await?;
    Ok(found.len())
}
