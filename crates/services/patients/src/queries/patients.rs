//! The table of patients.
use chrono::{DateTime, Utc};
use futures::future::try_join_all;
use kernel::{Error, PatientId, Result};
use store::{Db, Sql, Tx, args, sql};

use crate::model::{EmergencyFlag, Stored};

/// Reads whole registrations.
macro_rules! patients {
    ($rest:literal) => {
        concat!(
            "SELECT id AS load_key, reference, name, first_name, last_name, date_of_birth, sex, gender, contact, email, address,
            blood_type, emergency_flag, is_active, erased_at, doctor_id, institution_id, validation_status, merge_group, created_by,
            created_at, updated_at, version
            FROM patients ",
            $rest
        )
    };
}
pub(crate) use patients;

sql!(
    PATIENT_ADD = "INSERT INTO patients (id, reference, name, first_name, last_name, date_of_birth, sex, gender,
        contact, email, address, blood_type, emergency_flag, is_active, doctor_id, institution_id, validation_status,
        created_by, created_at, updated_at, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)"
);

/// Adds a patient; 409 about `patient_id` when another patient has the reference.
pub async fn add(tx: &mut Tx, new: &Stored) -> Result<()> {
    let row = args![
        new.load_key,
        &new.reference,
        &new.name,
        &new.first_name,
        &new.last_name,
        new.date_of_birth,
        new.sex,
        new.gender,
        &new.contact,
        &new.email,
        &new.address,
        new.blood_type,
        new.emergency_flag,
        new.is_active,
        new.doctor_id,
        new.institution_id,
        new.validation_status,
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

sql!(PATIENT_BY_ID = patients!("WHERE id = $1"));

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

sql!(PATIENT_LOCK = patients!("WHERE id = $1 FOR UPDATE"));

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
    SET name = $2, first_name = $3, last_name = $4, date_of_birth = $5, sex = $6, gender = $7, contact = $8,
        email = $9, address = $10, blood_type = $11, is_active = $12, doctor_id = $13, institution_id = $14,
        validation_status = $15, updated_at = $16, version = $17
    WHERE id = $1"
);

/// Writes what a change may touch, as the next version.
pub async fn change(tx: &mut Tx, changed: &Stored) -> Result<()> {
    let row = args![
        changed.load_key,
        &changed.name,
        &changed.first_name,
        &changed.last_name,
        changed.date_of_birth,
        changed.sex,
        changed.gender,
        &changed.contact,
        &changed.email,
        &changed.address,
        changed.blood_type,
        changed.is_active,
        changed.doctor_id,
        changed.institution_id,
        changed.validation_status,
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

sql!(PATIENT_MERGE_GROUP = "UPDATE patients SET merge_group = $2 WHERE id = $1");

/// Says for whom else a record stands. The registration stays the version it is: nothing of it changes.
pub async fn set_merge_group(tx: &mut Tx, id: PatientId, head: Option<PatientId>) -> Result<()> {
    tx.run(&PATIENT_MERGE_GROUP, args![id, head]).await?;
    Ok(())
}
