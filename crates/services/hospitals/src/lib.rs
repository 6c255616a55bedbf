//! Hospitals: their directory, their beds and rooms, admissions and discharges, and the doctors affiliated with them.
//!
//! This crate owns the tables `hospitals`, `hospital_specializations`, `rooms`, `admissions` and `affiliations`. It emits
//! `admitted` and `discharged` on the topic `admissions`, in the transaction that took or freed the bed. It never reads
//! readings or records, and it never shows what an admission was for without a grant.
//!
//! Start reading at [`admit`]: it is the promise that two people never get the last bed.
mod accounts;
mod admissions;
mod affiliations;
mod asked;
mod beds;
mod directory;
mod list;
mod model;
mod notes;
mod queries;
mod rights;
mod routes;
mod stay;
mod text;

use futures::future::BoxFuture;
use kernel::{Builder, DoctorId, Service};
use store::Tx;

pub use admissions::{Admission, AdmissionIn, AdmissionState, Room, admit, discharge};
pub use affiliations::{Affiliation, affiliate, end_affiliations_of};
pub use asked::{HospitalIn, HospitalPatch};
pub use list::PatientLine;
pub use model::{Address, Hospital, HospitalStatistics};
pub use queries::admissions::{active_of_doctor, active_of_hospital, active_of_patient, admission};
pub use queries::affiliations::{affiliations_of, doctors_of, doctors_page};
pub use queries::hospitals::{by_id, exists, find};
pub use rights::{patient_to_admit, works_at};
pub use text::{Words, email, key, like};

pub const SERVICE: Service = Service { open, ..Service::new("hospitals", routes::routes) };

/// Says whether a doctor exists and is active. The doctors' service provides it: it stands above this one.
pub struct DoctorCheck(pub for<'a> fn(&'a mut Tx, DoctorId) -> BoxFuture<'a, kernel::Result<bool>>);

fn open(builder: Builder) -> Builder {
    builder.with(patients::OpenAdmission(|tx, patient| {
        Box::pin(async move { Ok(queries::admissions::active_of_patient(tx, patient).await?.is_some()) })
    }))
}
