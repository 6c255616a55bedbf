//! The history of validation, and the patients who wait for a step of it.
use kernel::{DoctorId, HospitalId, PatientId, Result};
use store::{Db, Sql, Tx, args, sql};
use uuid::Uuid;

use crate::model::{Awaited, StepStored, ValidationStatus};

sql!(
    STEP_ADD =
        "INSERT INTO validation_steps (id, patient_id, from_status, to_status, holder_id, by_id, by_role, sealed, at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
);

/// Adds a step to the history.
pub async fn add(tx: &mut Tx, step: &StepStored) -> Result<()> {
    let row = args![
        step.id,
        step.patient_id,
        step.from_status,
        step.to_status,
        step.holder_id,
        step.by_id,
        step.by_role,
        &step.sealed,
        step.at,
    ];
    tx.run(&STEP_ADD, row).await?;
    Ok(())
}

sql!(
    STEPS_OF = "SELECT id, patient_id, from_status, to_status, holder_id, by_id, by_role, sealed, at
    FROM validation_steps
    WHERE patient_id = $1
    ORDER BY id"
);

/// A patient's steps, the oldest first.
pub async fn of_patient(sql: &mut impl Sql, patient: PatientId) -> Result<Vec<StepStored>> {
    Ok(sql.all(&STEPS_OF, args![patient]).await?)
}

/// Reads who waits, since when.
macro_rules! awaited {
    ($rest:literal) => {
        concat!(
            "SELECT p.id AS patient_id, p.name, p.date_of_birth, p.validation_status,
            COALESCE((SELECT MAX(s.at) FROM validation_steps s WHERE s.patient_id = p.id), p.created_at) AS requested_at
            FROM patients p ",
            $rest
        )
    };
}

sql!(
    QUEUE_OF_DOCTOR = awaited!(
        "WHERE p.doctor_id = $1 AND p.validation_status = 'pending' AND p.is_active AND p.id > $2
        ORDER BY p.id
        LIMIT $3"
    )
);
sql!(
    /// Patients of an institution for whom no doctor was named: any of its doctors may validate them.
    QUEUE_OF_ITS_DOCTORS = awaited!(
        "WHERE p.institution_id = $1 AND p.validation_status = 'pending' AND p.doctor_id IS NULL AND p.is_active
            AND p.id > $2
        ORDER BY p.id
        LIMIT $3"
    )
);
sql!(
    QUEUE_OF_INSTITUTION = awaited!(
        "WHERE p.institution_id = $1 AND p.validation_status = $4 AND p.is_active AND p.id > $2
        ORDER BY p.id
        LIMIT $3"
    )
);
sql!(
    QUEUE_OF_ADMINISTRATORS = awaited!(
        "WHERE p.validation_status = 'validated_by_institution' AND p.is_active AND p.id > $1
        ORDER BY p.id
        LIMIT $2"
    )
);

/// Where a queue begins, and how many of it to read.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    pub after: Uuid,
    pub rows: i64,
}

impl Span {
    /// All of it.
    pub const WHOLE: Self = Self { after: Uuid::nil(), rows: u32::MAX as i64 };
}

/// Who waits for this doctor.
pub async fn of_doctor(db: &mut Db, doctor: DoctorId, span: Span) -> Result<Vec<Awaited>> {
    Ok(db.all(&QUEUE_OF_DOCTOR, args![doctor, span.after, span.rows]).await?)
}

/// Who waits for any doctor of this institution.
pub async fn of_its_doctors(db: &mut Db, institution: HospitalId, span: Span) -> Result<Vec<Awaited>> {
    Ok(db.all(&QUEUE_OF_ITS_DOCTORS, args![institution, span.after, span.rows]).await?)
}

/// Who has this status and waits for this institution.
pub async fn of_institution(
    db: &mut Db,
    institution: HospitalId,
    status: ValidationStatus,
    span: Span,
) -> Result<Vec<Awaited>> {
    Ok(db.all(&QUEUE_OF_INSTITUTION, args![institution, span.after, span.rows, status]).await?)
}

/// Who waits for an institution's full access.
pub async fn of_administrators(db: &mut Db, span: Span) -> Result<Vec<Awaited>> {
    Ok(db.all(&QUEUE_OF_ADMINISTRATORS, args![span.after, span.rows]).await?)
}
