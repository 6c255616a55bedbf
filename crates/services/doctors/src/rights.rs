//! Who may register doctors, and who may change one's entry.
use access::{Caller, Role, Who};
use kernel::{DoctorId, Error, HospitalId, Result};

/// Registers and affiliates doctors: an admin, or a hospital's own account.
pub struct Registrar;
impl Who for Registrar {
    const ROLES: &'static [Role] = &[Role::Admin, Role::Hospital];
}

/// Keeps a doctor's entry: an admin, or the doctor.
pub struct Keeper;
impl Who for Keeper {
    const ROLES: &'static [Role] = &[Role::Admin, Role::Doctor];
}

/// Ends a doctor's place at a hospital: an admin, the hospital's own account, or the doctor.
pub struct Parting;
impl Who for Parting {
    const ROLES: &'static [Role] = &[Role::Admin, Role::Hospital, Role::Doctor];
}

/// Refuses who is not this doctor.
pub fn oneself(caller: &Caller, doctor: DoctorId) -> Result<()> {
    match caller.stands_for(Role::Doctor, doctor.0) {
        true => Ok(()),
        false => Err(Error::forbidden("only for this doctor")),
    }
}

/// Refuses who is neither this doctor nor an admin.
pub fn oneself_or_admin(caller: &Caller, doctor: DoctorId) -> Result<()> {
    if caller.role == Role::Admin { Ok(()) } else { oneself(caller, doctor) }
}

/// Refuses who is neither this hospital's account nor an admin.
pub fn employer(caller: &Caller, hospital: HospitalId) -> Result<()> {
    match caller.role == Role::Admin || caller.stands_for(Role::Hospital, hospital.0) {
        true => Ok(()),
        false => Err(Error::forbidden("only for this hospital")),
    }
}
