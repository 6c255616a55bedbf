//! The tables, one file each.
pub mod choices;
pub mod records;
pub mod sources;
