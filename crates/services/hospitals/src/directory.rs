//! The directory: hospitals registered, changed and closed.
use access::{Caller, Entry, Role};
use kernel::{App, Error, HospitalId, Patch, Result};
use store::{Sql, Tx};

use crate::asked::{HospitalIn, HospitalPatch};
use crate::queries::{admissions, affiliations, hospitals};
use crate::{Hospital, HospitalStatistics, beds};

/// Registers a hospital.
pub async fn create(app: &App, tx: &mut Tx, caller: &Caller, input: HospitalIn) -> Result<Hospital> {
    let now = app.clock().now();
    let available = input.available_beds.unwrap_or(input.total_beds);
    if available > input.total_beds {
        return Err(Error::invalid("available_beds", "is more than total_beds"));
    }
    let hospital = Hospital {
        id: HospitalId::new(),
        name: trimmed(&input.hospital_name),
        registration_number: trimmed(&input.registration_number),
        hospital_type: trimmed(&input.hospital_type),
        contact: trimmed(&input.contact),
        email: trimmed(&input.email),
        address: input.address,
        website: input.website,
        total_beds: input.total_beds,
        available_beds: available,
        occupied_beds: 0,
        unavailable_beds: input.total_beds - available,
        emergency_services: input.emergency_services,
        specializations: input.specializations,
        accreditations: input.accreditations,
        is_active: true,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    require_own_names(tx, &hospital).await?;
    hospitals::add(tx, &hospital).await?;
    access::record(tx, Entry::of(caller, "hospital.create", hospital.id, now));
    Ok(hospital)
}

/// The hospital that a path names. Nothing is erased: administrators see a closed one by its id.
pub async fn show(sql: &mut impl Sql, caller: &Caller, name: &str) -> Result<Hospital> {
    if caller.role == Role::Admin
        && let Ok(id) = name.parse()
        && let Some(hospital) = hospitals::by_id(sql, id).await?
    {
        return Ok(hospital);
    }
    hospitals::find(sql, name).await
}

/// Changes what was sent.
pub async fn change(app: &App, tx: &mut Tx, caller: &Caller, id: HospitalId, patch: HospitalPatch) -> Result<Hospital> {
    let now = app.clock().now();
    let was = hospitals::locked(tx, id).await?;
    let total = patch.total_beds.unwrap_or(was.total_beds);
    let unavailable = beds::unavailable(&was, total, patch.available_beds)?;
    let names = (was.name.clone(), was.registration_number.clone());
    let or = |new: Option<String>, old: &String| new.map_or_else(|| old.clone(), |text| trimmed(&text));
    let hospital = Hospital {
        name: or(patch.hospital_name, &was.name),
        registration_number: or(patch.registration_number, &was.registration_number),
        hospital_type: or(patch.hospital_type, &was.hospital_type),
        contact: or(patch.contact, &was.contact),
        email: or(patch.email, &was.email),
        address: patch.address.unwrap_or(was.address),
        website: Patch::over(patch.website, was.website),
        total_beds: total,
        available_beds: total - was.occupied_beds - unavailable,
        unavailable_beds: unavailable,
        emergency_services: patch.emergency_services.unwrap_or(was.emergency_services),
        specializations: patch.specializations.unwrap_or(was.specializations),
        accreditations: patch.accreditations.unwrap_or(was.accreditations),
        updated_at: now,
        version: was.version + 1,
        ..was
    };
    if (&hospital.name, &hospital.registration_number) != (&names.0, &names.1) {
        require_admin(caller)?;
        require_own_names(tx, &hospital).await?;
    }
    hospitals::set(tx, &hospital).await?;
    access::record(tx, Entry::of(caller, "hospital.update", id, now));
    Ok(hospital)
}

/// Others name a hospital by these: whoever could change them could be taken for another.
fn require_admin(caller: &Caller) -> Result<()> {
    match caller.role {
        Role::Admin => Ok(()),
        _ => Err(Error::forbidden("an administrator changes hospital_name and registration_number")),
    }
}

/// Refuses a name that is another hospital's registration number, and the reverse: a path that says the one would lead to
/// the other.
async fn require_own_names(tx: &mut Tx, hospital: &Hospital) -> Result<()> {
    if hospitals::has_number(tx, hospital.id, &hospital.name).await? {
        return Err(Error::conflict("another hospital has this registration number").about("hospital_name"));
    }
    if hospitals::has_name(tx, hospital.id, &hospital.registration_number).await? {
        return Err(Error::conflict("another hospital has this name").about("registration_number"));
    }
    Ok(())
}

/// Closes a hospital, its accounts and its affiliations. Conflict while somebody lies in one of its beds.
pub async fn close(app: &App, tx: &mut Tx, caller: &Caller, id: HospitalId) -> Result<()> {
    let now = app.clock().now();
    if hospitals::close(tx, id, now).await?.is_none() {
        hospitals::locked(tx, id).await?;
        return Err(Error::conflict("patients are admitted to this hospital: discharge them first"));
    }
    affiliations::end_of_hospital(tx, id, now).await?;
    identity::close_accounts_of(tx, id.0, now).await?;
    access::revoke_device_keys_of(tx, id.0, now).await?;
    access::record(tx, Entry::of(caller, "hospital.deactivate", id, now));
    Ok(())
}

/// The hospital in figures.
pub async fn statistics(sql: &mut impl Sql, hospital: Hospital) -> Result<HospitalStatistics> {
    let rate = match hospital.total_beds {
        0 => 0.0,
        total => (hospital.occupied_beds as f64 * 10_000.0 / total as f64).round() / 100.0,
    };
    Ok(HospitalStatistics {
        doctor_count: affiliations::count(sql, hospital.id).await?,
        total_patients_treated: admissions::treated(sql, hospital.id).await?,
        hospital_name: hospital.name,
        total_beds: hospital.total_beds,
        available_beds: hospital.available_beds,
        occupied_beds: hospital.occupied_beds,
        occupancy_rate: rate,
        current_patients: hospital.occupied_beds,
        emergency_services: hospital.emergency_services,
        specializations: hospital.specializations,
    })
}

fn trimmed(text: &str) -> String {
    text.trim().to_owned()
}
