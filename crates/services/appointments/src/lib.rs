//! Appointments: when a patient comes to whom, what for, and what became of it.
//!
//! Owns the table `appointments`; title, names, place and notes are sealed with the patient's key. Emits on the topic
//! `appointments` the kinds `appointment.booked`, `appointment.changed` and `appointment.cancelled`. It never decides who
//! may see an appointment (`access` does), and it reminds nobody.
//!
//! Start reading at [`book`]: it is the promise that a doctor is not booked twice at once.
mod asked;
mod book;
mod busy;
mod cancel;
mod change;
mod expected;
mod limits;
mod list;
mod model;
pub mod portable;
mod queries;
mod routes;
mod sealed;
mod show;
mod slot;
mod tell;
mod whose;

use kernel::{Builder, Service};

pub use asked::{AppointmentFilter, AppointmentIn, AppointmentPatch};
pub use book::book;
pub use expected::let_go;
pub use model::{Appointment, AppointmentId, AppointmentStatus};
pub use sealed::SEALED;

pub const SERVICE: Service = Service { name: "appointments", routes: routes::routes, open, work: expected::tasks };

/// Opens what the services below ask of this one.
fn open(builder: Builder) -> Builder {
    builder
        .with(doctors::Agenda(|mut db, doctor, from, to| {
            Box::pin(async move { queries::booked_between(&mut db, doctor, from, to).await })
        }))
        .with(doctors::CancelAgenda(|app, tx, caller, doctor| Box::pin(cancel::of_doctor(app, tx, caller, doctor))))
        .with(patients::Appointments(|app, grant| Box::pin(list::next(app, grant))))
        .with(patients::CancelAppointments(|app, tx, caller, patient| {
            Box::pin(cancel::of_patient(app, tx, caller, patient))
        }))
}
