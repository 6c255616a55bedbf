//! The history of what was found of the institutions' licences.
use chrono::{DateTime, Utc};
use kernel::{HospitalId, Listed, PageQuery, Result};
use store::{Sql, Tx, Where, args, from_row, sql};

use crate::VerificationStatus;
use crate::verification::Verification;

from_row!(Verification { id, hospital_id, status, note, decided_by, decided_at });

sql!(
    VERIFICATION_ADD = "INSERT INTO institution_verifications (id, hospital_id, status, note, decided_by, decided_at)
    VALUES ($1, $2, $3, $4, $5, $6)"
);
sql!(
    VERIFICATION_SET = "UPDATE hospitals
    SET verification_status = $2, updated_at = $3, version = version + 1
    WHERE id = $1"
);

/// Adds a row to the history.
pub async fn add(tx: &mut Tx, v: &Verification) -> Result<()> {
    let row = args![v.id, v.hospital_id, v.status, &v.note, v.decided_by, v.decided_at];
    tx.run(&VERIFICATION_ADD, row).await?;
    Ok(())
}

/// Writes the outcome to the institution's row.
pub async fn set(tx: &mut Tx, id: HospitalId, status: VerificationStatus, now: DateTime<Utc>) -> Result<()> {
    tx.run(&VERIFICATION_SET, args![id, status, now]).await?;
    Ok(())
}

/// The history of one institution, the newest first.
pub async fn list(sql: &mut impl Sql, id: HospitalId, page: &PageQuery) -> Result<Listed<Verification>> {
    let found = Where::new("SELECT * FROM institution_verifications")
        .and("hospital_id = ?", Some(id))
        .and("id < ?", page.after()?)
        .tail("ORDER BY id DESC LIMIT ? OFFSET ?", args![page.rows(), page.skip()]);
    Ok(Listed::new(sql.find(found).await?, page, |verification: &Verification| verification.id))
}
