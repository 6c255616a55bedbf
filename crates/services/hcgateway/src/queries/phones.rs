//! The table of phones.
use chrono::{DateTime, Utc};
use kernel::{PatientId, Result, SessionId, UserId};
use store::{Sql, Tx, args, from_row, sql};

/// A phone that signed in.
pub struct Phone {
    pub session_id: SessionId,
    pub user_id: UserId,
    pub patient_id: PatientId,
    /// What reaches it by push, sealed.
    pub fcm: Option<Vec<u8>>,
}
from_row!(Phone { session_id, user_id, patient_id, fcm });

sql!(
    PHONE_ADD = "INSERT INTO gateway_phones (session_id, user_id, patient_id, refresh_hash, fcm, created_at)
    VALUES ($1, $2, $3, $4, $5, $6)"
);

/// Adds a phone with the digest of the secret that renews its session.
pub async fn add(tx: &mut Tx, phone: &Phone, refresh: Vec<u8>, now: DateTime<Utc>) -> Result<()> {
    let Phone { session_id, user_id, patient_id, fcm } = phone;
    tx.run(&PHONE_ADD, args![*session_id, *user_id, *patient_id, refresh, fcm.clone(), now]).await?;
    Ok(())
}

sql!(
    PHONE_BY_REFRESH = "SELECT session_id, user_id, patient_id, fcm
    FROM gateway_phones
    WHERE refresh_hash = $1"
);

pub async fn by_refresh(sql: &mut impl Sql, digest: Vec<u8>) -> Result<Option<Phone>> {
    Ok(sql.one(&PHONE_BY_REFRESH, args![digest]).await?)
}

sql!(
    PHONES_OLDEST = "SELECT session_id AS value
    FROM gateway_phones
    WHERE patient_id = $1 AND user_id = $2
    ORDER BY created_at DESC
    LIMIT $3 OFFSET $4"
);

/// Removes an account's phones but those that signed in last: whoever signs in anew each day leaves no row for ever.
pub async fn keep_last(tx: &mut Tx, (patient, user): (PatientId, UserId), most: i64) -> Result<()> {
    let oldest: Vec<SessionId> = tx.all(&PHONES_OLDEST, args![patient, user, most, most]).await?;
    for session in oldest {
        remove(tx, session).await?;
    }
    Ok(())
}

sql!(
    PHONES_WITH_PUSH = "SELECT session_id, user_id, patient_id, fcm
    FROM gateway_phones
    WHERE patient_id = $1 AND fcm IS NOT NULL
    ORDER BY created_at DESC
    LIMIT $2"
);

/// The phones of a patient that can be reached by push, the one that signed in last first.
pub async fn with_push(sql: &mut impl Sql, patient: PatientId, most: i64) -> Result<Vec<Phone>> {
    Ok(sql.all(&PHONES_WITH_PUSH, args![patient, most]).await?)
}

sql!(PHONE_REMOVE = "DELETE FROM gateway_phones WHERE session_id = $1");
sql!(PHONE_OUTBOX_REMOVE = "DELETE FROM gateway_outbox WHERE session_id = $1");

/// Removes a phone and what waits for it.
pub async fn remove(tx: &mut Tx, session: SessionId) -> Result<()> {
    tx.run(&PHONE_OUTBOX_REMOVE, args![session]).await?;
    tx.run(&PHONE_REMOVE, args![session]).await?;
    Ok(())
}

sql!(PHONES_FORGET = "DELETE FROM gateway_phones WHERE patient_id = $1");

pub async fn forget(tx: &mut Tx, patient: PatientId) -> Result<()> {
    tx.run(&PHONES_FORGET, args![patient]).await?;
    Ok(())
}
