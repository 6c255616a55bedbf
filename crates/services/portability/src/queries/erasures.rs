//! The table of erasures.
use chrono::{DateTime, Utc};
use kernel::{Error, PageQuery, PatientId, Result};
use store::{Sql, Tx, Where, args, sql};
use uuid::Uuid;

use crate::model::{ErasureId, ErasureStatus, Stored};

macro_rules! erasures {
    ($rest:literal) => {
        concat!(
            "SELECT id, patient_id, reason, status, requested_by, requested_at, ended_by, ended_at FROM erasures ",
            $rest
        )
    };
}

sql!(
    ERASURE_ADD = "INSERT INTO erasures
        (id, patient_id, reason, status, requested_by, requested_at, ended_by, ended_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
);

/// Writes a request down; 409 when one is open already.
pub async fn add(tx: &mut Tx, new: &Stored) -> Result<()> {
    let mut row = args![new.id, new.patient_id, &new.reason, new.status, new.requested_by, new.requested_at];
    row.extend(args![new.ended_by, new.ended_at]);
    tx.run(&ERASURE_ADD, row).await.map(drop).map_err(|error| match error.is_duplicate_of("patient_id") {
        true => Error::conflict("the erasure was asked for already; an administrator is to confirm it"),
        false => error.into(),
    })
}

sql!(ERASURE_BY_ID = erasures!("WHERE id = $1"));

pub async fn by_id(sql: &mut impl Sql, id: ErasureId) -> Result<Option<Stored>> {
    Ok(sql.one(&ERASURE_BY_ID, args![id]).await?)
}

sql!(ERASURE_LAST = erasures!("WHERE patient_id = $1 ORDER BY id DESC LIMIT 1"));

/// The last request of a patient.
pub async fn last_of(sql: &mut impl Sql, patient: PatientId) -> Result<Option<Stored>> {
    Ok(sql.one(&ERASURE_LAST, args![patient]).await?)
}

sql!(
    ERASURE_END = "UPDATE erasures
    SET status = $2, ended_by = $3, ended_at = $4
    WHERE id = $1 AND status = 'requested'"
);

/// Ends a request; false when it has ended already.
pub async fn end(tx: &mut Tx, id: ErasureId, how: ErasureStatus, by: Uuid, now: DateTime<Utc>) -> Result<bool> {
    Ok(tx.run(&ERASURE_END, args![id, how, by, now]).await? > 0)
}

sql!(
    ERASURE_END_OF = "UPDATE erasures
    SET status = 'done', ended_by = $2, ended_at = $3
    WHERE patient_id = $1 AND status = 'requested'
    RETURNING id AS value"
);

/// Ends the open request of a patient, if there is one, as done.
pub async fn end_of(tx: &mut Tx, patient: PatientId, by: Uuid, now: DateTime<Utc>) -> Result<Option<ErasureId>> {
    Ok(tx.one(&ERASURE_END_OF, args![patient, by, now]).await?)
}

/// A page of erasures, the last asked for first.
pub async fn list(sql: &mut impl Sql, status: Option<ErasureStatus>, page: &PageQuery) -> Result<Vec<Stored>> {
    let found = Where::new(erasures!(""))
        .and("status = ?", status)
        .and("id < ?", page.after()?)
        .tail("ORDER BY id DESC LIMIT ? OFFSET ?", args![page.rows(), page.skip()]);
    Ok(sql.find(found).await?)
}
