//! Wearables: devices and apps, what they send, and whether the patient agreed to have it kept.
//!
//! Owns the tables `wearable_sources`, `wearable_records` and `wearable_choices`, sealed with the patient's key; the points
//! themselves are `signals`'. Emits on the topic `wearables` the kinds `wearables.synced`, `device.registered`,
//! `device.removed` and `record.removed`. It never decides whose data may be seen (`access`) nor what is abnormal (`rules`,
//! through the ward).
//!
//! Start reading at [`Intake`]: everything that any app or provider sends comes in there.
mod apple;
mod asked;
pub mod body;
pub mod bounds;
mod check;
mod choices;
mod data;
mod devices;
mod erase;
mod history;
mod holding;
mod intake;
mod judging;
mod large;
mod latest;
mod model;
mod points;
pub mod portable;
mod queries;
mod read;
pub mod records;
mod referenced;
mod routes;
mod sealed;
mod settling;
mod shown;
mod snapshot;
mod sources;
mod spots;
mod times;
mod whose;

use kernel::{Builder, Service};

pub use check::{LONGEST_ID, LONGEST_KIND, is_name};
pub use erase::forget;
pub use intake::Intake;
pub use model::{By, Delivered, Delivery, NewRecord, SourceKind, SourceOf};
pub use sealed::SEALED;
pub use sources::id_of as source_id;
pub use times::{plausible, plausible_for};

/// The event log's topic.
const TOPIC: &str = "wearables";

pub const SERVICE: Service = Service { open, ..Service::new("wearables", routes::routes) };

/// Opens the way in, and what the services below ask of this one.
fn open(builder: Builder) -> Builder {
    intake::open(builder).with(large::Large::default()).with(patients::WearablesDoor(|app, caller, patient, names| {
        Box::pin(async move { referenced::named(app, caller, patient, &names).await })
    }))
}
