//! Deactivating a patient: nobody is related any more, nobody signs in for them, and every row stays. And the way back.
use access::data::Registration;
use access::{Caller, Grant, Role, Write};
use kernel::{App, Error, Result};
use store::Tx;

use crate::doors::OpenAdmission;
use crate::lookup;
use crate::model::{Patient, Stored};
use crate::{queries, tell};

/// Deactivates a patient. 409 while an emergency is open or while the patient is admitted; 403 for all but the patient
/// and administrators, since it takes the patient away from everybody else who treats them.
pub async fn deactivate(app: &App, tx: &mut Tx, caller: &Caller, grant: &Grant<Write, Registration>) -> Result<()> {
    if !matches!(caller.role, Role::Admin | Role::Patient) {
        return Err(Error::forbidden("only for the patient and administrators"));
    }
    let (patient, now) = (grant.patient(), app.clock().now());
    let was = lookup::active(tx, patient).await?;
    if was.emergency_flag {
        return Err(Error::conflict("an emergency of the patient is open"));
    }
    if (app.edge::<OpenAdmission>().0)(tx, patient).await? {
        return Err(Error::conflict("the patient is admitted to a hospital; discharge them first"));
    }
    let gone = Stored { is_active: false, updated_at: now, version: was.version + 1, ..was };
    queries::patients::change(tx, &gone).await?;
    access::end_all_of_patient(tx, patient, now).await?;
    identity::close_accounts_of(tx, patient.0, now).await?;
    access::revoke_device_keys_of(tx, patient.0, now).await?;
    tell::event(app, tx, "patient.deactivated", patient, patient.0, now);
    tell::audit(tx, caller, "patient.deactivate", patient, patient, now);
    Ok(())
}

/// Activates a patient again, for administrators alone. 409 when the patient is active. What ended stays ended: whoever
/// treats the patient from now on becomes related anew.
pub async fn activate(app: &App, tx: &mut Tx, caller: &Caller, grant: &Grant<Write, Registration>) -> Result<Patient> {
    if caller.role != Role::Admin {
        return Err(Error::forbidden("only for administrators"));
    }
    let (patient, now) = (grant.patient(), app.clock().now());
    let was = queries::patients::lock(tx, patient).await?.ok_or_else(|| Error::not_found("patient"))?;
    if was.is_active {
        return Err(Error::conflict("the patient is active"));
    }
    let back = Stored { is_active: true, updated_at: now, version: was.version + 1, ..was };
    queries::patients::change(tx, &back).await?;
    tell::event(app, tx, "patient.activated", patient, patient.0, now);
    tell::audit(tx, caller, "patient.activate", patient, patient, now);
    Ok(Patient::of(back, now))
}
