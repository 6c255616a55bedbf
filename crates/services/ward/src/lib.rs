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
mod sealed;
mod shelving;
mod told;
mod vitals;
mod watch;
mod wearable;

use kernel::{Builder, Service};

pub use alerts::open_alerts;
pub use live::Live;
pub use model::{Alert, AlertStatus, Raised};
pub use sealed::SEALED;
pub use shelving::shelve_all;
pub use told::{AlertEvent, alert};
pub use wearable::{Sample, Watched, WearableJudge, Wearer, is_judged};

pub const SERVICE: Service = Service {
    name: "ward",
    routes: routes::routes,
    open: |builder: Builder| wearable::open(ingest::open(builder)),
    work: shelving::tasks,
};
