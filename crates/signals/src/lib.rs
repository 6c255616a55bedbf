//! Time series of a patient's body: bedside readings, and what wearables measured; the newest of each, history by time.
//!
//! A reading is one bedside observation with all its measurements, sealed in one row under (patient, time, source):
//! the same reading twice is one reading. A point is one value of a wearable, known by (metric, from, to, source). Points come
//! in batches; what of a batch is new lies sealed in a chunk, and chunks are folded into segments in the order of time. This
//! crate owns the tables of both, and never shows a value without a [`Grant`](access::Grant). Readings are of the category
//! `Vitals` and points of `Wearables`, and neither is shown through the other's grant. Start reading at [`add`] and
//! [`between`], or at [`store`] and [`history`].
mod buckets;
mod calendar;
mod codec;
mod columns;
mod coverage;
mod fold;
#[doc(hidden)]
pub mod fuzzing;
mod gauges;
mod head;
mod history;
mod latest;
mod load;
mod metric;
mod pack;
mod point;
mod readings;
mod rows;
mod sealed;
mod shelf;
mod storing;
mod sums;
mod unit;
mod varint;

pub use buckets::{Bucket, Order, buckets};
pub use calendar::Step;
pub use coverage::{Coverage, coverage};
pub use fold::fold_waiting;
pub use head::{Newest, newest, newest_of_many, newest_to_judge};
pub use history::{Place, Window, history};
pub use latest::{
    AskedLatest, Latest, Sample, ask_latest, forget_latest, latest, lock_latest, locked_latest, put_latest,
};
pub use metric::{Described, Kind, Metric};
pub use point::{Found, NewPoints, Outcome, Outdoes, Point, Quality};
pub use readings::{Added, Cursor, Measured, NewReading, Reading, add, between, recent};
pub use rows::forget;
pub use sealed::SEALED;
pub use shelf::{SHELVED_AFTER, measured_patients, shelve};
pub use storing::store;
pub use unit::{Dimension, Unfit, convert};
