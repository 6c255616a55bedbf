//! What this service asks of those that build on it; they hand these edges over when they open.
use futures::future::BoxFuture;
use kernel::{App, PatientId, Result};
use store::Tx;

use crate::model::EmergencyIn;

/// Tells whether a patient is admitted to a hospital now. The service that keeps admissions opens it.
pub struct OpenAdmission(pub for<'a> fn(&'a mut Tx, PatientId) -> BoxFuture<'a, Result<bool>>);

/// A deed of the service that keeps emergencies, done in the transaction it is given.
type EmergencyDeed = for<'a> fn(&'a App, &'a mut Tx, EmergencyIn) -> BoxFuture<'a, Result<()>>;

/// The way to the service that keeps emergencies, which opens it. Both deeds leave the patient's flag as it should be,
/// through [`set_emergency_flag`](crate::set_emergency_flag).
pub struct EmergencyDoor {
    /// Raises an emergency.
    pub raise: EmergencyDeed,
    /// Ends every open emergency of the patient.
    pub clear: EmergencyDeed,
}
