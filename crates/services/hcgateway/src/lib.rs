//! The gateway that the HCGateway apps speak to: both generations of them, as if this were their own server.
//!
//! Owns the tables `gateway_phones`, `gateway_quarantine` and `gateway_outbox`, sealed with the patient's key; emits no
//! events of its own. Records and points are kept by `wearables`, through its one intake; accounts and sessions are
//! `identity`'s. It never refuses a batch for one bad record, and never answers anything but plain JSON.
//!
//! Start reading at [`sync`], then [`mapping`].
mod batch;
mod fetch;
mod filter;
mod mapping;
mod method;
mod model;
mod phones;
mod plain;
pub mod portable;
mod push;
mod quarantine;
mod queries;
mod record;
mod routes;
mod sealed;
mod status;
mod sync;

use kernel::{Builder, Service};

pub use queries::forget;
pub use sealed::SEALED;

pub const SERVICE: Service = Service { open, ..Service::new("hcgateway", routes::routes) };

fn open(builder: Builder) -> Builder {
    builder.with(sync::Heard::default())
}
