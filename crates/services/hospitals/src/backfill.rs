//! Indexing the institutions that were registered before names were searched by their words.
use kernel::{App, Result, Task};

use crate::queries::search;

/// Rows a transaction, so that others get their turn in between.
const BATCH: i64 = 200;

/// Ends once all of them are indexed; those registered since are so from the start.
pub fn tasks(app: &App) -> Vec<Task> {
    vec![kernel::catch_up(app, "institutions to find by name", |app| async move { index_some(&app).await })]
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
