//! Jobs: work that goes on after the answer, survives the process, and is done by one worker at a time.
//!
//! This crate owns the table `jobs` and knows no service. A job is put into the caller's transaction, so that it runs if
//! that commits and never otherwise; its worker is registered by kind with the edge [`Jobs`]. It never keeps what a job is
//! about: `args` and `result` hold ids and numbers. Start reading at [`enqueue`], then `work.rs`.
mod job;
mod queries;
mod run;
mod work;
mod workers;

use kernel::Service;
use utoipa_axum::router::OpenApiRouter;
use workers::Lane;

pub use job::{Job, JobId, NewJob, State, cancel, cancel_of, enqueue, failed, job, of_subject, open_of};
pub use run::Run;
pub use work::{LEASE, stop};
pub use workers::{Jobs, Outcome, Worker};

/// The loop that runs what is waiting. It has no routes of its own: who asked for a job is answered by who knows its kind.
pub const SERVICE: Service = Service {
    open: |builder| builder.with(Jobs::default()),
    work: |app| vec![Box::pin(work::work(app.clone(), Lane::Working)), Box::pin(work::work(app.clone(), Lane::Asking))],
    ..Service::new("jobs", OpenApiRouter::new)
};
