//! What a patient agrees to: consents, delegates, glass that was broken without asking, and who looked.
//!
//! Owns the tables `consents`, `delegates`, `broken_glass` and `glass_breakers`; purposes and reasons are sealed with the
//! patient's key. A consent in force, a delegate and broken glass are care relations of `access`, which alone decides what
//! they open. Emits on the topic `consents` the kinds `consent.requested`, `consent.approved`, `consent.denied`,
//! `consent.revoked`, `consent.erase_due`, `glass.broken`, `glass.reviewed`, `delegate.added` and `delegate.ended`.
//!
//! Start reading at [`approve`](settle::approve): from its commit on the grantee sees, and from that of
//! [`revoke`](settle::revoke) on nothing more.
mod actors;
mod asked;
mod break_glass;
mod delegates;
mod grantee;
mod leave;
mod list;
mod looked;
mod model;
pub mod portable;
mod queries;
mod request;
mod review;
mod routes;
mod sealed;
mod settle;
mod tell;
mod wearables;
mod work;

use kernel::{Builder, Service};

pub use model::{BrokenGlass, Consent, ConsentId, ConsentStatus, Delegate};
pub use sealed::SEALED;
pub use wearables::in_force as wearable_consent;
pub use work::sweep;

pub const SERVICE: Service = Service { name: "consents", routes: routes::routes, open, work: work::tasks };

/// A patient who leaves takes every consent along.
fn open(builder: Builder) -> Builder {
    builder
        .with(patients::EndConsents(|app, tx, caller, patient| Box::pin(leave::of_patient(app, tx, caller, patient))))
}
