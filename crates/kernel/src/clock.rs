//! The clock, passed in so that a test can move it.
#![allow(clippy::disallowed_methods)] // The one place that asks the system for the time.
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};

/// Tells the time in UTC at microseconds, which is what both databases keep.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    System,
    Set(Arc<AtomicI64>),
}

impl Clock {
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still until it is moved.
    pub fn stopped_at(start: DateTime<Utc>) -> Self {
        Self(Source::Set(Arc::new(AtomicI64::new(start.timestamp_micros()))))
    }

    pub fn now(&self) -> DateTime<Utc> {
        let micros = match &self.0 {
            Source::System => Utc::now().timestamp_micros(),
            Source::Set(at) => at.load(Ordering::SeqCst),
        };
        DateTime::from_timestamp_micros(micros).unwrap_or_default()
    }

    /// Moves a stopped clock; the system's clock goes its own way.
    pub fn advance(&self, by: TimeDelta) {
        if let Source::Set(at) = &self.0 {
            at.fetch_add(by.num_microseconds().unwrap_or_default(), Ordering::SeqCst);
        }
    }
}

/// Now by the real clock, whatever a test's clock says: nobody is born later.
pub(crate) fn real_now() -> DateTime<Utc> {
    Utc::now()
}
