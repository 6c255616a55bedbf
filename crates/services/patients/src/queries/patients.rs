//! The table of patients.
use chrono::{DateTime, Utc};
use futures::future::try_join_all;
use kernel::{Error, PatientId, Result};
use store::{Db, Sql, Tx, Where, args, sql};
use uuid::Uuid;

use crate::model::{EmergencyFlag, PatientFilter, Stored, name_key};

sql!(
    PATIENT_ADD = "INSERT INTO patients (id, reference, name, name_key, date_of_birth, gender, contact, email, address,
        blood_type, emergency_flag, is_active, created_by, created_at, updated_at, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
);

/// Adds a patient; 409 about `patient_id` when another patient has the reference.
pub async fn add(tx: &mut Tx, new: &Stored) -> Result<()> {
    let row = args![
        new.load_key,
        &new.reference,
        &new.name,
        name_key(&new.name),
        new.date_of_birth,
        new.gender,
        &new.contact,
        &new.email,
        &new.address,
        new.blood_type,
        new.emergency_flag,
        new.is_active,
        new.created_by,
        new.created_at,
        new.updated_at,
        new.version,
    ];
    tx.run(&PATIENT_ADD, row).await.map(drop).map_err(|error| match error.is_duplicate_of("reference") {
        true => Error::conflict("another patient has this patient_id").about("patient_id"),
        false => error.into(),
    })
}

sql!(
    PATIENT_BY_ID =
        "SELECT id AS load_key, reference, name, date_of_birth, gender, contact, email, address, blood_type,
        emergency_flag, is_active, created_by, created_at, updated_at, version
    FROM patients
    WHERE id = $1"
);

/// One patient, asked for together with whoever else is asked for at this moment.
pub async fn by_id(db: &Db, id: PatientId) -> Result<Option<Stored>> {
    Ok(db.load(&PATIENT_BY_ID, id.0).await?.pop())
}

/// Several patients, in the order asked for; those that do not exist are left out.
pub async fn by_ids(db: &Db, ids: &[PatientId]) -> Result<Vec<Stored>> {
    let found = try_join_all(ids.iter().map(|id| db.load::<Stored>(&PATIENT_BY_ID, id.0))).await?;
    Ok(found.into_iter().flatten().collect())
}

/// One patient, inside a transaction or outside.
pub async fn read(sql: &mut impl Sql, id: PatientId) -> Result<Option<Stored>> {
    Ok(sql.one(&PATIENT_BY_ID, args![id]).await?)
}

sql!(
    PATIENT_LOCK = "SELECT id AS load_key, reference, name, date_of_birth, gender, contact, email, address, blood_type,
        emergency_flag, is_active, created_by, created_at, updated_at, version
    FROM patients
    WHERE id = $1
    FOR UPDATE"
);

/// One patient, who does not change until the transaction ends.
pub async fn lock(tx: &mut Tx, id: PatientId) -> Result<Option<Stored>> {
    Ok(tx.one(&PATIENT_LOCK, args![id]).await?)
}

sql!(PATIENT_BY_REFERENCE = "SELECT id AS value FROM patients WHERE reference = $1");

/// The patient of this reference.
pub async fn by_reference(sql: &mut impl Sql, reference: &str) -> Result<Option<PatientId>> {
    // PostgreSQL keeps no text with this character, and would fail where there is nothing to find.
    if reference.contains('\0') {
        return Ok(None);
    }
    Ok(sql.one(&PATIENT_BY_REFERENCE, args![reference]).await?)
}

sql!(
    PATIENT_CHANGE = "UPDATE patients
    SET name = $2, name_key = $3, date_of_birth = $4, gender = $5, contact = $6, email = $7, address = $8,
        blood_type = $9, is_active = $10, updated_at = $11, version = $12
    WHERE id = $1"
);

/// Writes what a change may touch, as the next version.
pub async fn change(tx: &mut Tx, changed: &Stored) -> Result<()> {
    let row = args![
        changed.load_key,
        &changed.name,
        name_key(&changed.name),
        changed.date_of_birth,
        changed.gender,
        &changed.contact,
        &changed.email,
        &changed.address,
        changed.blood_type,
        changed.is_active,
        changed.updated_at,
        changed.version,
    ];
    tx.run(&PATIENT_CHANGE, row).await?;
    Ok(())
}

sql!(
    /// Touches the row even when the flag stands so already: whoever sets it relies on holding the patient's lock.
    PATIENT_FLAG = "UPDATE patients
    SET emergency_flag = $2,
        updated_at = CASE WHEN emergency_flag = $2 THEN updated_at ELSE $3 END,
        version = CASE WHEN emergency_flag = $2 THEN version ELSE version + 1 END
    WHERE id = $1"
);

/// Sets the emergency flag.
pub async fn set_flag(tx: &mut Tx, id: PatientId, flag: EmergencyFlag, now: DateTime<Utc>) -> Result<()> {
    tx.run(&PATIENT_FLAG, args![id, flag == EmergencyFlag::Raised, now]).await?;
    Ok(())
}

/// Every patient that fits, ordered by id.
pub async fn all(
    db: &mut Db,
    filter: &PatientFilter,
    after: Option<Uuid>,
    skip: i64,
    rows: i64,
) -> Result<Vec<Stored>> {
    let found = Where::new(
        "SELECT id AS load_key, reference, name, date_of_birth, gender, contact, email, address, blood_type,
            emergency_flag, is_active, created_by, created_at, updated_at, version
        FROM patients",
    )
    .and("id > ?", after);
    let found = if filter.include_inactive == Some(true) { found } else { found.all("is_active", []) };
    let found = if filter.emergency_only == Some(true) { found.all("emergency_flag", []) } else { found };
    let found = match filter.name_prefix() {
        Some(from) => {
            // No text contains the byte 255, so it ends every name that begins so.
            let to = [from.as_slice(), &[255]].concat();
            found.all("name_key >= ? AND name_key < ?", args![from, to])
        }
        None => found,
    };
    Ok(db.find(found.tail("ORDER BY id LIMIT ? OFFSET ?", args![rows, skip])).await?)
}
