//! What a doctor may see of who is coming ends some days after the appointment, whether anybody wrote down what became of it.
use std::time::Duration;

use chrono::TimeDelta;
use kernel::{App, Result, Task};

use crate::queries;

/// Long enough to write down on Monday what was done on Friday.
const REMEMBERED: TimeDelta = TimeDelta::days(7);
const SWEEP_EVERY: Duration = Duration::from_secs(3600);

pub(crate) fn tasks(app: &App) -> Vec<Task> {
    let app = app.clone();
    vec![Box::pin(async move {
        loop {
            tokio::time::sleep(SWEEP_EVERY).await;
            if let Err(error) = let_go(&app).await {
                tracing::warn!(%error, "doctors still expect patients whose appointments are long over");
            }
        }
    })]
}

/// Ends the relations that rest on appointments which ended a week ago; answers how many those were.
pub async fn let_go(app: &App) -> Result<usize> {
    let now = app.clock().now();
    let mut tx = app.db().begin().await?;
    let over = queries::let_go(&mut tx, now - REMEMBERED).await?;
    for id in &over {
        access::end_basis(&mut tx, id.0, now).await?;
    }
    tx.commit().await?;
    Ok(over.len())
}
