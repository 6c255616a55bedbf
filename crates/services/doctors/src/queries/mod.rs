//! The statements of this service, each followed by the function that runs it.
pub mod assignments;
pub mod doctors;
pub mod names;
pub mod profession;
pub mod profiles;
pub mod specialties;
