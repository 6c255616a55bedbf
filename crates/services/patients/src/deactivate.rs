//! Deactivating a patient: nobody is related any more, nobody signs in for them, and every row stays. And the way back.
use access::data::Registration;
use access::{Caller, Grant, Kind, Role, Write};
use kernel::{App, Error, IfMatch, Result};
use store::Tx;

use crate::leaving::{let_go, require_settled};
use crate::model::{Patient, Stored, ValidationStatus};
use crate::{lookup, queries, tell, validation};

/// Deactivates a patient. 409 while an emergency is open or while the patient is admitted; 403 for all but the patient
/// and administrators, since it takes the patient away from everybody else who treats them; 412 when it is another
/// version than the caller has seen.
pub async fn deactivate(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    grant: &Grant<Write, Registration>,
    seen: &IfMatch,
) -> Result<()> {
    if !matches!(caller.role, Role::Admin | Role::Patient) {
        return Err(Error::forbidden("only for the patient and administrators"));
    }
    let (patient, now) = (grant.patient(), app.clock().now());
    let was = lookup::active(tx, patient).await?;
    seen.require(was.version)?;
    require_settled(app, tx, &was).await?;
    let gone = Stored { is_active: false, updated_at: now, version: was.version + 1, ..was };
    queries::patients::change(tx, &gone).await?;
    let_go(app, tx, caller, patient).await?;
    identity::close_accounts_of(tx, patient.0, now).await?;
    tell::event(app, tx, "patient.deactivated", patient, patient.0, now);
    tell::audit(tx, caller, "patient.deactivate", patient, patient, now);
    Ok(())
}

/// Activates a patient again, for administrators alone. 409 when the patient is active. Who registered the patient is
/// related again; whoever else treats the patient from now on becomes so anew.
pub async fn activate(app: &App, tx: &mut Tx, caller: &Caller, grant: &Grant<Write, Registration>) -> Result<Patient> {
    if caller.role != Role::Admin {
        return Err(Error::forbidden("only for administrators"));
    }
    let (patient, now) = (grant.patient(), app.clock().now());
    let was = queries::patients::lock(tx, patient).await?.ok_or_else(|| Error::not_found("patient"))?;
    if was.erased_at.is_some() {
        return Err(lookup::gone());
    }
    if was.is_active {
        return Err(Error::conflict("the patient is active"));
    }
    // What validation opened has ended with the relations, so it begins anew.
    validation::begin_anew(tx, caller, &was, now).await?;
    // A doctor who was sent away before is not asked again.
    let doctor_id = match was.doctor_id {
        Some(doctor) => {
            let left = access::last_ended(tx, doctor.0, Kind::AssignedDoctor, &[patient]).await?;
            Some(doctor).filter(|_| left.get(&patient).is_none_or(|at| *at >= was.updated_at))
        }
        None => None,
    };
    access::reopen_registering(tx, patient, was.updated_at, now).await?;
    let back = Stored {
        is_active: true,
        doctor_id,
        validation_status: ValidationStatus::Pending,
        updated_at: now,
        version: was.version + 1,
        ..was
    };
    queries::patients::change(tx, &back).await?;
    tell::event(app, tx, "patient.activated", patient, patient.0, now);
    tell::audit(tx, caller, "patient.activate", patient, patient, now);
    Ok(Patient::of(back, now))
}
