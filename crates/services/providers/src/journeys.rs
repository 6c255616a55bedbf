//! The table of those who were sent to a provider and are expected back.
use access::{Caller, Role};
use chrono::{DateTime, Utc};
use kernel::{PatientId, Result};
use store::{Sql, Tx, args, from_row, sql};
use uuid::Uuid;

use crate::provider::Provider;

/// Somebody on the way to a provider and back.
#[derive(Debug, Clone)]
pub struct Journey {
    /// Of the state that comes back.
    pub hash: Vec<u8>,
    pub patient_id: PatientId,
    pub provider: Provider,
    /// The verifier that belongs to the challenge that was sent along.
    pub sealed: Vec<u8>,
    /// Of the cookie of the browser that set out.
    pub browser_hash: Vec<u8>,
    pub actor: Uuid,
    pub role: Role,
    pub reference: Option<Uuid>,
    pub expires_at: DateTime<Utc>,
}
from_row!(Journey { hash, patient_id, provider, sealed, browser_hash, actor, role, reference, expires_at });

impl Journey {
    /// Who set out.
    pub fn caller(&self) -> Caller {
        Caller { actor: self.actor, role: self.role, reference: self.reference, session: None }
    }
}

sql!(
    JOURNEY_ADD = "INSERT INTO provider_journeys
        (hash, patient_id, provider, sealed, browser_hash, actor, role, reference, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
);
sql!(JOURNEYS_SWEEP = "DELETE FROM provider_journeys WHERE expires_at < $1");

/// Adds one, and forgets those who did not come back.
pub async fn add(tx: &mut Tx, new: Journey, now: DateTime<Utc>) -> Result<()> {
    tx.run(&JOURNEYS_SWEEP, args![now]).await?;
    let mut row = args![new.hash, new.patient_id, new.provider, new.sealed, new.browser_hash, new.actor, new.role];
    row.extend(args![new.reference, new.expires_at]);
    tx.run(&JOURNEY_ADD, row).await?;
    Ok(())
}

sql!(
    JOURNEY_BY_HASH = "SELECT hash, patient_id, provider, sealed, browser_hash, actor, role, reference, expires_at
    FROM provider_journeys WHERE hash = $1"
);

pub async fn by_hash(sql: &mut impl Sql, hash: &[u8]) -> Result<Option<Journey>> {
    Ok(sql.one(&JOURNEY_BY_HASH, args![hash.to_vec()]).await?)
}

sql!(JOURNEY_USE = "DELETE FROM provider_journeys WHERE hash = $1");

/// Uses one up; false when somebody was faster.
pub async fn use_up(tx: &mut Tx, hash: &[u8]) -> Result<bool> {
    Ok(tx.run(&JOURNEY_USE, args![hash.to_vec()]).await? > 0)
}

sql!(JOURNEYS_FORGET = "DELETE FROM provider_journeys WHERE patient_id = $1");

pub async fn forget(tx: &mut Tx, patient: PatientId) -> Result<()> {
    tx.run(&JOURNEYS_FORGET, args![patient]).await?;
    Ok(())
}
