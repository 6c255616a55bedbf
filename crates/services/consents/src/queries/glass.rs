//! The tables of broken glass.
use chrono::{DateTime, Utc};
use kernel::{PageQuery, PatientId, Result};
use store::{Sql, Tx, Where, args, sql};
use uuid::Uuid;

use crate::asked::Reviewed;
use crate::model::StoredGlass;

macro_rules! glass {
    ($rest:literal) => {
        concat!(
            "SELECT id, patient_id, account_id, role, reference_id, sealed, at, expires_at, outcome, note, reviewed_by,
                reviewed_at
            FROM broken_glass ",
            $rest
        )
    };
}

sql!(
    GLASS_BREAKER_LOCK = "INSERT INTO glass_breakers (account_id, last_at) VALUES ($1, $2)
    ON CONFLICT (account_id) DO UPDATE SET last_at = excluded.last_at"
);
sql!(
    GLASS_SINCE = "SELECT at AS value FROM broken_glass
    WHERE account_id = $1 AND at > $2
    ORDER BY at"
);

/// When this account broke the glass since then, the earliest first. Whoever does so at this moment too waits.
pub async fn since(tx: &mut Tx, account: Uuid, since: DateTime<Utc>, now: DateTime<Utc>) -> Result<Vec<DateTime<Utc>>> {
    tx.run(&GLASS_BREAKER_LOCK, args![account, now]).await?;
    Ok(tx.all(&GLASS_SINCE, args![account, since]).await?)
}

sql!(
    GLASS_ADD = "INSERT INTO broken_glass (id, patient_id, account_id, role, reference_id, sealed, at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
);

pub async fn add(tx: &mut Tx, new: &StoredGlass) -> Result<()> {
    let row =
        args![new.id, new.patient_id, new.account_id, new.role, new.reference_id, &new.sealed, new.at, new.expires_at];
    tx.run(&GLASS_ADD, row).await?;
    Ok(())
}

sql!(GLASS_LOCK = glass!("WHERE id = $1 FOR UPDATE"));

/// One break that nobody else reviews until the transaction ends.
pub async fn lock(tx: &mut Tx, id: Uuid) -> Result<Option<StoredGlass>> {
    Ok(tx.one(&GLASS_LOCK, args![id]).await?)
}

sql!(
    GLASS_REVIEW = "UPDATE broken_glass SET outcome = $2, note = $3, reviewed_by = $4, reviewed_at = $5 WHERE id = $1"
);

/// Writes what the review found of one that was read with [`lock`].
pub async fn review(tx: &mut Tx, reviewed: &StoredGlass) -> Result<()> {
    let row = args![reviewed.id, reviewed.outcome, &reviewed.note, reviewed.reviewed_by, reviewed.reviewed_at];
    tx.run(&GLASS_REVIEW, row).await?;
    Ok(())
}

sql!(GLASS_OF_PATIENT = glass!("WHERE patient_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3 OFFSET $4"));

/// The breaks over a patient's chart, the newest first.
pub async fn of_patient(sql: &mut impl Sql, patient: PatientId, page: &PageQuery) -> Result<Vec<StoredGlass>> {
    let before = page.after()?.unwrap_or(Uuid::max());
    Ok(sql.all(&GLASS_OF_PATIENT, args![patient, before, page.rows(), page.skip()]).await?)
}

/// The breaks over all charts, the oldest first: those that wait longest.
pub async fn queue(sql: &mut impl Sql, status: Option<Reviewed>, page: &PageQuery) -> Result<Vec<StoredGlass>> {
    let all = Where::new(glass!("")).and("id > ?", page.after()?);
    let found = match status {
        Some(Reviewed::Unreviewed) => all.all("outcome IS NULL", []),
        Some(Reviewed::Reviewed) => all.all("outcome IS NOT NULL", []),
        None => all,
    };
    Ok(sql.find(found.tail("ORDER BY id LIMIT ? OFFSET ?", args![page.rows(), page.skip()])).await?)
}
