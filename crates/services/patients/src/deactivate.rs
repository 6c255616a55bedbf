//! Deactivating a patient: nobody is related any more, nobody signs in for them, and every row stays.
use access::data::Registration;
use access::{Caller, Grant, Write};
use kernel::{App, Error, Result};
use store::Tx;

use crate::doors::OpenAdmission;
use crate::lookup;
use crate::model::Stored;
use crate::{queries, tell};

/// Deactivates a patient. 409 while an emergency is open or while the patient is admitted.
pub async fn deactivate(app: &App, tx: &mut Tx, caller: &Caller, grant: &Grant<Write, Registration>) -> Result<()> {
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
    tell::event(app, tx, "patient.deactivated", patient, patient.0, now);
    tell::audit(tx, caller, "patient.deactivate", patient, patient, now);
    Ok(())
}
