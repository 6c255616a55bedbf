//! What every service is made of: [`App`], [`Service`], [`Error`], ids, the clock, pages and extractors.
//!
//! This crate never names a service and knows nothing of patients. Start reading at [`App`] and [`Error`].
// The macros of this crate name it as other crates do.
extern crate self as kernel;

mod app;
mod bucket;
mod catch_up;
mod clock;
mod envelope;
mod error;
mod etag;
mod extract;
pub mod ids;
mod page;
mod patch;
pub mod request;
mod sound;
mod text;

pub use app::{App, Builder, Service, Task};
pub use bucket::{Buckets, Left};
pub use catch_up::catch_up;
pub use clock::Clock;
pub use envelope::Success;
pub use error::{Error, Errors, FieldError, Problem, Quota, Result};
pub use etag::{IfMatch, Stale, Tagged, Versioned};
pub use extract::{Arriving, Body, Json, Path, Query, body};
pub use ids::{AlertId, DoctorId, EmergencyId, EncounterId, HospitalId, PatientId, ReadingId, SessionId, UserId};
pub use page::{Enclosed, Listed, PageQuery};
pub use patch::Patch;
pub use sound::{sound, words};
pub use text::{Text, contact, email, name, not_blank, not_future, small_json};

#[doc(hidden)]
pub use {serde, store, utoipa};
