//! The table of consents.
use chrono::{DateTime, Utc};
use kernel::{PageQuery, PatientId, Result};
use store::{Sql, Tx, Where, args, from_row, sql};
use uuid::Uuid;

use crate::model::{ConsentId, ConsentStatus, GranteeKind, Stored};

macro_rules! consents {
    ($rest:literal) => {
        concat!(
            "SELECT id, patient_id, grantee_kind, grantee_id, categories, actions, purpose_code, sealed, data_from, data_to,
                erase_at, status, requested_by, requested_role, requested_at, decided_by, decided_at, expires_at, revoked_by,
                revoked_at, version
            FROM consents ",
            $rest
        )
    };
}

sql!(
    CONSENT_ADD = "INSERT INTO consents (id, patient_id, grantee_kind, grantee_id, categories, actions, purpose_code,
        sealed, data_from, data_to, erase_at, status, requested_by, requested_role, requested_at, decided_by, decided_at,
        expires_at, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)"
);

/// Adds a consent that was asked for or given.
pub async fn add(tx: &mut Tx, new: &Stored) -> Result<()> {
    let mut row = args![new.id, new.patient_id, new.grantee_kind, new.grantee_id, &new.categories, &new.actions];
    row.extend(args![new.purpose_code, &new.sealed, new.data_from, new.data_to, new.erase_at, new.status]);
    row.extend(args![new.requested_by, new.requested_role, new.requested_at, new.decided_by, new.decided_at]);
    row.extend(args![new.expires_at, new.version]);
    tx.run(&CONSENT_ADD, row).await?;
    Ok(())
}

sql!(
    CONSENT_SET = "UPDATE consents
    SET categories = $2, actions = $3, sealed = $4, data_from = $5, data_to = $6, erase_at = $7, status = $8,
        decided_by = $9, decided_at = $10, expires_at = $11, revoked_by = $12, revoked_at = $13, version = $14
    WHERE id = $1"
);

/// Writes a consent that was read with [`lock`].
pub async fn set(tx: &mut Tx, next: &Stored) -> Result<()> {
    let mut row = args![next.id, &next.categories, &next.actions, &next.sealed, next.data_from, next.data_to];
    row.extend(args![next.erase_at, next.status, next.decided_by, next.decided_at, next.expires_at]);
    row.extend(args![next.revoked_by, next.revoked_at, next.version]);
    tx.run(&CONSENT_SET, row).await?;
    Ok(())
}

sql!(CONSENT_BY_ID = consents!("WHERE id = $1"));
sql!(CONSENT_LOCK = consents!("WHERE id = $1 FOR UPDATE"));

/// One consent, whatever became of it.
pub async fn by_id(sql: &mut impl Sql, id: ConsentId) -> Result<Option<Stored>> {
    Ok(sql.one(&CONSENT_BY_ID, args![id]).await?)
}

/// One consent that nobody else settles until the transaction ends.
pub async fn lock(tx: &mut Tx, id: ConsentId) -> Result<Option<Stored>> {
    Ok(tx.one(&CONSENT_LOCK, args![id]).await?)
}

sql!(
    CONSENTS_WAITING = "SELECT count(*) AS value FROM consents
    WHERE patient_id = $1 AND grantee_id = $2 AND status = 'requested' AND (expires_at IS NULL OR expires_at > $3)"
);

/// How many requests of this grantee wait for the patient's answer. The patient's row is locked by the caller.
pub async fn waiting(tx: &mut Tx, patient: PatientId, grantee: Uuid, now: DateTime<Utc>) -> Result<i64> {
    Ok(tx.one(&CONSENTS_WAITING, args![patient, grantee, now]).await?.unwrap_or_default())
}

sql!(
    CONSENTS_OPEN = consents!(
        "WHERE patient_id = $1 AND (status = 'requested' OR status = 'approved')
        ORDER BY id
        FOR UPDATE"
    )
);

/// What a patient was asked for and did not answer, and what was agreed to and not taken back.
pub async fn open_of_patient(tx: &mut Tx, patient: PatientId) -> Result<Vec<Stored>> {
    Ok(tx.all(&CONSENTS_OPEN, args![patient]).await?)
}

sql!(
    CONSENT_TO_WEARABLES = consents!(
        "WHERE patient_id = $1 AND grantee_id = $1 AND grantee_kind = 'wearables'
        ORDER BY id DESC
        LIMIT 1"
    )
);

/// The last word of a patient on the keeping of wearables' data.
pub async fn to_wearables(sql: &mut impl Sql, patient: PatientId) -> Result<Option<Stored>> {
    Ok(sql.one(&CONSENT_TO_WEARABLES, args![patient]).await?)
}

/// A consent whose copies are to be erased.
pub struct Due {
    pub id: ConsentId,
    pub patient_id: PatientId,
    pub grantee_id: Uuid,
    pub erase_at: DateTime<Utc>,
}
from_row!(Due { id, patient_id, grantee_id, erase_at });

sql!(
    CONSENTS_TO_ERASE = "UPDATE consents SET erasure_told_at = $1
    WHERE erasure_told_at IS NULL AND id IN (
        SELECT id FROM consents
        WHERE erase_at <= $1 AND erasure_told_at IS NULL AND (status = 'approved' OR status = 'revoked')
        ORDER BY erase_at
        LIMIT $2)
    RETURNING id, patient_id, grantee_id, erase_at"
);

/// Some consents whose copies are to be erased by now and whose grantees were not told yet; they count as told from now on.
pub async fn to_erase(tx: &mut Tx, now: DateTime<Utc>, most: i64) -> Result<Vec<Due>> {
    Ok(tx.all(&CONSENTS_TO_ERASE, args![now, most]).await?)
}

/// Which consents a list is of.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted {
    pub patient: Option<PatientId>,
    pub grantee: Option<(GranteeKind, Uuid)>,
    pub grantee_id: Option<Uuid>,
    pub status: Option<ConsentStatus>,
}

/// The consents that fit, the newest first.
pub async fn find(sql: &mut impl Sql, wanted: &Wanted, page: &PageQuery, now: DateTime<Utc>) -> Result<Vec<Stored>> {
    let before = page.after()?.unwrap_or(Uuid::max());
    let found = fitting(Where::new(consents!("")), wanted, now).and("id < ?", Some(before));
    Ok(sql.find(found.tail("ORDER BY id DESC LIMIT ? OFFSET ?", args![page.rows(), page.skip()])).await?)
}

/// How many fit.
pub async fn count(sql: &mut impl Sql, wanted: &Wanted, now: DateTime<Utc>) -> Result<i64> {
    let found = fitting(Where::new("SELECT count(*) AS value FROM consents"), wanted, now);
    Ok(sql.find(found).await?.pop().unwrap_or_default())
}

fn fitting(from: Where, wanted: &Wanted, now: DateTime<Utc>) -> Where {
    let from = from
        .and("patient_id = ?", wanted.patient)
        .and("grantee_id = ?", wanted.grantee.map(|(_, id)| id).or(wanted.grantee_id))
        .and("grantee_kind = ?", wanted.grantee.map(|(kind, _)| kind));
    match wanted.status {
        None => from,
        Some(ConsentStatus::Expired) => {
            from.all("(status = 'requested' OR status = 'approved') AND expires_at <= ?", args![now])
        }
        Some(status @ (ConsentStatus::Requested | ConsentStatus::Approved)) => {
            from.all("status = ? AND (expires_at IS NULL OR expires_at > ?)", args![status, now])
        }
        Some(status) => from.and("status = ?", Some(status)),
    }
}
