//! Patients: who they are, whom to call about them, and what is charted about them.
//!
//! Owns the tables `patients`, `family_contacts`, `patient_conditions` and `medical_records`. Conditions, allergies and
//! records are sealed with the patient's key. Emits on the topic `patients` the kinds `patient.created`,
//! `patient.updated`, `patient.deactivated`, `patient.activated`, `contact.added`, `condition.added` and `record.added`.
//!
//! It never decides who may see a patient (`access` does), keeps no emergencies and no admissions: the services that do
//! stand behind [`EmergencyDoor`] and [`OpenAdmission`], which they open. Start reading at [`register`], then [`Card`].
mod change;
mod check;
mod conditions;
mod contacts;
mod deactivate;
mod doors;
mod emergencies;
mod listing;
mod lookup;
mod model;
mod queries;
mod records;
mod register;
mod routes;
mod sealed;
mod show;
mod tell;

use futures::future::FutureExt as _;
use kernel::{Builder, Service};

pub use check::Object;
pub use doors::{EmergencyDoor, OpenAdmission};
pub use emergencies::set_emergency_flag;
pub use lookup::{card, cards, find, require_active};
pub use model::{
    BloodType, Card, EmergencyFlag, EmergencyIn, EmergencyKind, FamilyContactIn, Gender, Patient, PatientIn,
};
pub use register::{Newcomer, register};

/// Patients and their charts.
pub const SERVICE: Service = Service { open, ..Service::new("patients", routes::routes) };

/// Lets paths name a patient by the caller's own reference.
fn open(app: Builder) -> Builder {
    app.with(access::PatientNames(|db, name| async move { lookup::by_reference(db, &name).await }.boxed()))
}
