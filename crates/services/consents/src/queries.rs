//! Every statement of this crate, each followed by the function that runs it.
pub mod consents;
pub mod delegates;
pub mod glass;
