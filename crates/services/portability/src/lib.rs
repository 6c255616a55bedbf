//! Portability: a patient takes along all that is kept about them, or has it erased.
//!
//! Owns the tables `exports`, `export_parts`, `export_chunks` and `erasures`. Emits on the topic `erasures` the kinds
//! `requested`, `withdrawn` and `done`. It stands above every service that keeps something about a patient, reads each
//! through its `portable` functions and under a grant, and writes no table of theirs. What is exported is sealed with the
//! patient's key until it is fetched. It also rotates patients' keys, for the same reason: it knows of every service's sealed
//! columns. Start reading at `export.rs`, `erasure.rs` and `rotation.rs`.
mod again;
mod erasure;
mod export;
mod follow;
mod model;
mod operator;
mod queries;
mod rotation;
mod routes;
mod sealed;
mod work;

use jobs::{Jobs, Worker};
use kernel::{Builder, Service};

pub use again::erase_again;
pub use model::{Erasure, ErasureId, ErasureStatus, Export};
pub use operator::export_to;
pub use rotation::{Rotation, rotate_keys, rotations, sealed_columns};
pub use sealed::SYSTEM;

pub const SERVICE: Service = Service { name: "portability", routes: routes::routes, open, work: work::tasks };

/// The kind of the jobs that make exports.
const EXPORT: &str = "export";
/// How often an export is begun at most.
const ATTEMPTS: i64 = 5;

/// Says how exports are made and keys are rotated.
fn open(builder: Builder) -> Builder {
    if let Some(jobs) = builder.edge::<Jobs>() {
        jobs.register(EXPORT, Worker { run: |app, run| Box::pin(export::make(app, run)), attempts: ATTEMPTS });
        let rotate = Worker { run: |app, run| Box::pin(rotation::carry_on(app, run)), attempts: rotation::ATTEMPTS };
        jobs.register(rotation::KIND, rotate);
    }
    builder
}
