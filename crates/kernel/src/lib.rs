//! What every service is made of: [`App`], [`Service`], [`Error`], ids, the clock, pages and extractors.
//!
//! This crate never names a service and knows nothing of patients. Start reading at [`App`] and [`Error`].
// The macros of this crate name it as other crates do.
extern crate self as kernel;

mod app;
mod clock;
mod envelope;
mod error;
mod etag;
mod extract;
pub mod ids;
mod page;
mod patch;
pub mod request;
mod text;

pub use app::{App, Builder, Service, Task};
pub use clock::Clock;
pub use envelope::Success;
pub use error::{Error, Errors, FieldError, Problem, Quota, Result};
pub use etag::{IfMatch, Tagged, Versioned};
pub use extract::{Body, Json, Path, Query, body};
pub use ids::{AlertId, DoctorId, EmergencyId, EncounterId, HospitalId, PatientId, ReadingId, SessionId, UserId};
pub use page::{Listed, PageQuery};
pub use patch::Patch;
pub use text::{Text, contact, not_blank, not_future, small_json};

#[doc(hidden)]
pub use {serde, store, utoipa};
