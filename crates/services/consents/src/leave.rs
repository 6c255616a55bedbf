//! What becomes of consents when the patient leaves: nothing opens any more, and every row stays.
use access::{Caller, Streams};
use kernel::{App, PatientId, Result};
use store::Tx;

use crate::{queries, settle};

/// Revokes what a patient agreed to and withdraws what was asked; ends the delegates. The patient's row is locked by the
/// caller.
pub async fn of_patient(app: &App, tx: &mut Tx, caller: &Caller, patient: PatientId) -> Result<()> {
    let now = app.clock().now();
    for open in queries::consents::open_of_patient(tx, patient).await? {
        settle::end(app, tx, caller, &settle::ended(open, caller, now), now).await?;
    }
    queries::delegates::end_all(tx, patient, caller.actor, now).await?;
    // Every relation ends with the patient; what was opened by one says no more from then on.
    for relation in access::of_patient(tx, patient).await? {
        app.edge::<Streams>().close_after(tx, relation.basis_id);
    }
    Ok(())
}
