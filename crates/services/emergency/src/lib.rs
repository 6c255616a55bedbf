//! Emergencies: raised by people, monitors or rules, streamed to whoever must come, answered step by step.
//!
//! Owns the emergencies' table; emits on topic `emergency`. Never decides who is a responder's concern: that is
//! `access`. Start reading at [`raise`], then [`stream`].
mod list;
mod model;
mod notice;
pub mod portable;
mod queries;
mod raise;
mod routes;
mod sealed;
mod statistics;
mod stream;

use kernel::{Builder, Service};

pub use model::{Severity, Status};
pub use raise::{Answer, NewEmergency, TOPIC, end_of_alert, raise};
pub use sealed::SEALED;

pub const SERVICE: Service = Service {
    name: "emergency",
    routes: routes::routes,
    open: |builder: Builder| builder.with(notice::Live::default()).with(routes::door()),
    work: |app| vec![Box::pin(stream::dispatch(app.clone()))],
};
