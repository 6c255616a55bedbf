//! Suspensions: whoever is suspended has no live session, so that nothing they are related to opens.
use chrono::{DateTime, Utc};
use kernel::Result;
use store::{Tx, args, sql};
use uuid::Uuid;

sql!(SUSPENSION_ADD = "INSERT INTO suspensions (holder_id, since) VALUES ($1, $2) ON CONFLICT DO NOTHING");
sql!(SUSPENSION_END = "DELETE FROM suspensions WHERE holder_id = $1");

/// Suspends whom accounts stand for, such as a doctor. From the commit on every request, stream and ticket of theirs is
/// refused, also one of an account that is opened meanwhile. Their relations stay, and open nothing.
pub async fn suspend(tx: &mut Tx, holder: Uuid, now: DateTime<Utc>) -> Result<()> {
    tx.run(&SUSPENSION_ADD, args![holder, now]).await?;
    Ok(())
}

/// Ends a suspension. Sessions that were revoked meanwhile stay ended.
pub async fn reinstate(tx: &mut Tx, holder: Uuid) -> Result<()> {
    tx.run(&SUSPENSION_END, args![holder]).await?;
    Ok(())
}
