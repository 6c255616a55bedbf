//! The table of prescriptions.
use access::data::Records;
use access::{Grant, Read};
use chrono::{DateTime, Utc};
use kernel::{Error, PageQuery, PatientId, Result};
use store::{Db, Sql, Tx, Where, args, sql};
use uuid::Uuid;

use crate::model::{PrescriptionFilter, PrescriptionStatus, PrescriptionStored, current_between};
use crate::reached::{Dated, reached};

/// Reads prescriptions as they are stored.
macro_rules! prescriptions {
    ($rest:literal) => {
        concat!(
            "SELECT id, reference, patient_id, doctor_id, record_id, status, start_date, end_date, sealed, created_by,
            created_at, updated_at, version, is_sensitive
            FROM prescriptions ",
            $rest
        )
    };
}

sql!(
    PRESCRIPTION_ADD =
        "INSERT INTO prescriptions (id, reference, patient_id, doctor_id, record_id, status, start_date, end_date, sealed,
        created_by, created_at, updated_at, version, is_sensitive)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
);

/// Adds a prescription; 409 about `prescription_id` when another one has the reference.
pub async fn add(tx: &mut Tx, new: &PrescriptionStored) -> Result<()> {
    let row = args![
        new.id,
        &new.reference,
        new.patient_id,
        new.doctor_id,
        new.record_id,
        new.status,
        new.start_date,
        new.end_date,
        &new.sealed,
        new.created_by,
        new.created_at,
        new.updated_at,
        new.version,
        new.is_sensitive,
    ];
    tx.run(&PRESCRIPTION_ADD, row).await.map(drop).map_err(|error| match error.is_duplicate_of("reference") {
        true => Error::conflict("another prescription has this prescription_id").about("prescription_id"),
        false => error.into(),
    })
}

/// A page of a patient's prescriptions that the grant reaches, the newest first.
pub async fn of_patient(
    db: &mut Db,
    grant: &Grant<Read, Records>,
    page: &PageQuery,
    (filter, now): (&PrescriptionFilter, DateTime<Utc>),
) -> Result<Vec<PrescriptionStored>> {
    let found =
        Where::new(prescriptions!("")).and("patient_id = ?", Some(grant.patient())).and("id < ?", page.after()?);
    let found = reached(standing(found, filter.status, now), grant, Dated::Start);
    Ok(db.find(found.tail("ORDER BY id DESC LIMIT ? OFFSET ?", args![page.rows(), page.skip()])).await?)
}

/// Those that stand so by the clock.
fn standing(found: Where, status: Option<PrescriptionStatus>, now: DateTime<Utc>) -> Where {
    let (begins, ends) = current_between(now);
    let not_ended = "status = 'active'";
    match status {
        None => found,
        Some(PrescriptionStatus::Active) => {
            found.all(not_ended, []).all("start_date <= ? AND (end_date IS NULL OR end_date >= ?)", args![begins, ends])
        }
        Some(PrescriptionStatus::Expired) => found.all(not_ended, []).all("end_date < ?", args![ends]),
        Some(PrescriptionStatus::Planned) => found.all(not_ended, []).all("start_date > ?", args![begins]),
        ended => found.and("status = ?", ended),
    }
}

sql!(PRESCRIPTIONS_OF = prescriptions!("WHERE patient_id = $1 ORDER BY id DESC"));
sql!(PRESCRIPTIONS_ACTIVE = prescriptions!("WHERE patient_id = $1 AND status = 'active' ORDER BY id DESC"));

/// Every prescription of a patient, the newest first.
pub async fn all(sql: &mut impl Sql, patient: PatientId) -> Result<Vec<PrescriptionStored>> {
    Ok(sql.all(&PRESCRIPTIONS_OF, args![patient]).await?)
}

/// A patient's prescriptions that were not ended, the newest first. Some may have expired.
pub async fn active(sql: &mut impl Sql, patient: PatientId) -> Result<Vec<PrescriptionStored>> {
    Ok(sql.all(&PRESCRIPTIONS_ACTIVE, args![patient]).await?)
}

sql!(PRESCRIPTION_BY_ID = prescriptions!("WHERE patient_id = $1 AND id = $2"));
sql!(PRESCRIPTION_BY_REFERENCE = prescriptions!("WHERE patient_id = $1 AND reference = $2"));
sql!(PRESCRIPTION_LOCK = prescriptions!("WHERE id = $1 FOR UPDATE"));

/// The patient's prescription of this id or reference.
pub async fn find(sql: &mut impl Sql, patient: PatientId, name: &str) -> Result<Option<PrescriptionStored>> {
    if let Ok(id) = name.parse::<Uuid>()
        && let Some(found) = sql.one(&PRESCRIPTION_BY_ID, args![patient, id]).await?
    {
        return Ok(Some(found));
    }
    Ok(sql.one(&PRESCRIPTION_BY_REFERENCE, args![patient, name]).await?)
}

/// A prescription that nobody else changes until the transaction ends.
pub async fn lock(tx: &mut Tx, id: Uuid) -> Result<Option<PrescriptionStored>> {
    Ok(tx.one(&PRESCRIPTION_LOCK, args![id]).await?)
}

sql!(
    PRESCRIPTION_CHANGE = "UPDATE prescriptions
    SET status = $2, sealed = $3, updated_at = $4, version = $5
    WHERE id = $1"
);

/// Writes how a locked prescription ended.
pub async fn change(tx: &mut Tx, changed: &PrescriptionStored) -> Result<()> {
    let row = args![changed.id, changed.status, &changed.sealed, changed.updated_at, changed.version];
    tx.run(&PRESCRIPTION_CHANGE, row).await?;
    Ok(())
}
