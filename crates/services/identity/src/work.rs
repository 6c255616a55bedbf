//! Background work: forgetting what has expired, and learning of new signing keys.
use std::time::Duration;

use kernel::{App, Result, Task};
use vault::Vault;

use crate::login::REMEMBERED;
use crate::queries::{self, factors, networks, resets};

const SWEEP_EVERY: Duration = Duration::from_secs(3600);
/// A token of a key that is not known yet makes a process look at once; this is for the keys that signed nothing yet.
const LEARN_EVERY: Duration = Duration::from_secs(60);

pub(crate) fn tasks(app: &App) -> Vec<Task> {
    vec![Box::pin(sweep_for_ever(app.clone())), Box::pin(learn_for_ever(app.clone()))]
}

async fn sweep_for_ever(app: App) {
    loop {
        tokio::time::sleep(SWEEP_EVERY).await;
        if let Err(error) = sweep(&app).await {
            tracing::warn!(%error, "expired tokens were not swept");
        }
    }
}

async fn sweep(app: &App) -> Result<()> {
    let (mut tx, now) = (app.db().begin().await?, app.clock().now());
    let count = queries::sweep_refresh_tokens(&mut tx, now).await?;
    // Kept for an hour longer, because those made within the last hour are counted.
    resets::sweep(&mut tx, now - chrono::TimeDelta::hours(1)).await?;
    factors::sweep_challenges(&mut tx, now).await?;
    networks::sweep(&mut tx, now - REMEMBERED).await?;
    tx.commit().await?;
    tracing::debug!(count, "expired refresh tokens swept");
    Ok(())
}

async fn learn_for_ever(app: App) {
    loop {
        tokio::time::sleep(LEARN_EVERY).await;
        if let Err(error) = app.edge::<Vault>().learn_signing_keys(&app.db(), app.clock().now()).await {
            tracing::warn!(%error, "new signing keys were not learnt");
        }
    }
}
