//! Statements on doctors. Rows are read by column name, so `*` says no less than a list of the columns would.
use futures::future::try_join_all;
use hospitals::{finds_nobody, key, like};
use kernel::{DoctorId, Error, Listed, PageQuery, Result};
use store::{Args, Db, Sql, Tx, Where, args, sql};

use super::names;
use crate::Doctor;
use crate::asked::DoctorFilter;

sql!(
    DOCTOR_ADD = "INSERT INTO doctors (id, name, name_key, age, gender, contact, email, license_number, specializations,
        qualification, experience, is_available, is_active, updated_at, version, first_name, last_name, institution_id,
        consultation_fee, professional_status, license_status, name_sound, reference, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)"
);

/// Registers a doctor; 409 naming the member that another doctor has.
pub async fn add(tx: &mut Tx, doctor: &Doctor) -> Result<()> {
    let mut values = values(doctor);
    values.extend(args![&doctor.reference, doctor.created_at]);
    tx.run(&DOCTOR_ADD, values).await.map_err(taken)?;
    names::index(tx, doctor).await?;
    specialize(tx, doctor).await
}

sql!(
    DOCTOR_SET = "UPDATE doctors
    SET name = $2, name_key = $3, age = $4, gender = $5, contact = $6, email = $7, license_number = $8,
        specializations = $9, qualification = $10, experience = $11, is_available = $12, is_active = $13,
        updated_at = $14, version = $15, first_name = $16, last_name = $17, institution_id = $18,
        consultation_fee = $19, professional_status = $20, license_status = $21, name_sound = $22
    WHERE id = $1"
);

/// Writes a doctor who was read with [`locked`].
pub async fn set(tx: &mut Tx, doctor: &Doctor) -> Result<()> {
    tx.run(&DOCTOR_SET, values(doctor)).await.map_err(taken)?;
    names::index(tx, doctor).await?;
    specialize(tx, doctor).await
}

/// What a change may touch, in the order of both statements.
fn values(d: &Doctor) -> Args {
    let contact = d.contact.clone().unwrap_or_default();
    let mut values = args![d.id, &d.name, key(&d.name), d.age, d.gender, contact, &d.email, &d.license_number];
    values.extend(args![&d.specializations, &d.qualification, d.experience, d.is_available, d.is_active]);
    values.extend(args![d.updated_at, d.version, &d.first_name, &d.last_name, d.institution_id]);
    values.extend(args![d.consultation_fee, d.professional_status, d.license_status, names::sounds(&d.name)]);
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
    match doctor.practises() {
        true => Ok(doctor),
        false => Err(Error::conflict(format!("the doctor is {}", doctor.professional_status)).about("doctor_id")),
    }
}

/// The active doctors that fit, in the order they were registered.
pub async fn list(sql: &mut impl Sql, filter: &DoctorFilter, page: &PageQuery) -> Result<Listed<Doctor>> {
    if finds_nobody(filter.search.as_deref()) {
        return Ok(Listed::new(Vec::new(), page, |doctor: &Doctor| doctor.id.0));
    }
    let specialization = filter.specialization.as_deref().map(key).filter(|word| !word.is_empty());
    let specialized = "id IN (SELECT doctor_id FROM doctor_specializations WHERE specialization_key = ?)";
    let found = Where::new("SELECT * FROM doctors")
        .all("is_active", [])
        .and("is_available = ?", filter.available)
        .and(specialized, specialization)
        .and("name_key LIKE ? ESCAPE '!'", like(filter.search.as_deref()))
        .and("id > ?", Some(page.after()?.unwrap_or_default()))
        .tail("ORDER BY id LIMIT ? OFFSET ?", args![page.rows(), page.skip()]);
    Ok(Listed::new(sql.find(found).await?, page, |doctor: &Doctor| doctor.id.0))
}
