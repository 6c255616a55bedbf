//! Statements on which doctor works at which hospital, since when and until when.
use chrono::{DateTime, Utc};
use kernel::{DoctorId, HospitalId, PageQuery, Result};
use store::{Sql, Tx, Where, args, from_row, sql};
use uuid::Uuid;

use crate::Affiliation;
use crate::text::key;

from_row!(Affiliation { id, doctor_id, hospital_id, hospital_name, department, position, since });

macro_rules! affiliations {
    ($rest:literal) => {
        concat!(
            "SELECT f.id, f.doctor_id, f.hospital_id, h.name AS hospital_name, f.department, f.position, f.since
            FROM affiliations f
            JOIN hospitals h ON h.id = f.hospital_id ",
            $rest
        )
    };
}

sql!(AFFILIATIONS_OF_DOCTOR = affiliations!("WHERE f.doctor_id = $1 AND f.until IS NULL ORDER BY f.id"));
sql!(AFFILIATION_OF_PAIR = affiliations!("WHERE f.doctor_id = $1 AND f.hospital_id = $2 AND f.until IS NULL"));

/// The hospitals a doctor works at now.
pub async fn affiliations_of(sql: &mut impl Sql, doctor: DoctorId) -> Result<Vec<Affiliation>> {
    Ok(sql.all(&AFFILIATIONS_OF_DOCTOR, args![doctor]).await?)
}

/// The doctors who work at a hospital now with their places, in pages, one row more than the page shows.
pub async fn doctors_page(sql: &mut impl Sql, hospital: HospitalId, page: &PageQuery) -> Result<Vec<Affiliation>> {
    let found = Where::new(affiliations!(""))
        .and("f.hospital_id = ?", Some(hospital))
        .all("f.until IS NULL", [])
        .and("f.id > ?", page.after()?)
        .tail("ORDER BY f.id LIMIT ? OFFSET ?", args![page.rows(), page.skip()]);
    Ok(sql.find(found).await?)
}

/// Where somebody works: at one institution, in a city, in a region, or what of these is said.
#[derive(Debug, Default, Clone)]
pub struct Workplace {
    pub institution: Option<HospitalId>,
    pub city: Option<String>,
    pub region: Option<String>,
}

/// Some of the doctors who work there now, in the order of their ids, from after one of them on.
pub async fn doctor_ids(
    sql: &mut impl Sql,
    place: &Workplace,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<DoctorId>> {
    let asked = |word: &Option<String>| word.as_deref().map(key).filter(|word| !word.is_empty());
    let found = Where::new(
        "SELECT DISTINCT f.doctor_id AS value
        FROM affiliations f
        JOIN hospitals h ON h.id = f.hospital_id",
    )
    .all("f.until IS NULL AND h.is_active", [])
    .and("f.hospital_id = ?", place.institution)
    .and("h.city_key = ?", asked(&place.city))
    .and("h.region_key = ?", asked(&place.region))
    .and("f.doctor_id > ?", after)
    .tail("ORDER BY f.doctor_id LIMIT ?", args![limit]);
    Ok(sql.find(found).await?)
}

/// A doctor's current affiliation with a hospital.
pub async fn current(sql: &mut impl Sql, doctor: DoctorId, hospital: HospitalId) -> Result<Option<Affiliation>> {
    Ok(sql.one(&AFFILIATION_OF_PAIR, args![doctor, hospital]).await?)
}

sql!(
    AFFILIATION_ADD = "INSERT INTO affiliations (id, doctor_id, hospital_id, department, position, since)
    VALUES ($1, $2, $3, $4, $5, $6)"
);

pub async fn add(tx: &mut Tx, f: &Affiliation) -> Result<()> {
    let values = args![f.id, f.doctor_id, f.hospital_id, &f.department, &f.position, f.since];
    tx.run(&AFFILIATION_ADD, values).await?;
    Ok(())
}

sql!(AFFILIATION_END = "UPDATE affiliations SET until = $2 WHERE id = $1 AND until IS NULL");
sql!(AFFILIATIONS_END_DOCTOR = "UPDATE affiliations SET until = $2 WHERE doctor_id = $1 AND until IS NULL");
sql!(AFFILIATIONS_END_HOSPITAL = "UPDATE affiliations SET until = $2 WHERE hospital_id = $1 AND until IS NULL");

pub async fn end(tx: &mut Tx, affiliation: Uuid, now: DateTime<Utc>) -> Result<()> {
    tx.run(&AFFILIATION_END, args![affiliation, now]).await?;
    Ok(())
}

pub async fn end_of_doctor(tx: &mut Tx, doctor: DoctorId, now: DateTime<Utc>) -> Result<()> {
    tx.run(&AFFILIATIONS_END_DOCTOR, args![doctor, now]).await?;
    Ok(())
}

pub async fn end_of_hospital(tx: &mut Tx, hospital: HospitalId, now: DateTime<Utc>) -> Result<()> {
    tx.run(&AFFILIATIONS_END_HOSPITAL, args![hospital, now]).await?;
    Ok(())
}

sql!(DOCTORS_HERE = "SELECT COUNT(*) AS value FROM affiliations WHERE hospital_id = $1 AND until IS NULL");

/// How many doctors work at a hospital.
pub async fn count(sql: &mut impl Sql, hospital: HospitalId) -> Result<i64> {
    Ok(sql.one(&DOCTORS_HERE, args![hospital]).await?.unwrap_or_default())
}
