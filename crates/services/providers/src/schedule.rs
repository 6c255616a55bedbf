//! Every quarter of an hour each connection is brought up to date, whether its provider told of news or not.
use std::time::Duration;

use chrono::TimeDelta;
use kernel::{App, Result, Task};

use crate::connect;
use crate::connections::{self, ConnectionId};

/// From one fetching of everything to the next.
pub const EVERY: TimeDelta = TimeDelta::minutes(15);
/// How often the table is looked at for those whose time has come.
const LOOK: Duration = Duration::from_secs(1);
/// Connections begun in one look; the others wait for the next.
const AT_ONCE: i64 = 100;

pub fn tasks(app: &App) -> Vec<Task> {
    let app = app.clone();
    vec![Box::pin(async move {
        loop {
            tokio::time::sleep(LOOK).await;
            if let Err(error) = look(&app).await {
                tracing::warn!(%error, "connections that are due were not looked for");
            }
        }
    })]
}

/// Has those fetched whose time has come. One that cannot be begun does not hold up the others.
async fn look(app: &App) -> Result<()> {
    for id in connections::due(&mut app.db(), app.clock().now(), AT_ONCE).await? {
        if let Err(error) = begin(app, id).await {
            tracing::warn!(%error, connection = %id, "a connection that is due was not begun");
        }
    }
    Ok(())
}

/// Asked again under the lock: another process may have been faster.
async fn begin(app: &App, id: ConnectionId) -> Result<()> {
    let (mut tx, now) = (app.db().begin().await?, app.clock().now());
    let found = connections::lock(&mut tx, id).await?;
    let Some(mut due) = found.filter(|found| found.ended_at.is_none() && found.next_sync_at <= now) else {
        return Ok(());
    };
    (due.is_due, due.next_sync_at) = (true, now + EVERY);
    connections::set(&mut tx, &due).await?;
    connect::wake(app, &mut tx, &due).await?;
    Ok(tx.commit().await?)
}
