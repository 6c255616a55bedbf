//! The table of the facilities that patients linked.
use chrono::{DateTime, Utc};
use kernel::{HospitalId, PatientId, Result};
use store::{Sql, Tx, args, from_row, sql};
use uuid::Uuid;

/// A link as it is kept.
#[derive(Debug, Clone)]
pub struct Link {
    pub id: Uuid,
    pub patient_id: PatientId,
    pub hospital_id: HospitalId,
    pub facility_patient_id: Option<String>,
    pub linked_at: DateTime<Utc>,
}
from_row!(Link { id, patient_id, hospital_id, facility_patient_id, linked_at });

sql!(
    LINK_ADD = "INSERT INTO facility_links (id, patient_id, hospital_id, facility_patient_id, linked_at)
    VALUES ($1, $2, $3, $4, $5)"
);

/// Adds a link of a patient, whose row is locked.
pub async fn add(tx: &mut Tx, link: &Link) -> Result<()> {
    let row = args![link.id, link.patient_id, link.hospital_id, &link.facility_patient_id, link.linked_at];
    tx.run(&LINK_ADD, row).await?;
    Ok(())
}

sql!(
    LINK_OF = "SELECT id, patient_id, hospital_id, facility_patient_id, linked_at FROM facility_links
    WHERE patient_id = $1 AND hospital_id = $2 AND ended_at IS NULL"
);

/// The patient's link to a facility.
pub async fn to(sql: &mut impl Sql, patient: PatientId, facility: HospitalId) -> Result<Option<Link>> {
    Ok(sql.one(&LINK_OF, args![patient, facility]).await?)
}

sql!(
    LINKS_OF = "SELECT id, patient_id, hospital_id, facility_patient_id, linked_at FROM facility_links
    WHERE patient_id = $1 AND ended_at IS NULL
    ORDER BY id"
);

/// The patient's links, the oldest first.
pub async fn of_patient(sql: &mut impl Sql, patient: PatientId) -> Result<Vec<Link>> {
    Ok(sql.all(&LINKS_OF, args![patient]).await?)
}

sql!(LINK_CALL = "UPDATE facility_links SET facility_patient_id = $2 WHERE id = $1");

/// Says by which number the facility knows the patient.
pub async fn call(tx: &mut Tx, link: Uuid, facility_patient_id: &str) -> Result<()> {
    tx.run(&LINK_CALL, args![link, facility_patient_id]).await?;
    Ok(())
}

sql!(LINK_END = "UPDATE facility_links SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL");

/// Ends a link; false when it had ended.
pub async fn end(tx: &mut Tx, link: Uuid, now: DateTime<Utc>) -> Result<bool> {
    Ok(tx.run(&LINK_END, args![link, now]).await? > 0)
}

sql!(LINKS_FORGET = "DELETE FROM facility_links WHERE patient_id = $1");

/// Forgets every link of a patient, those that ended too.
pub async fn forget(tx: &mut Tx, patient: PatientId) -> Result<()> {
    tx.run(&LINKS_FORGET, args![patient]).await?;
    Ok(())
}
