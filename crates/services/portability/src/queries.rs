//! The statements of this service, each followed by the function that runs it.
pub mod erasures;
pub mod exports;
