//! Time series of a patient's body: sealed readings, the newest value of each vital, history by time.
//!
//! A reading is one bedside observation with all its measurements, sealed in one row under (patient, time, source):
//! the same reading twice is one reading. This crate owns the tables of readings and newest values, and never shows a
//! value without a [`Grant`](access::Grant). Start reading at [`add`], then [`between`].
mod codec;
mod latest;
mod metric;
mod readings;

pub use latest::{Latest, Sample, forget_latest, latest, lock_latest, put_latest};
pub use metric::Metric;
pub use readings::{Added, Cursor, Measured, NewReading, Reading, add, between, recent};
