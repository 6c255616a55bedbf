//! What goes when a patient is erased: names and kinds stand in the clear, and the rest is sealed with a key that goes too.
use kernel::{PatientId, Result};
use store::Tx;

use crate::queries::{choices, records, sources};

/// Forgets a patient's devices, records and choices; the points are `signals`'.
pub async fn forget(tx: &mut Tx, patient: PatientId) -> Result<()> {
    sources::forget(tx, patient).await?;
    records::forget(tx, patient).await?;
    choices::forget(tx, patient).await
}
