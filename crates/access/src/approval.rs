//! Approval: whoever registered themselves holds no relation to any patient until an administrator has looked into it.
use std::collections::HashSet;

use chrono::{DateTime, Utc};
use kernel::{Error, Result};
use store::{Sql, Tx, Where, args, sql};
use uuid::Uuid;

sql!(APPROVAL_AWAIT = "INSERT INTO unapproved_holders (holder_id, since) VALUES ($1, $2) ON CONFLICT DO NOTHING");
sql!(APPROVAL_GIVE = "DELETE FROM unapproved_holders WHERE holder_id = $1");
sql!(APPROVAL_AWAITED = "SELECT holder_id AS value FROM unapproved_holders WHERE holder_id = $1");

/// From now on no relation to this doctor or institution begins, until [`approve`].
pub async fn await_approval(tx: &mut Tx, holder: Uuid, now: DateTime<Utc>) -> Result<()> {
    tx.run(&APPROVAL_AWAIT, args![holder, now]).await?;
    Ok(())
}

/// Lets relations to this doctor or institution begin. Whoever waited for nothing is left alone.
pub async fn approve(tx: &mut Tx, holder: Uuid) -> Result<()> {
    tx.run(&APPROVAL_GIVE, args![holder]).await?;
    Ok(())
}

/// False for a doctor or an institution that registered itself and was not looked into yet.
pub async fn is_approved(sql: &mut impl Sql, holder: Uuid) -> Result<bool> {
    Ok(sql.one::<Uuid>(&APPROVAL_AWAITED, args![holder]).await?.is_none())
}

/// Holders that are asked about in one statement.
const BATCH: usize = 256;

/// Those of some doctors or institutions who were not looked into yet.
pub async fn unapproved_among(sql: &mut impl Sql, holders: &[Uuid]) -> Result<HashSet<Uuid>> {
    let mut waiting = HashSet::new();
    for some in holders.chunks(BATCH) {
        let among = Where::new("SELECT holder_id AS value FROM unapproved_holders").among("holder_id", some);
        waiting.extend(sql.find::<Uuid>(among).await?);
    }
    Ok(waiting)
}

/// Refuses whoever was not looked into yet.
pub async fn require_approved(sql: &mut impl Sql, holder: Uuid) -> Result<()> {
    match is_approved(sql, holder).await? {
        true => Ok(()),
        false => Err(Error::conflict("this doctor or institution waits for an administrator to approve it")),
    }
}
