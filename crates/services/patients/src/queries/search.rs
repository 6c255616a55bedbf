//! The index of patients, and the questions that are answered from it.
use chrono::{DateTime, Utc};
use kernel::{PatientId, Result};
use store::{Args, Db, Sql, Tx, Where, args, sql};
use uuid::Uuid;

use super::patients::patients;
use crate::model::{PatientFilter, Stored};
use crate::search::{Key, Search};

sql!(SEARCH_ADD = "INSERT INTO patient_search (key, patient_id) VALUES ($1, $2) ON CONFLICT DO NOTHING");

/// Adds entries of a patient.
pub async fn add(tx: &mut Tx, patient: PatientId, keys: impl IntoIterator<Item = &Key>) -> Result<()> {
    let rows: Vec<Args> = keys.into_iter().map(|key| args![key, patient]).collect();
    tx.run_each(&SEARCH_ADD, &rows).await?;
    Ok(())
}

sql!(SEARCH_REMOVE = "DELETE FROM patient_search WHERE key = $1 AND patient_id = $2");

/// Removes entries of a patient.
pub async fn remove(tx: &mut Tx, patient: PatientId, keys: impl IntoIterator<Item = &Key>) -> Result<()> {
    for key in keys {
        tx.run(&SEARCH_REMOVE, args![key, patient]).await?;
    }
    Ok(())
}

sql!(
    /// In the index's order, so that PostgreSQL does not look for many entries in the table itself.
    SEARCH_SIZE = "SELECT COUNT(*) AS value
    FROM (SELECT 1 FROM patient_search WHERE key = $1 ORDER BY patient_id LIMIT 256) AS counted"
);

/// How many patients have an entry; of many, no more than one batch of a walk.
pub async fn size(db: &mut Db, key: &Key) -> Result<i64> {
    Ok(db.one(&SEARCH_SIZE, args![key]).await?.unwrap_or_default())
}

sql!(PATIENTS_NOT_INDEXED = patients!("WHERE search_version = 0 ORDER BY id LIMIT $1 FOR UPDATE"));

/// Patients who are not in the index yet, locked.
pub async fn not_indexed(tx: &mut Tx, rows: i64) -> Result<Vec<Stored>> {
    Ok(tx.all(&PATIENTS_NOT_INDEXED, args![rows]).await?)
}

sql!(PATIENT_INDEXED = "UPDATE patients SET search_version = 1 WHERE id = $1");

pub async fn mark_indexed(tx: &mut Tx, patient: PatientId) -> Result<()> {
    tx.run(&PATIENT_INDEXED, args![patient]).await?;
    Ok(())
}

sql!(
    PATIENT_FIRST_CREATED = "SELECT id AS value FROM patients
    WHERE created_at >= $1 ORDER BY created_at, id LIMIT 1"
);

/// The first patient registered at this time or later.
pub async fn first_created(db: &mut Db, time: DateTime<Utc>) -> Result<Option<Uuid>> {
    Ok(db.one(&PATIENT_FIRST_CREATED, args![time]).await?)
}

sql!(
    PATIENT_LAST_CREATED = "SELECT id AS value FROM patients
    WHERE created_at < $1 ORDER BY created_at DESC, id DESC LIMIT 1"
);

/// The last patient registered before this time.
pub async fn last_created(db: &mut Db, time: DateTime<Utc>) -> Result<Option<Uuid>> {
    Ok(db.one(&PATIENT_LAST_CREATED, args![time]).await?)
}

/// The next patients that fit, ordered by id: everybody's. Words longer than the index knows are not looked at.
pub async fn fitting(db: &mut Db, search: &Search, filter: &PatientFilter, rows: i64) -> Result<Vec<Stored>> {
    // Said of the first page too: where the walk begins leads it into the index.
    let after = Some(search.after.unwrap_or_default());
    let found = match search.keys.split_first() {
        None => {
            let found = Where::new(patients!("")).and("id > ?", after).and("id < ?", search.before);
            narrowed(found, filter).tail("ORDER BY id LIMIT ?", args![rows])
        }
        Some((first, others)) => {
            let found = Where::new(patients!(", patient_search AS s"))
                .and("s.key = ?", Some(first))
                .and("s.patient_id > ?", after)
                .and("s.patient_id < ?", search.before)
                .all("id = s.patient_id", []);
            let found = also_having(found, others);
            narrowed(found, filter).tail("ORDER BY s.patient_id LIMIT ?", args![rows])
        }
    };
    Ok(db.find(found).await?)
}

/// When a patient was registered is left to the ids: an engine that took its index would sort all it finds.
fn narrowed(found: Where, filter: &PatientFilter) -> Where {
    let found = match filter.is_active() {
        Some(true) => found.all("is_active", []),
        Some(false) => found.all("NOT is_active", []),
        None => found,
    };
    let found = if filter.emergency_only == Some(true) { found.all("emergency_flag", []) } else { found };
    found
        .and("validation_status = ?", filter.validation_status)
        .and("doctor_id = ?", filter.doctor_id)
        .and("institution_id = ?", filter.institution_id)
}

fn also_having(found: Where, keys: &[Key]) -> Where {
    keys.iter().fold(found, |found, key| {
        let has = "EXISTS (SELECT 1 FROM patient_search AS o WHERE o.key = ? AND o.patient_id = s.patient_id)";
        found.and(has, Some(key))
    })
}

/// Those of these patients who have every entry.
pub async fn having(db: &mut Db, keys: &[Key], patients: Vec<PatientId>) -> Result<Vec<PatientId>> {
    let Some((first, others)) = keys.split_first().filter(|_| !patients.is_empty()) else { return Ok(patients) };
    let found = Where::new("SELECT s.patient_id AS value FROM patient_search AS s")
        .and("s.key = ?", Some(first))
        .among("s.patient_id", &patients);
    let found = also_having(found, others).tail("ORDER BY s.patient_id", []);
    Ok(db.find(found).await?)
}

/// The next patients who have one of the entries, and besides it the other one: who was born about then and has such a
/// name.
pub async fn meeting(
    db: &mut Db,
    entries: &[Key],
    other: Option<&Key>,
    after: Uuid,
    rows: i64,
) -> Result<Vec<PatientId>> {
    let entries: Vec<&Key> = entries.iter().collect();
    let met = Where::new("SELECT DISTINCT s.patient_id AS value FROM patient_search AS s").among("s.key", &entries);
    let met = met.and("s.patient_id > ?", Some(after));
    let met = also_having(met, other.map(std::slice::from_ref).unwrap_or_default());
    Ok(db.find(met.tail("ORDER BY s.patient_id LIMIT ?", args![rows])).await?)
}
