//! The table of what providers told of and is yet to be fetched.
use chrono::{DateTime, Utc};
use kernel::{PatientId, Result};
use store::{Sql, Tx, args, from_row, sql};

use crate::connections::ConnectionId;

/// Something new at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What kind of data, as the provider calls it.
    pub collection: String,
    pub from_at: DateTime<Utc>,
    pub to_at: DateTime<Utc>,
    /// Whether something there was deleted.
    pub is_taken_back: bool,
    /// How often it was told.
    pub told: i64,
}
from_row!(Notice { collection, from_at, to_at, is_taken_back, told });

sql!(
    NOTICE_ADD = "INSERT INTO provider_notices (connection_id, collection, from_at, to_at, is_taken_back, told)
    VALUES ($1, $2, $3, $4, $5, 1)
    ON CONFLICT (connection_id, collection, from_at, to_at) DO UPDATE
    SET told = provider_notices.told + 1, is_taken_back = provider_notices.is_taken_back OR excluded.is_taken_back"
);

/// Adds what was told; what is waiting already waits once.
pub async fn add(tx: &mut Tx, of: ConnectionId, new: &Notice) -> Result<()> {
    tx.run(&NOTICE_ADD, args![of, &new.collection, new.from_at, new.to_at, new.is_taken_back]).await?;
    Ok(())
}

/// Notices read at a time.
const PAGE: i64 = 500;

sql!(
    NOTICES_OF = "SELECT collection, from_at, to_at, is_taken_back, told FROM provider_notices
    WHERE connection_id = $1
    ORDER BY from_at, collection, to_at LIMIT $2"
);

/// What is waiting, the oldest first.
pub async fn of(sql: &mut impl Sql, connection: ConnectionId) -> Result<Vec<Notice>> {
    Ok(sql.all(&NOTICES_OF, args![connection, PAGE]).await?)
}

sql!(
    /// Told again since it was read, it is fetched again.
    NOTICE_DONE = "DELETE FROM provider_notices
    WHERE connection_id = $1 AND collection = $2 AND from_at = $3 AND to_at = $4 AND told = $5"
);

/// Takes away what was fetched.
pub async fn done(tx: &mut Tx, of: ConnectionId, notice: &Notice) -> Result<()> {
    tx.run(&NOTICE_DONE, args![of, &notice.collection, notice.from_at, notice.to_at, notice.told]).await?;
    Ok(())
}

sql!(NOTICES_DROP = "DELETE FROM provider_notices WHERE connection_id = $1");

/// Takes away all that is waiting of a connection: it is not to be fetched.
pub async fn drop_all(tx: &mut Tx, of: ConnectionId) -> Result<()> {
    tx.run(&NOTICES_DROP, args![of]).await?;
    Ok(())
}

sql!(
    NOTICES_FORGET = "DELETE FROM provider_notices
    WHERE connection_id IN (SELECT id FROM provider_connections WHERE patient_id = $1)"
);

pub async fn forget(tx: &mut Tx, patient: PatientId) -> Result<()> {
    tx.run(&NOTICES_FORGET, args![patient]).await?;
    Ok(())
}
