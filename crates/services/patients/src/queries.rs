//! The statements of this service, one file a table, each followed by the function that runs it.
pub mod activity;
pub mod conditions;
pub mod contacts;
pub mod erase;
pub mod family_history;
pub mod health;
pub mod insurance;
pub mod merges;
pub mod patients;
pub mod prescriptions;
pub mod records;
pub mod search;
pub mod sensitive;
pub mod validation;
