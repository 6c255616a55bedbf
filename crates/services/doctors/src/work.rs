//! What is caught up with at the start: names of doctors who were registered before names were indexed.
use kernel::{App, Result, Task};

use crate::queries::names;

pub fn tasks(app: &App) -> Vec<Task> {
    vec![kernel::catch_up(app, "doctors to find by name", |app| async move { index_some(&app).await })]
}

async fn index_some(app: &App) -> Result<usize> {
    let mut tx = app.db().begin().await?;
    let found = names::catch_up(&mut tx).await?;
    tx.commit().await?;
    Ok(found)
}
