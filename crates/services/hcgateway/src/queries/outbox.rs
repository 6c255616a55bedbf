//! The table of what waits to be sent to phones.
use chrono::{DateTime, Utc};
use kernel::{PatientId, Result, SessionId};
use store::{Args, Sql, Tx, args, from_row, sql};
use uuid::Uuid;

/// Something for a phone, sealed.
pub struct Stored {
    pub id: Uuid,
    pub session_id: SessionId,
    pub sealed: Vec<u8>,
    pub created_at: DateTime<Utc>,
}
from_row!(Stored { id, session_id, sealed, created_at });

sql!(
    OUTBOX_ADD = "INSERT INTO gateway_outbox (id, patient_id, session_id, sealed, created_at)
    VALUES ($1, $2, $3, $4, $5)"
);

pub async fn add(tx: &mut Tx, patient: PatientId, new: Vec<Stored>) -> Result<()> {
    let row = |s: Stored| -> Args { args![s.id, patient, s.session_id, s.sealed, s.created_at] };
    let rows: Vec<Args> = new.into_iter().map(row).collect();
    Ok(tx.run_each(&OUTBOX_ADD, &rows).await?)
}

sql!(OUTBOX_COUNT = "SELECT count(*) AS value FROM gateway_outbox WHERE patient_id = $1");

pub async fn count(sql: &mut impl Sql, patient: PatientId) -> Result<i64> {
    Ok(sql.one(&OUTBOX_COUNT, args![patient]).await?.unwrap_or_default())
}

sql!(
    OUTBOX_OF = "SELECT id, session_id, sealed, created_at
    FROM gateway_outbox
    WHERE patient_id = $1 AND id > $2
    ORDER BY id
    LIMIT $3"
);

/// A page, in the order it came.
pub async fn page(sql: &mut impl Sql, patient: PatientId, after: Option<Uuid>, rows: i64) -> Result<Vec<Stored>> {
    Ok(sql.all(&OUTBOX_OF, args![patient, after.unwrap_or_default(), rows]).await?)
}

sql!(OUTBOX_FORGET = "DELETE FROM gateway_outbox WHERE patient_id = $1");

pub async fn forget(tx: &mut Tx, patient: PatientId) -> Result<()> {
    tx.run(&OUTBOX_FORGET, args![patient]).await?;
    Ok(())
}
