//! Statements on hospitals. Rows are read by column name, so `*` says no less than a list of the columns would.
use chrono::{DateTime, Utc};
use kernel::{Error, HospitalId, Listed, PageQuery, Result};
use store::{Args, Sql, Tx, Where, args, sql};

use crate::asked::HospitalFilter;
use crate::text::{key, like};
use crate::{Address, Hospital};

sql!(
    HOSPITAL_ADD = "INSERT INTO hospitals (id, name, name_key, registration_number, hospital_type, contact, email, address,
        city_key, website, total_beds, occupied_beds, unavailable_beds, emergency_services, specializations, accreditations,
        is_active, created_at, updated_at, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)"
);

/// Registers a hospital; its occupied beds are none whatever it says.
pub async fn add(tx: &mut Tx, hospital: &Hospital) -> Result<()> {
    let h = hospital;
    let mut values = args![h.id, &h.name, key(&h.name), &h.registration_number, &h.hospital_type, &h.contact, &h.email];
    values.extend(args![
        &h.address,
        city_key(&h.address),
        &h.website,
        h.total_beds,
        0i64,
        h.unavailable_beds,
        h.emergency_services
    ]);
    values.extend(args![&h.specializations, &h.accreditations, h.is_active, h.created_at, h.updated_at, h.version]);
    tx.run(&HOSPITAL_ADD, values).await.map_err(taken)?;
    specialize(tx, hospital).await
}

sql!(
    HOSPITAL_SET = "UPDATE hospitals
    SET name = $2, name_key = $3, registration_number = $4, hospital_type = $5, contact = $6, email = $7, address = $8,
        city_key = $9, website = $10, total_beds = $11, unavailable_beds = $12, emergency_services = $13,
        specializations = $14, accreditations = $15, updated_at = $16, version = $17
    WHERE id = $1"
);

/// Writes a hospital that was read with [`locked`]. Occupied beds belong to admissions and are left alone.
pub async fn set(tx: &mut Tx, hospital: &Hospital) -> Result<()> {
    let h = hospital;
    let mut values = args![h.id, &h.name, key(&h.name), &h.registration_number, &h.hospital_type, &h.contact, &h.email];
    values.extend(args![
        &h.address,
        city_key(&h.address),
        &h.website,
        h.total_beds,
        h.unavailable_beds,
        h.emergency_services
    ]);
    values.extend(args![&h.specializations, &h.accreditations, h.updated_at, h.version]);
    tx.run(&HOSPITAL_SET, values).await.map_err(taken)?;
    specialize(tx, hospital).await
}

fn city_key(address: &Address) -> Option<String> {
    address.city().map(key)
}

fn taken(error: store::Error) -> Error {
    match error.is_duplicate_of("registration_number") {
        true => Error::conflict("a hospital with this registration number exists").about("registration_number"),
        false => error.into(),
    }
}

sql!(HOSPITAL_SPECIALIZATIONS_CLEAR = "DELETE FROM hospital_specializations WHERE hospital_id = $1");
sql!(
    HOSPITAL_SPECIALIZATION_ADD =
        "INSERT INTO hospital_specializations (hospital_id, specialization_key) VALUES ($1, $2)"
);

async fn specialize(tx: &mut Tx, hospital: &Hospital) -> Result<()> {
    tx.run(&HOSPITAL_SPECIALIZATIONS_CLEAR, args![hospital.id]).await?;
    let rows: Vec<Args> = hospital.specializations.keys().into_iter().map(|word| args![hospital.id, word]).collect();
    Ok(tx.run_each(&HOSPITAL_SPECIALIZATION_ADD, &rows).await?)
}

sql!(HOSPITAL_BY_ID = "SELECT * FROM hospitals WHERE id = $1");
sql!(
    HOSPITAL_LOCKED = "SELECT * FROM hospitals
    WHERE id = $1 AND is_active
    FOR UPDATE"
);
sql!(
    HOSPITAL_BY_REGISTRATION = "SELECT * FROM hospitals
    WHERE registration_number = $1 AND is_active"
);
sql!(
    /// Two rows are enough to know that a name says too little.
    HOSPITALS_BY_NAME = "SELECT * FROM hospitals
    WHERE name_key = $1 AND is_active
    ORDER BY id
    LIMIT 2"
);

/// A hospital, active or not: what happened in it stays true after it was closed.
pub async fn by_id(sql: &mut impl Sql, id: HospitalId) -> Result<Option<Hospital>> {
    Ok(sql.one(&HOSPITAL_BY_ID, args![id]).await?)
}

/// Whether there is such an active hospital.
pub async fn exists(sql: &mut impl Sql, id: HospitalId) -> Result<bool> {
    Ok(by_id(sql, id).await?.is_some_and(|hospital| hospital.is_active))
}

/// An active hospital that nobody else changes until the transaction ends.
pub async fn locked(tx: &mut Tx, id: HospitalId) -> Result<Hospital> {
    tx.one(&HOSPITAL_LOCKED, args![id]).await?.ok_or_else(|| Error::not_found("hospital"))
}

/// The active hospital that a path names by its id, its registration number or its name.
pub async fn find(sql: &mut impl Sql, name: &str) -> Result<Hospital> {
    if let Ok(id) = name.parse()
        && let Some(hospital) = by_id(sql, id).await?.filter(|hospital| hospital.is_active)
    {
        return Ok(hospital);
    }
    if let Some(hospital) = sql.one(&HOSPITAL_BY_REGISTRATION, args![name.trim()]).await? {
        return Ok(hospital);
    }
    let mut named: Vec<Hospital> = sql.all(&HOSPITALS_BY_NAME, args![key(name)]).await?;
    match named.len() {
        0 => Err(Error::not_found("hospital")),
        1 => Ok(named.remove(0)),
        _ => Err(Error::conflict("several hospitals have this name: use the id or the registration number")),
    }
}

/// The active hospitals that fit, in the order they were registered.
pub async fn list(sql: &mut impl Sql, filter: &HospitalFilter, page: &PageQuery) -> Result<Listed<Hospital>> {
    let asked = |word: &Option<String>| word.as_deref().map(key).filter(|word| !word.is_empty());
    let specialized = "id IN (SELECT hospital_id FROM hospital_specializations WHERE specialization_key = ?)";
    let found = Where::new("SELECT * FROM hospitals")
        .all("is_active", [])
        .and("city_key = ?", asked(&filter.city))
        .and(specialized, asked(&filter.specialization))
        .and("name_key LIKE ? ESCAPE '!'", like(filter.search.as_deref()))
        .and("(occupied_beds + unavailable_beds < total_beds) = ?", filter.has_beds)
        .and("id > ?", page.after()?)
        .tail("ORDER BY id LIMIT ? OFFSET ?", args![page.rows(), page.skip()]);
    Ok(Listed::new(sql.find(found).await?, page, |hospital: &Hospital| hospital.id.0))
}

sql!(OTHERS_WITH_NUMBER = "SELECT count(*) AS value FROM hospitals WHERE registration_number = $2 AND id <> $1");
sql!(OTHERS_WITH_NAME = "SELECT count(*) AS value FROM hospitals WHERE name_key = $2 AND id <> $1");

/// Whether another hospital, closed or not, has this registration number.
pub async fn has_number(tx: &mut Tx, id: HospitalId, number: &str) -> Result<bool> {
    Ok(tx.one::<i64>(&OTHERS_WITH_NUMBER, args![id, number]).await?.unwrap_or_default() > 0)
}

/// Whether another hospital, closed or not, has this name.
pub async fn has_name(tx: &mut Tx, id: HospitalId, name: &str) -> Result<bool> {
    Ok(tx.one::<i64>(&OTHERS_WITH_NAME, args![id, key(name)]).await?.unwrap_or_default() > 0)
}

sql!(
    HOSPITAL_CLOSE = "UPDATE hospitals
    SET is_active = false, updated_at = $2, version = version + 1
    WHERE id = $1 AND is_active AND occupied_beds = 0
    RETURNING id AS value"
);

/// Closes a hospital in which nobody lies. None when somebody does, or when it is closed already.
pub async fn close(tx: &mut Tx, id: HospitalId, now: DateTime<Utc>) -> Result<Option<HospitalId>> {
    Ok(tx.one(&HOSPITAL_CLOSE, args![id, now]).await?)
}
