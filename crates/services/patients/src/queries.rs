//! The statements of this service, one file a table, each followed by the function that runs it.
pub mod conditions;
pub mod contacts;
pub mod patients;
pub mod records;
