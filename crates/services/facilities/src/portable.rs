//! What a patient takes along, and what goes when a patient is erased.
use access::data::{Care, CareTeam};
use access::{Grant, Read};
use kernel::{App, PatientId, Result};
use store::Tx;

use crate::links::{self, Facility};
use crate::{codes, queries};

/// The facilities that the patient linked.
pub async fn facilities(app: &App, team: &Grant<Read, CareTeam>, care: &Grant<Read, Care>) -> Result<Vec<Facility>> {
    links::list(app, team, care).await
}

/// Forgets which facilities a patient linked and which codes were sent. The Aadhaar number itself goes with
/// [`vault::AadhaarVault::remove`]: until then nobody else can register with it.
pub async fn forget(tx: &mut Tx, patient: PatientId) -> Result<()> {
    queries::forget(tx, patient).await?;
    codes::forget(tx, patient).await
}
