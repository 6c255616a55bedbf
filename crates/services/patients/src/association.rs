//! With whom a patient is registered: the doctor and the institution that are asked to validate the patient.
//!
//! To be named opens nothing. What is seen of the patient begins when the named one says yes.
use access::{Caller, Role};
use kernel::{App, DoctorId, Error, HospitalId, Patch, Result};
use store::Tx;

use crate::doors::{DoctorsDoor, InstitutionsDoor};
use crate::model::{Named, Stored, ValidationStatus, needed_together};

/// Whom a patient is registered with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Association {
    pub doctor: Option<DoctorId>,
    pub institution: Option<HospitalId>,
}

/// The doctor and the institution of a new patient: those that were named, or whom the caller stands for. 422 naming the
/// member that names nobody, or an institution that the caller does not work for; naming both when neither is known.
pub async fn chosen(app: &App, tx: &mut Tx, caller: &Caller, named: &Named) -> Result<Association> {
    let own_doctor = caller.reference.filter(|_| caller.role == Role::Doctor).map(DoctorId);
    let doctor = match &named.doctor {
        Patch::Set(name) => Some(doctor(app, tx, name).await?),
        Patch::Keep | Patch::Clear => own_doctor,
    };
    let institution = match &named.institution {
        Patch::Set(name) => Some(institution(app, tx, caller, name).await?),
        Patch::Keep | Patch::Clear => caller.hospital().map(HospitalId),
    };
    match (doctor, institution) {
        (None, None) => Err(needed_together("doctor_id", "institution_id")),
        (doctor, institution) => Ok(Association { doctor, institution }),
    }
}

/// The doctor and the institution of a patient after a change. 409 naming the member when the one who was named has
/// validated the patient already.
pub async fn changed(app: &App, tx: &mut Tx, caller: &Caller, was: &Stored, named: &Named) -> Result<Association> {
    let mut with = Association { doctor: was.doctor_id, institution: was.institution_id };
    let doctor = match &named.doctor {
        Patch::Keep => None,
        Patch::Clear => Some(None),
        Patch::Set(name) => Some(Some(doctor(app, tx, name).await?)),
    };
    if let Some(doctor) = doctor {
        if doctor != with.doctor && was.validation_status > ValidationStatus::Pending {
            return Err(Error::conflict("a doctor has validated the patient already").about("doctor_id"));
        }
        with.doctor = doctor;
    }
    let institution = match &named.institution {
        Patch::Keep => None,
        Patch::Clear => Some(None),
        Patch::Set(name) => Some(Some(institution(app, tx, caller, name).await?)),
    };
    if let Some(institution) = institution {
        if institution != with.institution && was.validation_status > ValidationStatus::ValidatedByDoctor {
            return Err(Error::conflict("an institution has validated the patient already").about("institution_id"));
        }
        with.institution = institution;
    }
    Ok(with)
}

async fn doctor(app: &App, tx: &mut Tx, name: &str) -> Result<DoctorId> {
    let found = (app.edge::<DoctorsDoor>().find)(tx, name).await?;
    found.ok_or_else(|| Error::invalid("doctor_id", "is not an active doctor"))
}

async fn institution(app: &App, tx: &mut Tx, caller: &Caller, name: &str) -> Result<HospitalId> {
    let door = app.edge::<InstitutionsDoor>();
    let found = (door.find)(tx, name).await?;
    let found = found.ok_or_else(|| Error::invalid("institution_id", "is not an active institution"))?;
    let own = match (caller.role, caller.reference) {
        (Role::Doctor, Some(own)) => (door.employs)(tx, DoctorId(own), found).await?,
        (Role::Nurse | Role::Hospital, own) => own == Some(found.0),
        _ => true,
    };
    match own {
        true => Ok(found),
        false => Err(Error::invalid("institution_id", "is not where you work")),
    }
}
