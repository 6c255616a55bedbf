//! Statements on doctors. Rows are read by column name, so `*` says no less than a list of the columns would.
use futures::future::try_join_all;
use hospitals::{key, like};
use kernel::{DoctorId, Error, Listed, PageQuery, Result};
use store::{Args, Db, Sql, Tx, Where, args, sql};

use crate::Doctor;
use crate::asked::DoctorFilter;

sql!(
    DOCTOR_ADD = "INSERT INTO doctors (id, reference, name, name_key, age, gender, contact, email, license_number,
        specializations, qualification, experience, is_available, is_active, created_at, updated_at, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)"
);

/// Registers a doctor; 409 naming the member that another doctor has.
pub async fn add(tx: &mut Tx, doctor: &Doctor) -> Result<()> {
    let d = doctor;
    let mut values = args![d.id, &d.reference, &d.name, key(&d.name), d.age, d.gender, &d.contact, &d.email];
    values.extend(args![&d.license_number, &d.specializations, &d.qualification, d.experience, d.is_available]);
    values.extend(args![d.is_active, d.created_at, d.updated_at, d.version]);
    tx.run(&DOCTOR_ADD, values).await.map_err(taken)?;
    specialize(tx, doctor).await
}

sql!(
    DOCTOR_SET = "UPDATE doctors
    SET name = $2, name_key = $3, age = $4, gender = $5, contact = $6, email = $7, license_number = $8,
        specializations = $9, qualification = $10, experience = $11, is_available = $12, is_active = $13,
        updated_at = $14, version = $15
    WHERE id = $1"
);

/// Writes a doctor who was read with [`locked`].
pub async fn set(tx: &mut Tx, doctor: &Doctor) -> Result<()> {
    let d = doctor;
    let mut values = args![d.id, &d.name, key(&d.name), d.age, d.gender, &d.contact, &d.email, &d.license_number];
    values.extend(args![&d.specializations, &d.qualification, d.experience, d.is_available, d.is_active]);
    values.extend(args![d.updated_at, d.version]);
    tx.run(&DOCTOR_SET, values).await.map_err(taken)?;
    specialize(tx, doctor).await
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

/// An active doctor whom nobody else changes until the transaction ends.
pub async fn locked(tx: &mut Tx, id: DoctorId) -> Result<Option<Doctor>> {
    Ok(tx.one(&DOCTOR_LOCKED, args![id]).await?)
}

/// Whether there is such an active doctor. One who is stays one until the transaction ends.
pub async fn exists_active(tx: &mut Tx, id: DoctorId) -> Result<bool> {
    Ok(locked(tx, id).await?.is_some())
}

/// The active doctors that fit, in the order they were registered.
pub async fn list(sql: &mut impl Sql, filter: &DoctorFilter, page: &PageQuery) -> Result<Listed<Doctor>> {
    let specialization = filter.specialization.as_deref().map(key).filter(|word| !word.is_empty());
    let specialized = "id IN (SELECT doctor_id FROM doctor_specializations WHERE specialization_key = ?)";
    let found = Where::new("SELECT * FROM doctors")
        .all("is_active", [])
        .and("is_available = ?", filter.available)
        .and(specialized, specialization)
        .and("name_key LIKE ? ESCAPE '!'", like(filter.search.as_deref()))
        .and("id > ?", page.after()?)
        .tail("ORDER BY id LIMIT ? OFFSET ?", args![page.rows(), page.skip()]);
    Ok(Listed::new(sql.find(found).await?, page, |doctor: &Doctor| doctor.id.0))
}
