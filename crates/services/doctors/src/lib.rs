//! Doctors: who they are, what they specialise in, which patients they look after, at which hospitals they work.
//!
//! This crate owns the tables `doctors`, `doctor_specializations` and `assignments`. It emits `assigned` and `ended` on
//! the topic `assignments`, in the transaction that made or ended the relation. It never reads a patient's chart, and
//! lets nobody assign a patient whose care team they may not write: a doctor cannot help himself to a stranger.
//!
//! Start reading at [`Doctor`], then `assignments.rs`.
mod accounts;
mod asked;
mod assignments;
mod directory;
mod list;
mod model;
mod places;
mod queries;
mod rights;
mod routes;

use kernel::{Builder, Service};

pub use asked::{DoctorIn, DoctorPatch};
pub use assignments::{Assignment, RelationshipType};
pub use model::Doctor;
pub use queries::doctors::{by_id, exists_active, find};

pub const SERVICE: Service = Service { open, ..Service::new("doctors", routes::routes) };

/// Lets hospitals ask whether a doctor named in an admission exists.
fn open(builder: Builder) -> Builder {
    builder.with(hospitals::DoctorCheck(|tx, doctor| Box::pin(exists_active(tx, doctor))))
}
