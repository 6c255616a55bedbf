//! What this service asks of those that keep appointments and consents, which open these edges.
use access::{Caller, Grant, Read, data};
use futures::future::BoxFuture;
use kernel::{App, PatientId, Result};
use serde_json::Value;
use store::Tx;

/// What a look at appointments becomes.
type Shown<'a> = BoxFuture<'a, Result<Vec<Value>>>;

/// Shows a patient's next booked appointments, the nearest first and ten at most, as `GET /api/appointments` shows them.
pub struct Appointments(pub for<'a> fn(&'a App, &'a Grant<Read, data::Appointments>) -> Shown<'a>);

/// Cancels the booked appointments of a patient who leaves, in the transaction that it is given.
pub struct CancelAppointments(pub for<'a> fn(&'a App, &'a mut Tx, &'a Caller, PatientId) -> BoxFuture<'a, Result<()>>);

/// Revokes what a patient who leaves consented to, and ends who may act for them, in the transaction that it is given.
pub struct EndConsents(pub for<'a> fn(&'a App, &'a mut Tx, &'a Caller, PatientId) -> BoxFuture<'a, Result<()>>);
