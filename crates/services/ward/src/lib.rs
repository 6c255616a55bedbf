//! The ward: bedside readings judged as they come in, alerts, observations, and the encounter as a doctor sees it.
//!
//! Owns observations, alerts and what the rules remember; emits on topic `alerts`. Beds and admissions are the hospital's. Start reading at [`ingest`].
mod alerts;
mod ingest;
mod judge;
mod live;
mod model;
mod observations;
pub mod portable;
mod routes;
mod vitals;
mod watch;

use kernel::{Builder, Service};

pub use alerts::open_alerts;

pub const SERVICE: Service = Service {
    name: "ward",
    routes: routes::routes,
    open: |builder: Builder| ingest::open(builder),
    work: |_| Vec::new(),
};
