//! Statements on the history of doctors' professional status and licences.
use kernel::{DoctorId, Listed, PageQuery, Result};
use store::{Sql, Tx, Where, args, from_row, sql};

use crate::licenses::LicenseVerification;
use crate::profession::StatusChange;

from_row!(StatusChange { id, doctor_id, status, reason, changed_by, changed_at });
from_row!(LicenseVerification { id, doctor_id, license_number, status, note, decided_by, decided_at });

sql!(
    STATUS_ADD = "INSERT INTO professional_status_history (id, doctor_id, status, reason, changed_by, changed_at)
    VALUES ($1, $2, $3, $4, $5, $6)"
);

pub async fn add_status(tx: &mut Tx, s: &StatusChange) -> Result<()> {
    tx.run(&STATUS_ADD, args![s.id, s.doctor_id, s.status, &s.reason, s.changed_by, s.changed_at]).await?;
    Ok(())
}

/// A page of what became of a doctor's professional status, the oldest change first.
pub async fn statuses(sql: &mut impl Sql, doctor: DoctorId, page: &PageQuery) -> Result<Listed<StatusChange>> {
    let found =
        Where::new("SELECT id, doctor_id, status, reason, changed_by, changed_at FROM professional_status_history")
            .and("doctor_id = ?", Some(doctor))
            .and("id > ?", Some(page.after()?.unwrap_or_default()))
            .tail("ORDER BY id LIMIT ? OFFSET ?", args![page.rows(), page.skip()]);
    Ok(Listed::new(sql.find(found).await?, page, |change: &StatusChange| change.id))
}

sql!(
    LICENSE_VERIFICATION_ADD =
        "INSERT INTO license_verifications (id, doctor_id, license_number, status, note, decided_by, decided_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)"
);

pub async fn add_verification(tx: &mut Tx, v: &LicenseVerification) -> Result<()> {
    let values = args![v.id, v.doctor_id, &v.license_number, v.status, &v.note, v.decided_by, v.decided_at];
    tx.run(&LICENSE_VERIFICATION_ADD, values).await?;
    Ok(())
}

/// A page of the decisions on a doctor's licence, the oldest first.
pub async fn verifications(
    sql: &mut impl Sql,
    doctor: DoctorId,
    page: &PageQuery,
) -> Result<Listed<LicenseVerification>> {
    let found = Where::new(
        "SELECT id, doctor_id, license_number, status, note, decided_by, decided_at FROM license_verifications",
    )
    .and("doctor_id = ?", Some(doctor))
    .and("id > ?", Some(page.after()?.unwrap_or_default()))
    .tail("ORDER BY id LIMIT ? OFFSET ?", args![page.rows(), page.skip()]);
    Ok(Listed::new(sql.find(found).await?, page, |verification: &LicenseVerification| verification.id))
}
