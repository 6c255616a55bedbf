//! The statements of this service, each followed by the function that runs it.
pub mod admissions;
pub mod affiliations;
pub mod beds;
pub mod hospitals;
pub mod institutions;
pub mod search;
pub mod verifications;
