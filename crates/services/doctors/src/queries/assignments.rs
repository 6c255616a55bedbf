//! Statements on which doctor looks after which patient, since when and until when.
use chrono::{DateTime, Utc};
use kernel::{DoctorId, Error, PageQuery, PatientId, Result};
use store::{Sql, Tx, Where, args, from_row, sql};
use uuid::Uuid;

use crate::{Assignment, RelationshipType};

from_row!(Assignment { id, doctor_id, patient_id, relationship_type, started_at, ended_at });

sql!(
    ASSIGNMENT_ADD = "INSERT INTO assignments (id, doctor_id, patient_id, relationship_type, started_at)
    VALUES ($1, $2, $3, $4, $5)"
);

/// Assigns. The index that allows one current assignment a pair is what refuses the second.
pub async fn add(tx: &mut Tx, a: &Assignment) -> Result<()> {
    let values = args![a.id, a.doctor_id, a.patient_id, a.relationship_type, a.started_at];
    tx.run(&ASSIGNMENT_ADD, values).await.map(drop).map_err(|error| match error.is_duplicate_of("patient_id") {
        true => Error::conflict("the patient is already assigned to this doctor").about("patient_id"),
        false => error.into(),
    })
}

sql!(
    ASSIGNMENT_END = "UPDATE assignments
    SET relationship_type = 'previous', ended_at = $3
    WHERE doctor_id = $1 AND patient_id = $2 AND ended_at IS NULL
    RETURNING id, doctor_id, patient_id, relationship_type, started_at, ended_at"
);

/// Ends the current assignment of a pair, if there is one.
pub async fn end(tx: &mut Tx, doctor: DoctorId, patient: PatientId, now: DateTime<Utc>) -> Result<Option<Assignment>> {
    Ok(tx.one(&ASSIGNMENT_END, args![doctor, patient, now]).await?)
}

sql!(
    ASSIGNMENTS_END = "UPDATE assignments
    SET relationship_type = 'previous', ended_at = $2
    WHERE doctor_id = $1 AND ended_at IS NULL
    RETURNING id, doctor_id, patient_id, relationship_type, started_at, ended_at"
);

/// Ends every current assignment of a doctor.
pub async fn end_all(tx: &mut Tx, doctor: DoctorId, now: DateTime<Utc>) -> Result<Vec<Assignment>> {
    Ok(tx.all(&ASSIGNMENTS_END, args![doctor, now]).await?)
}

sql!(
    ASSIGNMENTS_END_PATIENT = "UPDATE assignments
    SET relationship_type = 'previous', ended_at = $2
    WHERE patient_id = $1 AND ended_at IS NULL
    RETURNING id, doctor_id, patient_id, relationship_type, started_at, ended_at"
);

/// Ends every current assignment of a patient.
pub async fn end_of_patient(tx: &mut Tx, patient: PatientId, now: DateTime<Utc>) -> Result<Vec<Assignment>> {
    Ok(tx.all(&ASSIGNMENTS_END_PATIENT, args![patient, now]).await?)
}

sql!(
    ASSIGNMENT_CURRENT = "SELECT id AS value FROM assignments
    WHERE doctor_id = $1 AND patient_id = $2 AND ended_at IS NULL"
);

/// The assignment by which the doctor looks after the patient now.
pub async fn current(sql: &mut impl Sql, doctor: DoctorId, patient: PatientId) -> Result<Option<Uuid>> {
    Ok(sql.one(&ASSIGNMENT_CURRENT, args![doctor, patient]).await?)
}

sql!(ASSIGNMENTS_COUNT = "SELECT count(*) AS value FROM assignments WHERE doctor_id = $1 AND relationship_type = $2");

/// How many patients a doctor looks after now.
pub async fn count(sql: &mut impl Sql, doctor: DoctorId) -> Result<i64> {
    Ok(sql.one(&ASSIGNMENTS_COUNT, args![doctor, RelationshipType::Current]).await?.unwrap_or_default())
}

sql!(
    ASSIGNMENTS_CURRENT = "SELECT id, patient_id FROM assignments
    WHERE doctor_id = $1 AND relationship_type = $2"
);

/// Which assignment is over which patient.
pub struct Place {
    pub id: Uuid,
    pub patient_id: PatientId,
}
from_row!(Place { id, patient_id });

/// Every current assignment of a doctor.
pub async fn current_of_doctor(sql: &mut impl Sql, doctor: DoctorId) -> Result<Vec<Place>> {
    Ok(sql.all(&ASSIGNMENTS_CURRENT, args![doctor, RelationshipType::Current]).await?)
}

/// A doctor's assignments, current and previous or of one type, one row more than the page shows.
pub async fn of_doctor(
    sql: &mut impl Sql,
    doctor: DoctorId,
    kind: Option<RelationshipType>,
    page: &PageQuery,
) -> Result<Vec<Assignment>> {
    let found =
        Where::new("SELECT id, doctor_id, patient_id, relationship_type, started_at, ended_at FROM assignments")
            .and("doctor_id = ?", Some(doctor))
            .and("relationship_type = ?", kind)
            .and("id > ?", Some(page.after()?.unwrap_or_default()))
            .tail("ORDER BY id LIMIT ? OFFSET ?", args![page.rows(), page.skip()]);
    Ok(sql.find(found).await?)
}

sql!(
    ASSIGNMENTS_OF_PATIENT =
        "SELECT id, doctor_id, patient_id, relationship_type, started_at, ended_at FROM assignments
    WHERE patient_id = $1 AND id > $2
    ORDER BY id
    LIMIT $3"
);

/// A patient's assignments, current and previous, one row more than the page shows.
pub async fn of_patient(sql: &mut impl Sql, patient: PatientId, page: &PageQuery) -> Result<Vec<Assignment>> {
    let after = page.after()?.unwrap_or_default();
    Ok(sql.all(&ASSIGNMENTS_OF_PATIENT, args![patient, after, page.rows()]).await?)
}
