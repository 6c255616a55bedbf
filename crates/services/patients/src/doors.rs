//! What this service asks of those that build on it; they hand these edges over when they open.
use access::Caller;
use futures::future::BoxFuture;
use kernel::{App, DoctorId, HospitalId, PatientId, Result};
use serde_json::Value;
use store::{Db, Tx};

use crate::model::{DoctorCard, EmergencyIn, InstitutionCard};

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

/// What a question is answered with.
type Answer<'a, T> = BoxFuture<'a, Result<T>>;

/// The way to the service that keeps doctors, which opens it.
pub struct DoctorsDoor {
    /// The active doctor whom a caller names by id, reference or licence number.
    pub find: for<'a> fn(&'a mut Tx, &'a str) -> Answer<'a, Option<DoctorId>>,
    /// Whether the doctor is active; one who is stays so until the transaction ends.
    pub lock: for<'a> fn(&'a mut Tx, DoctorId) -> Answer<'a, bool>,
    /// Assigns the patient to the doctor, unless it is so already.
    pub assign: for<'a> fn(&'a App, &'a mut Tx, &'a Caller, PatientId, DoctorId) -> Answer<'a, ()>,
    /// Ends the assignments of a patient who leaves.
    pub leave: for<'a> fn(&'a App, &'a mut Tx, &'a Caller, PatientId) -> Answer<'a, ()>,
    /// How the doctors are shown, in the order asked for.
    pub cards: fn(Db, Vec<DoctorId>) -> Answer<'static, Vec<DoctorCard>>,
}

/// Shows the wearable data of these names of a patient, to a caller who may see them; to others nothing.
type WearablesShown = for<'a> fn(&'a App, &'a Caller, PatientId, Vec<String>) -> Answer<'a, Vec<Value>>;

/// The way to the service that keeps wearable data, which opens it.
pub struct WearablesDoor(pub WearablesShown);

/// The way to the service that keeps institutions, which opens it.
pub struct InstitutionsDoor {
    /// The active institution that a caller names by id, licence or name.
    pub find: for<'a> fn(&'a mut Tx, &'a str) -> Answer<'a, Option<HospitalId>>,
    /// Whether the doctor is affiliated with the institution now.
    pub employs: for<'a> fn(&'a mut Tx, DoctorId, HospitalId) -> Answer<'a, bool>,
    /// The institutions that the doctor is affiliated with now.
    pub of_doctor: fn(Db, DoctorId) -> Answer<'static, Vec<HospitalId>>,
    /// How the institutions are shown, in the order asked for.
    pub cards: fn(Db, Vec<HospitalId>) -> Answer<'static, Vec<InstitutionCard>>,
}
