//! What this service asks of the one that keeps appointments, which opens both edges.
use access::Caller;
use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use kernel::{App, DoctorId, Result};
use store::{Db, Tx};

/// A number, in a while.
type Count = BoxFuture<'static, Result<i64>>;

/// Counts a doctor's booked appointments that begin between two instants, the first of them included.
pub struct Agenda(pub fn(Db, DoctorId, DateTime<Utc>, DateTime<Utc>) -> Count);

/// Cancels the booked appointments of a doctor who leaves, in the transaction that it is given.
pub struct CancelAgenda(pub for<'a> fn(&'a App, &'a mut Tx, &'a Caller, DoctorId) -> BoxFuture<'a, Result<()>>);
