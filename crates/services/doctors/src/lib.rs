//! Doctors: who they are, what they specialise in, which patients they look after, at which hospitals they work.
//!
//! This crate owns the tables `doctors`, `doctor_specializations`, `doctor_names`, `assignments`, `specialties`,
//! `professional_status_history` and `license_verifications`. It emits `assigned` and `ended` on the topic `assignments`,
//! and on the topic `doctors` what happens to one, such as `doctor.suspended`, in the transaction that made it true. It
//! never reads a patient's chart but through `patients`, and lets nobody assign a patient whose care team they may not
//! write: a doctor cannot help himself to a stranger.
//!
//! The service of appointments opens [`Agenda`]. Start reading at [`Doctor`], then `assignments.rs` and `profession.rs`.
mod accounts;
mod agenda;
mod alike;
mod asked;
mod assignments;
mod contact_points;
mod day;
mod directory;
mod door;
mod licenses;
mod list;
mod model;
mod newcomer;
mod oneself;
mod own;
mod places;
pub mod portable;
mod profession;
mod profile;
mod profile_change;
mod profile_in;
mod queries;
mod rights;
mod routes;
mod specialties;
mod tell;
mod work;

use kernel::{Builder, Service};

pub use agenda::{Agenda, CancelAgenda};
pub use asked::{DoctorIn, DoctorPatch};
pub use assignments::{Assignment, RelationshipType};
pub use model::{Doctor, LicenseStatus, ProfessionalStatus};
pub use oneself::register_oneself;
pub use queries::doctors::{by_id, exists_active, find, locked};

pub const SERVICE: Service = Service { open, work: work::tasks, ..Service::new("doctors", routes::routes) };

/// Lets hospitals ask whether a doctor named in an admission exists, and patients have one assigned.
fn open(builder: Builder) -> Builder {
    let check = hospitals::DoctorCheck(|tx, doctor| Box::pin(exists_active(tx, doctor)));
    builder.with(check).with(door::door())
}
