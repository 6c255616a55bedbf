//! Statements on which doctor looks after which patient, since when and until when.
use chrono::{DateTime, Utc};
use kernel::{DoctorId, Error, PageQuery, PatientId, Result};
use store::{Sql, Tx, Where, args, from_row, sql};

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
            .and("id > ?", page.after()?)
            .tail("ORDER BY id LIMIT ? OFFSET ?", args![page.rows(), page.skip()]);
    Ok(sql.find(found).await?)
}
