//! What is made up for after a start: rows that an older program wrote without something that this one keeps.
use std::future::Future;
use std::time::Duration;

use crate::{App, Result, Task};

/// How long to wait before what failed is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(60);

/// A loop that makes up for some rows at a time, so that others write in between, and ends when `some` finds none left.
/// `some` answers how many it made up for, and `what` names them in the log.
pub fn catch_up<F>(app: &App, what: &'static str, some: impl Fn(App) -> F + Send + 'static) -> Task
where
    F: Future<Output = Result<usize>> + Send,
{
    let app = app.clone();
    Box::pin(async move {
        let mut done = 0;
        loop {
            match some(app.clone()).await {
                Ok(0) => break,
                Ok(rows) => done += rows,
                Err(error) => {
                    tracing::warn!(%error, what, "cannot catch up; trying again");
                    tokio::time::sleep(RETRY_AFTER).await;
                }
            }
        }
        if done > 0 {
            tracing::info!(rows = done, what, "caught up");
        }
    })
}
