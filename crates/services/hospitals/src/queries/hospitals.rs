//! Statements on hospitals. Rows are read by column name, so `*` says no less than a list of the columns would.
use chrono::{DateTime, Utc};
use futures::future::try_join_all;
use kernel::{Error, HospitalId, Result};
use store::{Args, Db, Sql, Tx, args, sql};
use uuid::Uuid;

use super::search;
use crate::members::Members;
use crate::text::key;
use crate::{Address, Hospital, InstitutionType};

sql!(
    HOSPITAL_ADD = "INSERT INTO hospitals (id, name, name_key, registration_number, hospital_type, contact, email, address,
        city_key, website, total_beds, occupied_beds, unavailable_beds, emergency_services, specializations, accreditations,
        is_active, created_at, updated_at, version, institution_type, region, region_key, verification_status, email_key,
        is_indexed)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
        $25, TRUE)"
);

/// Registers a hospital; its occupied beds are none whatever it says.
pub async fn add(tx: &mut Tx, hospital: &Hospital, members: Members) -> Result<()> {
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
    values.extend(args![h.institution_type, &h.region, region_key(h), h.verification_status, key(&h.email)]);
    tx.run(&HOSPITAL_ADD, values).await.map_err(|error| taken(error, members))?;
    search::put(tx, h.id, &h.name).await?;
    specialize(tx, hospital).await
}

sql!(
    HOSPITAL_SET = "UPDATE hospitals
    SET name = $2, name_key = $3, registration_number = $4, hospital_type = $5, contact = $6, email = $7, address = $8,
        city_key = $9, website = $10, total_beds = $11, unavailable_beds = $12, emergency_services = $13,
        specializations = $14, accreditations = $15, updated_at = $16, version = $17, institution_type = $18, region = $19,
        region_key = $20, verification_status = $21,
        email_key = CASE WHEN email = $7 THEN email_key ELSE $22 END
    WHERE id = $1"
);

/// Writes a hospital that was read with [`locked`]. Occupied beds belong to admissions and are left alone; so is the key
/// of an address that stays, which another hospital may have had first.
pub async fn set(tx: &mut Tx, was: &Hospital, hospital: &Hospital, members: Members) -> Result<()> {
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
    values.extend(args![h.institution_type, &h.region, region_key(h), h.verification_status, key(&h.email)]);
    tx.run(&HOSPITAL_SET, values).await.map_err(|error| taken(error, members))?;
    if h.name != was.name {
        search::put(tx, h.id, &h.name).await?;
    }
    match h.specializations == was.specializations {
        true => Ok(()),
        false => specialize(tx, hospital).await,
    }
}

fn region_key(hospital: &Hospital) -> Option<String> {
    hospital.region.as_deref().map(key)
}

fn city_key(address: &Address) -> Option<String> {
    address.city().map(key)
}

/// The refusal that [`has_number`] and [`has_email`] would have made a moment later.
fn taken(error: store::Error, members: Members) -> Error {
    match &error {
        e if e.is_duplicate_of("registration_number") => number_taken(members),
        e if e.is_duplicate_of("email_key") => email_taken(members),
        _ => error.into(),
    }
}

pub fn number_taken(members: Members) -> Error {
    Error::conflict(format!("an institution with this {} exists", members.number)).about(members.number)
}

pub fn email_taken(members: Members) -> Error {
    Error::conflict("an institution with this email exists").about(members.email)
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

sql!(HOSPITAL_BY_ID = "SELECT h.*, h.id AS load_key FROM hospitals h WHERE h.id = $1");
sql!(
    HOSPITAL_LOCKED = "SELECT * FROM hospitals
    WHERE id = $1 AND is_active
    FOR UPDATE"
);
sql!(
    HOSPITAL_BY_REGISTRATION = "SELECT * FROM hospitals
    WHERE registration_number = $1 AND is_active AND (institution_type = $2 OR $2 IS NULL)"
);
sql!(
    HOSPITALS_BY_NAME = "SELECT * FROM hospitals
    WHERE name_key = $1 AND is_active AND (institution_type = $2 OR $2 IS NULL) AND id > $3
    ORDER BY id
    LIMIT 16"
);

/// A hospital, active or not: what happened in it stays true after it was closed.
pub async fn by_id(sql: &mut impl Sql, id: HospitalId) -> Result<Option<Hospital>> {
    Ok(sql.one(&HOSPITAL_BY_ID, args![id]).await?)
}

/// Several hospitals, in the order asked for; those that do not exist are left out.
pub async fn by_ids(db: &Db, ids: &[HospitalId]) -> Result<Vec<Hospital>> {
    let found = try_join_all(ids.iter().map(|id| db.load::<Hospital>(&HOSPITAL_BY_ID, id.0))).await?;
    Ok(found.into_iter().flatten().collect())
}

/// Whether there is such an active institution, a hospital or another.
pub async fn exists(sql: &mut impl Sql, id: HospitalId) -> Result<bool> {
    Ok(by_id(sql, id).await?.is_some_and(|hospital| hospital.is_active))
}

/// An active institution that nobody else changes until the transaction ends.
pub async fn locked(tx: &mut Tx, id: HospitalId) -> Result<Hospital> {
    tx.one(&HOSPITAL_LOCKED, args![id]).await?.ok_or_else(|| Error::not_found("hospital"))
}

/// The active hospital that a path names by its id, its registration number or its name. Institutions of other types are
/// none.
pub async fn find(sql: &mut impl Sql, name: &str) -> Result<Hospital> {
    let found = named(sql, name, Some(InstitutionType::Hospital)).await?;
    found.ok_or_else(|| Error::not_found("hospital"))
}

/// The active institution of any type that is named by its id, its licence number or its name.
pub async fn find_institution(sql: &mut impl Sql, name: &str) -> Result<Hospital> {
    named(sql, name, None).await?.ok_or_else(|| Error::not_found("institution"))
}

async fn named(sql: &mut impl Sql, name: &str, kind: Option<InstitutionType>) -> Result<Option<Hospital>> {
    // PostgreSQL keeps no text with this character, and would fail where there is nothing to find.
    if name.contains('\0') {
        return Ok(None);
    }
    let fits = |found: &Hospital| found.is_active && kind.is_none_or(|kind| found.institution_type == kind);
    if let Ok(id) = name.parse()
        && let Some(hospital) = by_id(sql, id).await?.filter(fits)
    {
        return Ok(Some(hospital));
    }
    let numbered: Option<Hospital> = sql.one(&HOSPITAL_BY_REGISTRATION, args![name.trim(), kind]).await?;
    match numbered {
        Some(hospital) if access::is_approved(sql, hospital.id.0).await? => Ok(Some(hospital)),
        _ => by_name(sql, name, kind).await,
    }
}

/// Rows that [`HOSPITALS_BY_NAME`] reads at a time.
const ALIKE: usize = 16;

/// The one of this name. Whoever registered themselves and was not looked into yet is named by the id alone: anybody can
/// register under the name of another.
async fn by_name(sql: &mut impl Sql, name: &str, kind: Option<InstitutionType>) -> Result<Option<Hospital>> {
    let (mut named, mut after) = (Vec::new(), Some(HospitalId(Uuid::nil())));
    while let Some(from) = after {
        let alike: Vec<Hospital> = sql.all(&HOSPITALS_BY_NAME, args![key(name), kind, from]).await?;
        let ids: Vec<Uuid> = alike.iter().map(|hospital| hospital.id.0).collect();
        let unapproved = access::unapproved_among(sql, &ids).await?;
        after = alike.last().filter(|_| alike.len() == ALIKE).map(|hospital| hospital.id);
        named.extend(alike.into_iter().filter(|hospital| !unapproved.contains(&hospital.id.0)));
        if named.len() > 1 {
            return Err(Error::conflict("several hospitals have this name: use the id or the registration number"));
        }
    }
    Ok(named.pop())
}

sql!(OTHERS_WITH_NUMBER = "SELECT count(*) AS value FROM hospitals WHERE registration_number = $2 AND id <> $1");
sql!(OTHERS_WITH_EMAIL = "SELECT count(*) AS value FROM hospitals WHERE email_key = $2 AND id <> $1");
sql!(OTHERS_NAMED = "SELECT id AS value FROM hospitals WHERE name_key = $2 AND id <> $1");
sql!(OTHERS_NUMBERED = "SELECT id AS value FROM hospitals WHERE registration_number = $2 AND id <> $1");

/// Whether another hospital, closed or not, has this registration number.
pub async fn has_number(tx: &mut Tx, id: HospitalId, number: &str) -> Result<bool> {
    Ok(tx.one::<i64>(&OTHERS_WITH_NUMBER, args![id, number]).await?.unwrap_or_default() > 0)
}

/// Whether another hospital, closed or not, has this email address.
pub async fn has_email(tx: &mut Tx, id: HospitalId, email: &str) -> Result<bool> {
    Ok(tx.one::<i64>(&OTHERS_WITH_EMAIL, args![id, key(email)]).await?.unwrap_or_default() > 0)
}

/// Whether this name is the number of another hospital, closed or not, that is found by its number.
pub async fn is_number(tx: &mut Tx, id: HospitalId, name: &str) -> Result<bool> {
    let others = tx.all(&OTHERS_NUMBERED, args![id, name]).await?;
    any_approved(tx, &others).await
}

/// Whether this number is the name of another hospital, closed or not, that is found by its name.
pub async fn is_name(tx: &mut Tx, id: HospitalId, number: &str) -> Result<bool> {
    let others = tx.all(&OTHERS_NAMED, args![id, key(number)]).await?;
    any_approved(tx, &others).await
}

async fn any_approved(tx: &mut Tx, ids: &[Uuid]) -> Result<bool> {
    let unapproved = access::unapproved_among(tx, ids).await?;
    Ok(ids.iter().any(|id| !unapproved.contains(id)))
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
