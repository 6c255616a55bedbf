//! What is caught up with at the start: names of doctors who were registered before names were indexed.
use kernel::{App, Result, Task};

use crate::queries::names;

pub fn tasks(app: &App) -> Vec<Task> {
    let app = app.clone();
    vec![Box::pin(async move {
        if let Err(error) = index_names(&app).await {
            tracing::warn!(%error, "some doctors are not found by their names until the next start");
        }
    })]
}

/// Indexes the names that are not indexed yet, some at a time, so that others write in between.
async fn index_names(app: &App) -> Result<()> {
    while names::any_left(&mut app.db()).await? {
        let mut tx = app.db().begin().await?;
        names::catch_up(&mut tx).await?;
        tx.commit().await?;
    }
    Ok(())
}
