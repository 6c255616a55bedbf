//! The table of delegates.
use chrono::{DateTime, Utc};
use kernel::{Error, PageQuery, PatientId, Result, UserId};
use store::{Sql, Tx, args, sql};
use uuid::Uuid;

use crate::model::StoredDelegate;

macro_rules! delegates {
    ($rest:literal) => {
        concat!(
            "SELECT id, patient_id, account_id, relationship, may, given_by, given_at, expires_at, ended_by, ended_at
            FROM delegates ",
            $rest
        )
    };
}

sql!(
    DELEGATE_ADD =
        "INSERT INTO delegates (id, patient_id, account_id, relationship, may, given_by, given_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
);

/// Adds a delegate; 409 about `user` when the account is one already.
pub async fn add(tx: &mut Tx, new: &StoredDelegate) -> Result<()> {
    let row = args![
        new.id,
        new.patient_id,
        new.account_id,
        new.relationship,
        new.may,
        new.given_by,
        new.given_at,
        new.expires_at
    ];
    tx.run(&DELEGATE_ADD, row).await.map(drop).map_err(|error| match error.is_duplicate_of("account_id") {
        true => Error::conflict("acts for this patient already; end that first").about("user"),
        false => error.into(),
    })
}

sql!(
    DELEGATE_END_EXPIRED = "UPDATE delegates
    SET ended_at = expires_at
    WHERE patient_id = $1 AND account_id = $2 AND ended_at IS NULL AND expires_at <= $3"
);

/// Writes down that a right has run out, so that it can be given anew.
pub async fn end_expired(tx: &mut Tx, patient: PatientId, account: UserId, now: DateTime<Utc>) -> Result<()> {
    tx.run(&DELEGATE_END_EXPIRED, args![patient, account, now]).await?;
    Ok(())
}

sql!(DELEGATE_BY_ID = delegates!("WHERE id = $1"));

pub async fn by_id(sql: &mut impl Sql, id: Uuid) -> Result<Option<StoredDelegate>> {
    Ok(sql.one(&DELEGATE_BY_ID, args![id]).await?)
}

sql!(DELEGATE_LOCK = delegates!("WHERE id = $1 AND patient_id = $2 FOR UPDATE"));

/// A delegate of this patient, whom nobody else ends until the transaction does.
pub async fn lock(tx: &mut Tx, id: Uuid, patient: PatientId) -> Result<Option<StoredDelegate>> {
    Ok(tx.one(&DELEGATE_LOCK, args![id, patient]).await?)
}

sql!(DELEGATE_END = "UPDATE delegates SET ended_by = $2, ended_at = $3 WHERE id = $1");

/// Ends a delegate who was read with [`lock`].
pub async fn end(tx: &mut Tx, id: Uuid, by: Uuid, now: DateTime<Utc>) -> Result<()> {
    tx.run(&DELEGATE_END, args![id, by, now]).await?;
    Ok(())
}

sql!(
    DELEGATES_END_ALL = "UPDATE delegates
    SET ended_by = $2, ended_at = $3
    WHERE patient_id = $1 AND ended_at IS NULL"
);

/// Ends every delegate of a patient who leaves. What rests on them ends with all relations of the patient.
pub async fn end_all(tx: &mut Tx, patient: PatientId, by: Uuid, now: DateTime<Utc>) -> Result<()> {
    tx.run(&DELEGATES_END_ALL, args![patient, by, now]).await?;
    Ok(())
}

sql!(DELEGATES_OF_PATIENT = delegates!("WHERE patient_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3 OFFSET $4"));

/// Everybody who may or might act for a patient, the newest first.
pub async fn of_patient(sql: &mut impl Sql, patient: PatientId, page: &PageQuery) -> Result<Vec<StoredDelegate>> {
    let before = page.after()?.unwrap_or(Uuid::max());
    Ok(sql.all(&DELEGATES_OF_PATIENT, args![patient, before, page.rows(), page.skip()]).await?)
}

sql!(
    DELEGATES_OF_ACCOUNT = delegates!(
        "WHERE account_id = $1 AND ended_at IS NULL AND (expires_at IS NULL OR expires_at > $2) AND id < $3
        ORDER BY id DESC
        LIMIT $4 OFFSET $5"
    )
);

/// For whom an account may act now, the newest first.
pub async fn of_account(
    sql: &mut impl Sql,
    account: Uuid,
    page: &PageQuery,
    now: DateTime<Utc>,
) -> Result<Vec<StoredDelegate>> {
    let before = page.after()?.unwrap_or(Uuid::max());
    Ok(sql.all(&DELEGATES_OF_ACCOUNT, args![account, now, before, page.rows(), page.skip()]).await?)
}
