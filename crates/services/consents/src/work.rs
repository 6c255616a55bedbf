//! Behind the audit chain: keeping its index close, and signing its end once a day. And writing down what has run out, and
//! telling whose copies are to be erased.
use std::time::Duration;

use kernel::{App, Result, Task};
use vault::Vault;

use crate::{queries, tell};

/// Whoever asks who looked catches up first, so that this has only to keep that short.
const INDEX_EVERY: Duration = Duration::from_secs(10);
/// How soon after midnight, in UTC, the end of the chain is signed.
const SIGN_EVERY: Duration = Duration::from_secs(60);
/// Nothing waits for it: what has run out opens nothing by itself.
const SWEEP_EVERY: Duration = Duration::from_secs(3600);

pub(crate) fn tasks(app: &App) -> Vec<Task> {
    let (indexing, signing, sweeping) = (app.clone(), app.clone(), app.clone());
    vec![
        Box::pin(async move {
            loop {
                tokio::time::sleep(INDEX_EVERY).await;
                if let Err(error) = access::index_audit(&indexing.db()).await {
                    tracing::warn!(%error, "the index of the audit chain falls behind");
                }
            }
        }),
        Box::pin(async move {
            loop {
                tokio::time::sleep(SIGN_EVERY).await;
                let now = signing.clock().now();
                if let Err(error) = access::sign_audit_head(&signing.db(), signing.edge::<Vault>(), now).await {
                    tracing::warn!(%error, "the end of the audit chain is not signed yet");
                }
            }
        }),
        Box::pin(async move {
            loop {
                tokio::time::sleep(SWEEP_EVERY).await;
                if let Err(error) = sweep(&sweeping).await {
                    tracing::warn!(%error, "relations that have run out are still among the current ones");
                }
            }
        }),
    ]
}

/// Grantees told in one transaction.
const BATCH: i64 = 100;

/// Writes down which relations have run out, and tells whose copies are to be erased. Answers how many were told.
pub async fn sweep(app: &App) -> Result<usize> {
    let (now, mut told) = (app.clock().now(), 0);
    let mut tx = app.db().begin().await?;
    access::end_expired(&mut tx, now).await?;
    tx.commit().await?;
    loop {
        let mut tx = app.db().begin().await?;
        let due = queries::consents::to_erase(&mut tx, now, BATCH).await?;
        due.iter().for_each(|consent| tell::to_erase(app, &mut tx, consent, now));
        tx.commit().await?;
        told += due.len();
        if (due.len() as i64) < BATCH {
            return Ok(told);
        }
    }
}
