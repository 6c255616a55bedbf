//! The tables of this crate, one file each.
pub mod outbox;
pub mod phones;
pub mod quarantine;

use kernel::{PatientId, Result};
use store::Tx;

/// Forgets everything of a patient who is erased: phones are in the clear, and the rest nobody can open any more.
pub async fn forget(tx: &mut Tx, patient: PatientId) -> Result<()> {
    outbox::forget(tx, patient).await?;
    quarantine::forget(tx, patient).await?;
    phones::forget(tx, patient).await
}
