//! Background work: forgetting refresh tokens that have expired.
use std::time::Duration;

use kernel::{App, Result, Task};

use crate::queries;

const SWEEP_EVERY: Duration = Duration::from_secs(3600);

pub(crate) fn tasks(app: &App) -> Vec<Task> {
    let app = app.clone();
    vec![Box::pin(async move {
        loop {
            tokio::time::sleep(SWEEP_EVERY).await;
            if let Err(error) = sweep(&app).await {
                tracing::warn!(%error, "expired refresh tokens were not swept");
            }
        }
    })]
}

async fn sweep(app: &App) -> Result<()> {
    let mut tx = app.db().begin().await?;
    let count = queries::sweep_refresh_tokens(&mut tx, app.clock().now()).await?;
    tx.commit().await?;
    tracing::debug!(count, "expired refresh tokens swept");
    Ok(())
}
