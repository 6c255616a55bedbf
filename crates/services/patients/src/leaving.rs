//! What a patient who leaves, deactivated or erased, has to settle first, and what lets go of the patient then.
use access::Caller;
use kernel::{App, Error, PatientId, Result};
use store::Tx;

use crate::agenda::{CancelAppointments, EndConsents};
use crate::doors::{DoctorsDoor, OpenAdmission};
use crate::model::Stored;

/// 409 while the record is merged with another, while an emergency is open and while the patient is admitted.
pub async fn require_settled(app: &App, tx: &mut Tx, patient: &Stored) -> Result<()> {
    if patient.merge_group.is_some() {
        return Err(Error::conflict("the record is merged with another of the same person; part them first"));
    }
    if patient.emergency_flag {
        return Err(Error::conflict("an emergency of the patient is open"));
    }
    match (app.edge::<OpenAdmission>().0)(tx, patient.load_key).await? {
        true => Err(Error::conflict("the patient is admitted to a hospital; discharge them first")),
        false => Ok(()),
    }
}

/// Ends what holds on to the patient: appointments, consents, assignments, relations and device keys. What becomes of the
/// accounts is the caller's to say.
pub async fn let_go(app: &App, tx: &mut Tx, caller: &Caller, patient: PatientId) -> Result<()> {
    let now = app.clock().now();
    (app.edge::<CancelAppointments>().0)(app, tx, caller, patient).await?;
    (app.edge::<EndConsents>().0)(app, tx, caller, patient).await?;
    (app.edge::<DoctorsDoor>().leave)(app, tx, caller, patient).await?;
    access::end_all_of_patient(tx, patient, now).await?;
    access::revoke_device_keys_of(tx, patient.0, now).await
}
