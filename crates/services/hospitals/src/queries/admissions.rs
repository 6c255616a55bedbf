//! Statements on admissions. What an admission was for is sealed with the patient's key and read with a grant only.
use access::data::Care;
use access::{Grant, Read};
use chrono::{DateTime, Utc};
use kernel::{DoctorId, EncounterId, Error, HospitalId, PageQuery, PatientId, Result};
use store::{FromRow, Row, Sql, Tx, Where, args, from_row, sql};
use uuid::Uuid;

use crate::{Admission, Room};

/// An admission with its room.
macro_rules! admissions {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, a.patient_id, a.hospital_id, a.doctor_id, a.room_id, r.room_number, a.treatment_type,
                a.department, a.status, a.admitted_at, a.discharged_at
            FROM admissions a
            LEFT JOIN rooms r ON r.id = a.room_id ",
            $rest
        )
    };
}

sql!(ADMISSION_BY_ID = admissions!("WHERE a.id = $1"));
sql!(ADMISSION_OF_PATIENT = admissions!("WHERE a.patient_id = $1 AND a.status = 'active'"));

/// One admission, current or past.
pub async fn admission(sql: &mut impl Sql, id: EncounterId) -> Result<Option<Admission>> {
    Ok(sql.one(&ADMISSION_BY_ID, args![id]).await?)
}

/// Where the patient is admitted now.
pub async fn active_of_patient(sql: &mut impl Sql, patient: PatientId) -> Result<Option<Admission>> {
    Ok(sql.one(&ADMISSION_OF_PATIENT, args![patient]).await?)
}

/// Who is admitted now with this doctor attending, one row more than the page shows.
pub async fn active_of_doctor(sql: &mut impl Sql, doctor: DoctorId, page: &PageQuery) -> Result<Vec<Admission>> {
    active(sql, Where::new(admissions!("")).and("a.doctor_id = ?", Some(doctor)), page).await
}

/// Who is admitted to this hospital now, one row more than the page shows.
pub async fn active_of_hospital(sql: &mut impl Sql, hospital: HospitalId, page: &PageQuery) -> Result<Vec<Admission>> {
    active(sql, Where::new(admissions!("")).and("a.hospital_id = ?", Some(hospital)), page).await
}

async fn active(sql: &mut impl Sql, whose: Where, page: &PageQuery) -> Result<Vec<Admission>> {
    let found = whose
        .all("a.status = 'active'", [])
        .and("a.id > ?", page.after()?)
        .tail("ORDER BY a.id LIMIT ? OFFSET ?", args![page.rows(), page.skip()]);
    Ok(sql.find(found).await?)
}

impl FromRow for Admission {
    fn from_row(row: &Row<'_>) -> store::Result<Self> {
        let (room, number): (Option<Uuid>, Option<String>) = (row.get("room_id")?, row.get("room_number")?);
        Ok(Self {
            id: row.get("id")?,
            patient_id: row.get("patient_id")?,
            hospital_id: row.get("hospital_id")?,
            doctor_id: row.get("doctor_id")?,
            room: room.zip(number).map(|(id, room_number)| Room { id, room_number }),
            treatment_type: row.get("treatment_type")?,
            department: row.get("department")?,
            status: row.get("status")?,
            admitted_at: row.get("admitted_at")?,
            discharged_at: row.get("discharged_at")?,
        })
    }
}

sql!(
    ADMISSION_ADD = "INSERT INTO admissions
        (id, patient_id, hospital_id, doctor_id, room_id, treatment_type, department, reason, status, admitted_at, admitted_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
);

/// Admits. The index that allows one active admission a patient is what refuses the second.
pub async fn add(tx: &mut Tx, a: &Admission, reason: Option<Vec<u8>>, by: Uuid) -> Result<()> {
    let room = a.room.as_ref().map(|room| room.id);
    let mut values = args![a.id, a.patient_id, a.hospital_id, a.doctor_id, room, &a.treatment_type, &a.department];
    values.extend(args![reason, a.status, a.admitted_at, by]);
    tx.run(&ADMISSION_ADD, values).await.map(drop).map_err(|error| match error.is_duplicate_of("patient_id") {
        true => Error::conflict("the patient is already admitted").about("patient_id"),
        false => error.into(),
    })
}

sql!(
    ADMISSION_END = "UPDATE admissions
    SET status = 'discharged', discharged_at = $2, discharged_by = $3, discharge_summary = $4
    WHERE id = $1 AND status = 'active'
    RETURNING id AS value"
);

/// Discharges. None when somebody did so before.
pub async fn end(
    tx: &mut Tx,
    id: EncounterId,
    now: DateTime<Utc>,
    by: Uuid,
    summary: Option<Vec<u8>>,
) -> Result<Option<EncounterId>> {
    Ok(tx.one(&ADMISSION_END, args![id, now, by, summary]).await?)
}

sql!(
    LAST_VISIT = "SELECT admitted_at AS value FROM admissions
    WHERE hospital_id = $1 AND patient_id = $2
    ORDER BY admitted_at DESC
    LIMIT 1"
);

/// When the patient was last admitted to this hospital.
pub async fn last_visit(
    sql: &mut impl Sql,
    grant: &Grant<Read, Care>,
    hospital: HospitalId,
) -> Result<Option<DateTime<Utc>>> {
    Ok(sql.one(&LAST_VISIT, args![hospital, grant.patient()]).await?)
}

sql!(
    ADMISSION_LAST_HERE = "SELECT id AS value FROM admissions
    WHERE hospital_id = $1 AND patient_id = $2
    LIMIT 1"
);

/// Whether the patient was ever admitted to this hospital.
pub async fn ever_here(sql: &mut impl Sql, hospital: HospitalId, patient: PatientId) -> Result<bool> {
    Ok(sql.one::<EncounterId>(&ADMISSION_LAST_HERE, args![hospital, patient]).await?.is_some())
}

/// Why a patient was admitted, as it is kept.
pub struct Sealed {
    pub load_key: EncounterId,
    pub patient_id: PatientId,
    pub reason: Option<Vec<u8>>,
}
from_row!(Sealed { load_key, patient_id, reason });

sql!(ADMISSION_REASONS = "SELECT id AS load_key, patient_id, reason FROM admissions WHERE id = $1");

/// The sealed reasons of several admissions.
pub async fn reasons(tx: &mut Tx, admissions: &[Uuid]) -> Result<Vec<Sealed>> {
    Ok(tx.all_each(&ADMISSION_REASONS, admissions).await?)
}

sql!(
    PATIENTS_TREATED = "SELECT COUNT(DISTINCT patient_id) AS value FROM admissions
    WHERE hospital_id = $1"
);

/// How many patients were ever admitted to this hospital.
pub async fn treated(sql: &mut impl Sql, hospital: HospitalId) -> Result<i64> {
    Ok(sql.one(&PATIENTS_TREATED, args![hospital]).await?.unwrap_or_default())
}
