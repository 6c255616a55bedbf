//! How many requests a caller may make, by class: counted for each account, device and service account on its own.
//!
//! Counts are this process's own and in memory. Several processes allow as many times more, and a restart begins anew.
use std::net::IpAddr;

use axum::http::Method;
use chrono::{DateTime, Utc};
use kernel::{Buckets, Quota, Result, request};
use uuid::Uuid;

/// Requests a minute for one caller; 0 sets no limit. The executable gives this edge.
#[derive(Debug, Clone, Copy, Default)]
pub struct RateLimits {
    /// What changes nothing.
    pub reads: u32,
    /// What changes something.
    pub writes: u32,
    /// Readings of monitors and gateways, which come all day.
    pub readings: u32,
    /// What takes much with it.
    pub exports: u32,
    /// Requests without a caller that cost something, from one address.
    pub strangers: u32,
}

/// What a request costs, roughly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Class {
    Read,
    Write,
    Reading,
    Export,
    Stranger,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Whose {
    Caller(Uuid),
    Network(String),
}

/// Counts kept at most; each takes some 60 bytes.
const KEPT: usize = 100_000;

/// The edge that counts.
pub struct Rates {
    limits: RateLimits,
    buckets: Buckets<(Class, Whose)>,
}

impl Rates {
    pub fn new(limits: RateLimits) -> Self {
        Self { limits, buckets: Buckets::new(KEPT) }
    }

    /// Counts a request of a caller who is known; 429 when there were too many.
    pub(crate) fn count(&self, caller: Uuid, method: &Method, path: &str, now: DateTime<Utc>) -> Result<()> {
        self.take(class(method, path), Whose::Caller(caller), now)
    }

    /// Counts a request of somebody who is not known, by their address; 429 when there were too many.
    pub fn count_stranger(&self, address: &str, now: DateTime<Utc>) -> Result<()> {
        self.take(Class::Stranger, Whose::Network(network(address)), now)
    }

    fn take(&self, class: Class, whose: Whose, now: DateTime<Utc>) -> Result<()> {
        let quota = self.quota(class);
        if quota.tries == 0 {
            return Ok(());
        }
        let taken = self.buckets.take_of(&(class, whose), quota, now);
        taken
            .map(request::counted)
            .map_err(|seconds| quota.refused("too many requests in a minute; wait a little", seconds))
    }

    fn quota(&self, class: Class) -> Quota {
        let limits = &self.limits;
        let (name, tries) = match class {
            Class::Read => ("reads", limits.reads),
            Class::Write => ("writes", limits.writes),
            Class::Reading => ("readings", limits.readings),
            Class::Export => ("exports", limits.exports),
            Class::Stranger => ("strangers", limits.strangers),
        };
        Quota { name, tries, seconds: 60 }
    }
}

fn class(method: &Method, path: &str) -> Class {
    // A phone sends a month of heart rates again every two hours, one request a record.
    if (path == "/vitals" || path.starts_with("/api/v2/sync/")) && *method == Method::POST {
        return Class::Reading;
    }
    // To ask how far an export is costs no more than any look.
    let (asked, fetched) = (path.ends_with("/exports") && *method == Method::POST, path.ends_with("/file"));
    if asked || fetched || path.split('/').any(|part| part == "export") {
        return Class::Export;
    }
    if method.is_safe() { Class::Read } else { Class::Write }
}

/// Whom an address belongs to: one IPv6 subscriber has 2^64 addresses, which share their first half.
pub fn network(address: &str) -> String {
    match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V6(address)) => format!("{:x}", address.to_bits() >> 64),
        Ok(IpAddr::V4(address)) => address.to_string(),
        Err(_) => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_counted_by_what_it_costs() {
        for (method, path, expected) in [
            (Method::GET, "/api/patients", Class::Read),
            (Method::POST, "/api/patients", Class::Write),
            (Method::DELETE, "/api/patients/1", Class::Write),
            (Method::POST, "/vitals", Class::Reading),
            (Method::POST, "/api/v2/sync/HeartRate", Class::Reading),
            (Method::DELETE, "/api/v2/sync/HeartRate", Class::Write),
            (Method::POST, "/api/v1/patients/1/exports", Class::Export),
            (Method::GET, "/api/v1/patients/1/exports/2", Class::Read),
            (Method::GET, "/api/v1/patients/1/exports/2/file", Class::Export),
            (Method::GET, "/api/v1/audit/export", Class::Export),
        ] {
            assert_eq!(class(&method, path), expected, "{method} {path}");
        }
    }

    #[test]
    fn each_caller_and_each_class_is_counted_alone() {
        let rates = Rates::new(RateLimits { reads: 2, writes: 1, ..RateLimits::default() });
        let (asha, ravi) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let ask = |who, method| rates.count(who, &method, "/api/patients", now).is_ok();
        assert_eq!([ask(asha, Method::GET), ask(asha, Method::GET), ask(asha, Method::GET)], [true, true, false]);
        assert_eq!([ask(asha, Method::POST), ask(asha, Method::POST), ask(ravi, Method::GET)], [true, false, true]);
        // A class without a limit is not counted.
        assert!((0..1000).all(|_| rates.count(asha, &Method::POST, "/vitals", now).is_ok()));
    }

    #[test]
    fn one_household_is_one_stranger() {
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:10.0.0.1"), network("10.0.0.1"));
    }
}
