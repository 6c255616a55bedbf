//! Patients: who they are, whom to call about them, and what is charted about them.
//!
//! Owns the tables `patients`, `family_contacts`, `patient_conditions`, `medical_records`, `health_profiles`,
//! `family_history`, `prescriptions`, `validation_steps`, `insurances`, `patient_search` and `patient_merges`. What is charted is sealed with the patient's key. Emits on
//! the topic `patients` the kinds `patient.created`, `patient.updated`, `patient.deactivated`, `patient.activated`,
//! `patient.validated`, `patient.validation_withdrawn`, `patient.merged`, `patient.unmerged`, `patient.erased`,
//! `contact.added`, `contact.changed`, `contact.removed`, `contact_point.changed`,
//! `condition.added`, `condition.changed`, `record.added`, `chart.marked`, `health_profile.updated`,
//! `family_history.added`, `prescription.added` and `prescription.ended`.
//!
//! It never decides who may see a patient (`access` does), keeps no emergencies and no admissions: the services that do
//! stand behind [`EmergencyDoor`] and [`OpenAdmission`], which they open, as doctors and institutions stand behind
//! [`DoctorsDoor`] and [`InstitutionsDoor`]. Start reading at [`register`], then [`Card`].
mod agenda;
mod association;
mod awaiting;
mod care_team;
mod change;
mod check;
mod conditions;
mod contact_points;
mod contacts;
mod dashboard;
mod deactivate;
mod doors;
mod duplicates;
mod emergencies;
mod erase;
mod family_history;
mod health;
mod health_score;
mod insurance;
mod leaving;
mod listing;
mod lookup;
mod medical_record;
mod merged;
mod merging;
mod model;
mod own;
pub mod portable;
mod prescriptions;
mod profile;
mod queries;
mod reached;
mod records;
mod referenced;
mod register;
mod routes;
mod sealed;
mod search;
mod sensitive;
mod show;
mod tell;
mod validation;
mod zone;

use futures::future::FutureExt as _;
use kernel::{Builder, Service};

pub use agenda::{Appointments, CancelAppointments, EndConsents};
pub use awaiting::awaiting_doctor;
pub use check::Object;
pub use doors::{DoctorsDoor, EmergencyDoor, InstitutionsDoor, OpenAdmission, WearablesDoor};
pub use emergencies::set_emergency_flag;
pub use erase::{erase, part_to_erase, require_erasable};
pub use insurance::insure;
pub use lookup::{card, cards, find, require_active};
pub use medical_record::medical_record;
pub use model::{
    AddressIn, BloodType, Card, DoctorCard, EmergencyFlag, EmergencyIn, EmergencyKind, FamilyContactIn, FullRecord,
    Gender, InstitutionCard, Insurance, Patient, PatientIn, ValidationStatus, first_to_call,
};
pub use own::{Oneself, oneself};
pub use register::{Newcomer, register};
pub use sealed::SEALED;
pub use search::index_old;
pub use zone::time_zone;

/// Patients and their charts.
pub const SERVICE: Service = Service { open, work: search::work, ..Service::new("patients", routes::routes) };

/// Lets paths name a patient by the caller's own reference.
fn open(app: Builder) -> Builder {
    app.with(access::PatientNames(|db, name| async move { lookup::by_given_name(db, &name).await }.boxed()))
}
