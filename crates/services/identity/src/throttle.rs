//! How often logins may be tried: by one address for one account, and by one address at all.
//!
//! The count is kept for the pair of account and address, never for the account alone: whoever guesses at somebody's
//! password shuts out their own address and not the owner of the account. Counts are this process's own and in memory;
//! several processes allow as many times more, and a restart begins anew.
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use kernel::{Error, Quota, Result};
use quick_cache::unsync::Cache;
use vault::Digest;

/// Tries a minute. The executable gives this edge.
#[derive(Debug, Clone, Copy)]
pub struct LoginLimits {
    /// For one account from one address.
    pub account: u32,
    /// From one address, for whatever accounts.
    pub address: u32,
}

impl Default for LoginLimits {
    fn default() -> Self {
        Self { account: 5, address: 60 }
    }
}

/// Counts kept at most; the least used go first. Each takes some 60 bytes.
const KEPT: usize = 100_000;
const MINUTE: i64 = 60_000_000;

type Key = Vec<u8>;

/// The edge through which every check of a password goes first.
pub(crate) struct Throttle {
    limits: LoginLimits,
    /// When the bucket of each key will be full again, in microseconds: the whole state of a token bucket.
    full_at: Mutex<Cache<Key, i64>>,
}

/// A try that was let through, to be given back when it turns out right.
pub(crate) struct Try([Bucket; 2]);

struct Bucket {
    key: Key,
    quota: Quota,
}

impl Bucket {
    /// What one token takes to come back.
    fn refill(&self) -> i64 {
        MINUTE / i64::from(self.quota.tries.max(1))
    }

    /// Microseconds until a token is there; none when one is there now.
    fn wait(&self, full_at: i64, now: i64) -> i64 {
        (full_at.max(now) + self.refill() - now - MINUTE).max(0)
    }
}

impl Throttle {
    pub fn new(limits: LoginLimits) -> Self {
        Self { limits, full_at: Mutex::new(Cache::new(KEPT)) }
    }

    /// Takes one try for this account from this address; 429 when there is none.
    pub fn take(&self, account: &str, address: &str, now: DateTime<Utc>) -> Result<Try> {
        let (network, now) = (network(address), now.timestamp_micros());
        let bucket = |name, tries, account: &str| {
            let key = Digest::default().part(account.as_bytes()).part(network.as_bytes()).finish();
            Bucket { key, quota: Quota { name, tries, seconds: 60 } }
        };
        // No account has the empty name, so the address' own key is nobody else's.
        let taken = Try([bucket("login", self.limits.account, account), bucket("logins", self.limits.address, "")]);
        let mut all = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let full_at = |all: &Cache<Key, i64>, bucket: &Bucket| all.get(&bucket.key).copied().unwrap_or_default();
        // Nothing is taken from the one when the other is empty.
        for bucket in &taken.0 {
            let wait = bucket.wait(full_at(&all, bucket), now);
            if wait > 0 {
                return Err(turned_away(bucket.quota, wait));
            }
        }
        for bucket in &taken.0 {
            let next = full_at(&all, bucket).max(now) + bucket.refill();
            all.insert(bucket.key.clone(), next);
        }
        Ok(taken)
    }

    /// Gives a try back: whoever knows the password is not counted.
    pub fn give_back(&self, taken: &Try) {
        let mut all = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        for bucket in &taken.0 {
            if let Some(mut full_at) = all.get_mut(&bucket.key) {
                *full_at -= bucket.refill();
            }
        }
    }
}

fn turned_away(quota: Quota, wait: i64) -> Error {
    let seconds = u64::try_from(wait).unwrap_or_default().div_ceil(1_000_000);
    Error::too_many("too many tries to sign in; wait a little").retry_after(seconds).under(quota)
}

/// Whom an address belongs to: one IPv6 subscriber has 2^64 addresses, which share their first half.
fn network(address: &str) -> String {
    match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V6(address)) => format!("{:x}", address.to_bits() >> 64),
        Ok(IpAddr::V4(address)) => address.to_string(),
        Err(_) => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn start() -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000, 0).unwrap()
    }

    fn five() -> Throttle {
        Throttle::new(LoginLimits { account: 5, address: 8 })
    }

    #[test]
    fn five_wrong_tries_a_minute_and_then_one_every_twelve_seconds() {
        let (throttle, now) = (five(), start());
        for _ in 0..5 {
            assert!(throttle.take("asha", "10.0.0.1", now).is_ok());
        }
        assert!(throttle.take("asha", "10.0.0.1", now).is_err());
        assert!(throttle.take("asha", "10.0.0.1", now + TimeDelta::seconds(11)).is_err());
        assert!(throttle.take("asha", "10.0.0.1", now + TimeDelta::seconds(12)).is_ok());
        assert!(throttle.take("asha", "10.0.0.1", now + TimeDelta::seconds(12)).is_err());
    }

    #[test]
    fn who_guesses_shuts_out_neither_other_addresses_nor_other_accounts() {
        let (throttle, now) = (five(), start());
        for _ in 0..6 {
            drop(throttle.take("asha", "10.0.0.1", now));
        }
        assert!(throttle.take("asha", "10.0.0.2", now).is_ok());
        assert!(throttle.take("meera", "10.0.0.1", now).is_ok());
    }

    #[test]
    fn an_address_that_tries_many_accounts_is_stopped() {
        let (throttle, now) = (five(), start());
        let tries = (0..20).filter(|n| throttle.take(&format!("nurse{n}"), "10.0.0.1", now).is_ok());
        assert_eq!(tries.count(), 8);
    }

    #[test]
    fn one_household_is_one_address() {
        let (throttle, now) = (five(), start());
        let tries = (0..20).filter(|n| throttle.take("asha", &format!("2001:db8:1:2::{n:x}"), now).is_ok());
        assert_eq!(tries.count(), 5);
        assert!(throttle.take("asha", "2001:db8:1:3::1", now).is_ok());
        assert_eq!(network("::ffff:10.0.0.1"), network("10.0.0.1"));
    }

    #[test]
    fn a_try_that_was_right_is_given_back() {
        let (throttle, now) = (five(), start());
        for _ in 0..100 {
            let taken = throttle.take("asha", "10.0.0.1", now).unwrap();
            throttle.give_back(&taken);
        }
    }
}
