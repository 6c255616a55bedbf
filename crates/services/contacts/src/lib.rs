//! Contact points: the further e-mail addresses, phones and addresses of patients, doctors and institutions.
//!
//! This crate owns the table `contact_points` and emits no events. The primary of each kind is a member of the record
//! itself (`email`, `contact`, `address`), so that there are never two; making another the primary swaps the two. It has
//! no routes and never decides who may read or change a point: the crates that own the records do, under their own
//! rights, with the record's row locked. Start reading at [`Owner`], then [`change`].
mod key;
mod model;
mod owner;
mod points;
mod queries;
mod shapes;
mod value;

pub use key::{email_key, phone_key};
pub use model::{ContactKind, ContactLabel, ContactPoint, ContactPointFilter, ContactPointIn, ContactPointPatch};
pub use owner::{Outcome, Owner};
pub use points::{MOST, absorb, add, change, list, list_each, remove};
pub use queries::forget;
pub use shapes::{ContactEmail, ContactPhone};
pub use value::ContactValue;
