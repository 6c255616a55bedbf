//! The directory: hospitals and the other institutions registered, changed and closed.
use access::{Caller, Entry, Role};
use kernel::{App, Error, HospitalId, IfMatch, Patch, Result, Text as _};
use store::{Sql, Tx};

use crate::draft::{Change, Draft};
use crate::members::Members;
use crate::queries::{admissions, affiliations, hospitals};
use crate::{
    Hospital, HospitalStatistics, InstitutionType, VerificationStatus, beds, contact_points, tell, verification,
};

/// Registers an institution.
pub async fn create(app: &App, tx: &mut Tx, caller: &Caller, draft: Draft) -> Result<Hospital> {
    let now = app.clock().now();
    let members = draft.members;
    let available = draft.available_beds.unwrap_or(draft.total_beds);
    if available > draft.total_beds {
        return Err(Error::invalid("available_beds", "is more than total_beds"));
    }
    let hospital = Hospital {
        id: HospitalId::new(),
        name: trimmed(&draft.name),
        registration_number: trimmed(&draft.registration_number),
        institution_type: draft.institution_type,
        hospital_type: trimmed(&draft.hospital_type),
        contact: trimmed(&draft.contact),
        email: trimmed(&draft.email),
        address: draft.address,
        website: draft.website,
        region: draft.region.map(|region| trimmed(&region)),
        verification_status: VerificationStatus::Pending,
        total_beds: draft.total_beds,
        available_beds: available,
        occupied_beds: 0,
        unavailable_beds: draft.total_beds - available,
        emergency_services: draft.emergency_services,
        specializations: draft.specializations,
        accreditations: draft.accreditations,
        is_active: true,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    require_own_names(tx, &hospital, members).await?;
    require_own_email(tx, &hospital, members).await?;
    hospitals::add(tx, &hospital, members).await?;
    tell::event(app, tx, "institution.created", hospital.id, now);
    access::record(tx, Entry::of(caller, "hospital.create", hospital.id, now));
    Ok(hospital)
}

/// The hospital that a path names. Nothing is erased: administrators see a closed one by its id.
pub async fn show(sql: &mut impl Sql, caller: &Caller, name: &str) -> Result<Hospital> {
    match closed(sql, caller, name).await?.filter(|found| found.institution_type == InstitutionType::Hospital) {
        Some(hospital) => Ok(hospital),
        None => hospitals::find(sql, name).await,
    }
}

/// The institution that a path names, of whatever type; administrators see a closed one by its id.
pub async fn show_institution(sql: &mut impl Sql, caller: &Caller, name: &str) -> Result<Hospital> {
    match closed(sql, caller, name).await? {
        Some(institution) => Ok(institution),
        None => hospitals::find_institution(sql, name).await,
    }
}

/// The one with this id, which may be closed, when an administrator asks.
async fn closed(sql: &mut impl Sql, caller: &Caller, name: &str) -> Result<Option<Hospital>> {
    match name.parse() {
        Ok(id) if caller.role == Role::Admin => hospitals::by_id(sql, id).await,
        _ => Ok(None),
    }
}

/// Changes what was sent. 412 when the institution is another version than the caller has seen.
pub async fn change(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    id: HospitalId,
    change: Change,
    seen: &IfMatch,
) -> Result<Hospital> {
    let was = hospitals::locked(tx, id).await?;
    seen.require(was.version)?;
    write(app, tx, caller, was, change).await
}

/// As [`change`], of an institution whose row is locked.
pub async fn write(app: &App, tx: &mut Tx, caller: &Caller, was: Hospital, change: Change) -> Result<Hospital> {
    let (id, members) = (was.id, change.members);
    let mut hospital = changed(app, &was, change)?;
    if hospital.institution_type != was.institution_type {
        require_empty(&was, members)?;
        hospital.institution_type.word().clone_into(&mut hospital.hospital_type);
    }
    if says_who(&hospital) != says_who(&was) {
        require_admin(caller, members)?;
        require_own_names(tx, &hospital, members).await?;
    }
    if hospital.email != was.email {
        require_own_email(tx, &hospital, members).await?;
    }
    let now = hospital.updated_at;
    if hospital.registration_number != was.registration_number && was.verification_status != VerificationStatus::Pending
    {
        hospital.verification_status = VerificationStatus::Pending;
        let why = format!("the number was {} before", was.registration_number);
        verification::note(tx, caller, id, VerificationStatus::Pending, Some(why), now).await?;
    }
    hospitals::set(tx, &was, &hospital, members).await?;
    contacts::absorb(tx, &contact_points::owner(&hospital)).await?;
    tell::event(app, tx, "institution.updated", id, now);
    access::record(tx, Entry::of(caller, "hospital.update", id, now));
    Ok(hospital)
}

/// The next version.
fn changed(app: &App, was: &Hospital, change: Change) -> Result<Hospital> {
    let was = was.clone();
    let total = change.total_beds.unwrap_or(was.total_beds);
    let unavailable = beds::unavailable(&was, total, change.available_beds)?;
    let or = |new: Option<String>, old: String| new.map_or(old, |text| trimmed(&text));
    Ok(Hospital {
        name: or(change.name, was.name),
        registration_number: or(change.registration_number, was.registration_number),
        institution_type: change.institution_type.unwrap_or(was.institution_type),
        hospital_type: or(change.hospital_type, was.hospital_type),
        contact: or(change.contact, was.contact),
        email: or(change.email, was.email),
        address: change.address.unwrap_or(was.address),
        website: Patch::over(change.website, was.website),
        region: Patch::over(change.region, was.region).map(|region| trimmed(&region)),
        total_beds: total,
        available_beds: total - was.occupied_beds - unavailable,
        unavailable_beds: unavailable,
        emergency_services: change.emergency_services.unwrap_or(was.emergency_services),
        specializations: change.specializations.unwrap_or(was.specializations),
        accreditations: change.accreditations.unwrap_or(was.accreditations),
        updated_at: app.clock().now(),
        version: was.version + 1,
        ..was
    })
}

/// What others name an institution by, and take it for.
fn says_who(hospital: &Hospital) -> (&str, &str, InstitutionType) {
    (&hospital.name, &hospital.registration_number, hospital.institution_type)
}

/// Whoever could change these could be taken for another.
fn require_admin(caller: &Caller, members: Members) -> Result<()> {
    match caller.role {
        Role::Admin => Ok(()),
        _ => {
            let Members { name, number, kind, .. } = members;
            Err(Error::forbidden(format!("an administrator changes {name}, {number} and {kind}")))
        }
    }
}

/// Who lies in a hospital's bed must be found there until the discharge.
fn require_empty(was: &Hospital, members: Members) -> Result<()> {
    match was.occupied_beds {
        0 => Ok(()),
        _ => Err(Error::conflict("patients are admitted to this hospital: discharge them first").about(members.kind)),
    }
}

/// Refuses a number that another institution has, and a name that is another's number, and the reverse: a path that says
/// the one would lead to the other. Those that registered themselves and were not looked into yet have no name to take.
pub(crate) async fn require_own_names(tx: &mut Tx, hospital: &Hospital, members: Members) -> Result<()> {
    if hospitals::has_number(tx, hospital.id, &hospital.registration_number).await? {
        return Err(hospitals::number_taken(members));
    }
    if hospitals::is_number(tx, hospital.id, &hospital.name).await? {
        return Err(Error::conflict("another institution has this number").about(members.name));
    }
    if hospitals::is_name(tx, hospital.id, &hospital.registration_number).await? {
        return Err(Error::conflict("another institution has this name").about(members.number));
    }
    Ok(())
}

/// Refuses an address that another institution has.
async fn require_own_email(tx: &mut Tx, hospital: &Hospital, members: Members) -> Result<()> {
    match hospitals::has_email(tx, hospital.id, &hospital.email).await? {
        true => Err(hospitals::email_taken(members)),
        false => Ok(()),
    }
}

/// Closes an institution, its accounts and its affiliations. Conflict while somebody lies in one of its beds, 412 when it
/// is another version than the caller has seen.
pub async fn close(app: &App, tx: &mut Tx, caller: &Caller, id: HospitalId, seen: &IfMatch) -> Result<()> {
    let now = app.clock().now();
    let was = hospitals::locked(tx, id).await?;
    seen.require(was.version)?;
    if hospitals::close(tx, id, now).await?.is_none() {
        return Err(Error::conflict("patients are admitted to this hospital: discharge them first"));
    }
    affiliations::end_of_hospital(tx, id, now).await?;
    identity::close_accounts_of(tx, id.0, now).await?;
    access::revoke_device_keys_of(tx, id.0, now).await?;
    tell::event(app, tx, "institution.closed", id, now);
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
