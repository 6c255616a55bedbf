//! Statements on doctors. Rows are read by column name, so `*` says no less than a list of the columns would.
use futures::future::try_join_all;
use kernel::{DoctorId, Error, Result};
use store::{Args, Db, Sql, Tx, args, sql};

use super::names;
use crate::Doctor;

sql!(
    DOCTOR_ADD = "INSERT INTO doctors (id, name, age, gender, contact, email, license_number, specializations,
        qualification, experience, is_available, is_active, updated_at, version, first_name, last_name, institution_id,
        consultation_fee, professional_status, license_status, reference, created_at, is_indexed)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, TRUE)"
);

/// Registers a doctor; 409 naming the member that another doctor has.
pub async fn add(tx: &mut Tx, doctor: &Doctor) -> Result<()> {
    let mut values = values(doctor);
    values.extend(args![&doctor.reference, doctor.created_at]);
    tx.run(&DOCTOR_ADD, values).await.map_err(taken)?;
    names::put(tx, doctor.id, &doctor.name).await?;
    specialize(tx, doctor).await
}

sql!(
    DOCTOR_SET = "UPDATE doctors
    SET name = $2, age = $3, gender = $4, contact = $5, email = $6, license_number = $7, specializations = $8,
        qualification = $9, experience = $10, is_available = $11, is_active = $12, updated_at = $13, version = $14,
        first_name = $15, last_name = $16, institution_id = $17, consultation_fee = $18, professional_status = $19,
        license_status = $20
    WHERE id = $1"
);

/// Writes a doctor who was read with [`locked`], and what the doctor is found by where that is another.
pub async fn set(tx: &mut Tx, was: &Doctor, doctor: &Doctor) -> Result<()> {
    tx.run(&DOCTOR_SET, values(doctor)).await.map_err(taken)?;
    if doctor.name != was.name {
        names::put(tx, doctor.id, &doctor.name).await?;
    }
    match doctor.specializations == was.specializations {
        true => Ok(()),
        false => specialize(tx, doctor).await,
    }
}

/// What a change may touch, in the order of both statements.
fn values(d: &Doctor) -> Args {
    let contact = d.contact.clone().unwrap_or_default();
    let mut values = args![d.id, &d.name, d.age, d.gender, contact, &d.email, &d.license_number];
    values.extend(args![&d.specializations, &d.qualification, d.experience, d.is_available, d.is_active]);
    values.extend(args![d.updated_at, d.version, &d.first_name, &d.last_name, d.institution_id]);
    values.extend(args![d.consultation_fee, d.professional_status, d.license_status]);
    values
}

fn taken(error: store::Error) -> Error {
    let members = [("license_number", "license_number"), ("email", "email"), ("reference", "doctor_id")];
    match members.iter().find(|(column, _)| error.is_duplicate_of(column)) {
        Some((_, member)) => Error::conflict(format!("another doctor has this {member}")).about(member),
        None => error.into(),
    }
}

sql!(DOCTOR_SPECIALIZATIONS_CLEAR = "DELETE FROM doctor_specializations WHERE doctor_id = $1");
sql!(DOCTOR_SPECIALIZATION_ADD = "INSERT INTO doctor_specializations (doctor_id, specialization_key) VALUES ($1, $2)");

async fn specialize(tx: &mut Tx, doctor: &Doctor) -> Result<()> {
    tx.run(&DOCTOR_SPECIALIZATIONS_CLEAR, args![doctor.id]).await?;
    let rows: Vec<Args> = doctor.specializations.keys().into_iter().map(|word| args![doctor.id, word]).collect();
    Ok(tx.run_each(&DOCTOR_SPECIALIZATION_ADD, &rows).await?)
}

sql!(DOCTOR_BY_ID = "SELECT d.*, d.id AS load_key FROM doctors d WHERE d.id = $1");
sql!(
    DOCTOR_BY_REFERENCE = "SELECT * FROM doctors
    WHERE reference = $1 AND is_active"
);
sql!(
    DOCTOR_BY_LICENSE = "SELECT * FROM doctors
    WHERE license_number = $1 AND is_active"
);
sql!(
    DOCTOR_LOCKED = "SELECT * FROM doctors
    WHERE id = $1 AND is_active
    FOR UPDATE"
);

/// A doctor, active or not: what the doctor did stays true.
pub async fn by_id(sql: &mut impl Sql, id: DoctorId) -> Result<Option<Doctor>> {
    Ok(sql.one(&DOCTOR_BY_ID, args![id]).await?)
}

/// Several doctors, in the order asked for; those that do not exist are left out.
pub async fn by_ids(db: &Db, ids: &[DoctorId]) -> Result<Vec<Doctor>> {
    let found = try_join_all(ids.iter().map(|id| db.load::<Doctor>(&DOCTOR_BY_ID, id.0))).await?;
    Ok(found.into_iter().flatten().collect())
}

/// The active doctor that a path names by id or by reference.
pub async fn find(sql: &mut impl Sql, name: &str) -> Result<Option<Doctor>> {
    if let Ok(id) = name.parse()
        && let Some(doctor) = by_id(sql, id).await?.filter(|doctor| doctor.is_active)
    {
        return Ok(Some(doctor));
    }
    Ok(sql.one(&DOCTOR_BY_REFERENCE, args![name]).await?)
}

/// The active doctor of this licence number.
pub async fn by_license(sql: &mut impl Sql, number: &str) -> Result<Option<Doctor>> {
    // PostgreSQL keeps no text with this character, and would fail where there is nothing to find.
    if number.contains('\0') {
        return Ok(None);
    }
    Ok(sql.one(&DOCTOR_BY_LICENSE, args![number.trim()]).await?)
}

/// An active doctor whom nobody else changes until the transaction ends.
pub async fn locked(tx: &mut Tx, id: DoctorId) -> Result<Option<Doctor>> {
    Ok(tx.one(&DOCTOR_LOCKED, args![id]).await?)
}

/// Whether there is such a doctor who practises. One who does goes on until the transaction ends.
pub async fn exists_active(tx: &mut Tx, id: DoctorId) -> Result<bool> {
    Ok(locked(tx, id).await?.is_some_and(|doctor| doctor.practises()))
}

/// A doctor who practises, and goes on until the transaction ends. Not found when there is none or the doctor was
/// deactivated; conflict when the doctor is suspended or retired.
pub async fn practising(tx: &mut Tx, id: DoctorId) -> Result<Doctor> {
    let doctor = locked(tx, id).await?.ok_or_else(|| Error::not_found("doctor"))?;
    require_practising(&doctor)?;
    Ok(doctor)
}

/// 409 about `doctor_id` for one who is suspended or retired.
pub fn require_practising(doctor: &Doctor) -> Result<()> {
    match doctor.practises() {
        true => Ok(()),
        false => Err(Error::conflict(format!("the doctor is {}", doctor.professional_status)).about("doctor_id")),
    }
}
