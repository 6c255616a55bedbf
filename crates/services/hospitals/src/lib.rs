//! Hospitals and the other institutions: their directory, beds and rooms, admissions and discharges, affiliated doctors.
//!
//! An institution of the type `hospital` is a hospital: `/api/hospitals` and `/api/v1/institutions` show the same rows.
//! This crate owns the tables `hospitals`, `hospital_specializations`, `hospital_search`, `institution_verifications`,
//! `rooms`, `admissions` and `affiliations`. It emits `admitted` and `discharged` on the topic `admissions`, in the
//! transaction that took or freed the bed, and on the topic `institutions` what changed in the directory. It never reads
//! readings or records, and it never shows what an admission was for without a grant.
//!
//! Start reading at [`admit`]: it is the promise that two people never get the last bed.
mod accounts;
mod admissions;
mod affiliations;
mod asked;
mod backfill;
mod beds;
mod contact_points;
mod directory;
mod door;
mod draft;
mod institution;
mod institution_in;
mod kinds;
mod list;
mod members;
mod model;
mod notes;
mod oneself;
pub mod portable;
mod queries;
mod regions;
mod rights;
mod routes;
mod stay;
mod tell;
mod text;
mod verification;

use futures::future::BoxFuture;
use kernel::{Builder, DoctorId, Service};
use store::Tx;

pub use admissions::{Admission, AdmissionIn, AdmissionState, Room, admit, discharge};
pub use affiliations::{Affiliation, affiliate, end_affiliation, end_affiliations_of};
pub use asked::{HospitalIn, HospitalPatch};
pub use directory::statistics;
pub use institution::Institution;
pub use institution_in::{InstitutionIn, InstitutionPatch};
pub use kinds::{InstitutionStatus, InstitutionType, VerificationStatus};
pub use list::PatientLine;
pub use model::{Address, Hospital, HospitalStatistics};
pub use notes::SEALED;
pub use oneself::register_oneself;
pub use queries::admissions::{active_of_doctor, active_of_hospital, active_of_patient, admission, last_visit};
pub use queries::affiliations::{Workplace, affiliations_of, current as affiliation, doctor_ids, doctors_page};
pub use queries::hospitals::{by_id, by_ids, exists, find, find_institution};
pub use rights::{patient_to_admit, works_at};
pub use text::{Words, finds_nobody, key};

pub const SERVICE: Service = Service { open, work: backfill::tasks, ..Service::new("hospitals", routes::routes) };

/// Says whether a doctor exists and is active. The doctors' service provides it: it stands above this one.
pub struct DoctorCheck(pub for<'a> fn(&'a mut Tx, DoctorId) -> BoxFuture<'a, kernel::Result<bool>>);

fn open(builder: Builder) -> Builder {
    builder.with(door::door()).with(patients::OpenAdmission(|tx, patient| {
        Box::pin(async move { Ok(queries::admissions::active_of_patient(tx, patient).await?.is_some()) })
    }))
}
