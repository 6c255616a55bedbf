//! How often logins may be tried: by one address for one account, by one address at all, and for one account at all.
//!
//! What a person is shut out by is the pair of account and address: whoever guesses at somebody's password shuts out their
//! own address and not the owner of the account. The count of the account alone concerns addresses that it never signed
//! in from, so that many addresses together do not guess faster. Counts are this process's own and in memory; several
//! processes allow as many times more, and a restart begins anew.
use access::network;
use chrono::{DateTime, Utc};
use kernel::{Buckets, Error, Quota, Result, request};
use vault::Digest;

/// Wrong tries a minute. The executable gives this edge.
#[derive(Debug, Clone, Copy)]
pub struct LoginLimits {
    /// For one account from one address.
    pub account: u32,
    /// From one address, for whatever accounts.
    pub address: u32,
    /// For one account, from all addresses it never signed in from.
    pub strangers: u32,
}

impl Default for LoginLimits {
    fn default() -> Self {
        Self { account: 5, address: 60, strangers: 30 }
    }
}

/// Counts kept at most; the least used go first. Each takes some 60 bytes.
const KEPT: usize = 100_000;
/// Codes that may be tried for one account in an hour, from wherever. Whoever gets as far knows the password.
const CODES: Quota = Quota { name: "codes", tries: 20, seconds: 3600 };

type Key = Vec<u8>;

/// The edge through which every check of a password goes first.
pub(crate) struct Throttle {
    limits: LoginLimits,
    buckets: Buckets<Key>,
}

/// A try that was let through, to be given back when it turns out right.
#[derive(Default)]
pub(crate) struct Try(Vec<(Key, Quota)>);

impl Throttle {
    pub fn new(limits: LoginLimits) -> Self {
        Self { limits, buckets: Buckets::new(KEPT) }
    }

    /// Takes one try for this account from this address; 429 when there is none.
    pub fn take(&self, account: &str, address: &str, now: DateTime<Utc>) -> Result<Try> {
        let network = network(address);
        // No account has the empty name, so the address' own key is nobody else's.
        let pair = (key(&[account, &network]), a_minute("login", self.limits.account));
        self.all_or_none([pair, (key(&["", &network]), a_minute("logins", self.limits.address))], now)
    }

    /// Takes one try for this account from whatever address it never signed in from; 429 when there is none.
    pub fn take_stranger(&self, account: &str, now: DateTime<Utc>) -> Result<Try> {
        self.all_or_none([(key(&["strangers", account, ""]), a_minute("account", self.limits.strangers))], now)
    }

    /// Takes one try of a second factor's code; 429 when there is none.
    pub fn take_code(&self, account: &str, address: &str, now: DateTime<Utc>) -> Result<Try> {
        let pair = (key(&["code", account, &network(address)]), a_minute("code", self.limits.account));
        self.all_or_none([pair, (key(&["codes", account, ""]), CODES)], now)
    }

    /// Gives a try back: whoever knows the password is not counted.
    pub fn give_back(&self, taken: &Try) {
        for (key, quota) in &taken.0 {
            self.buckets.give_back(key, *quota);
        }
    }

    /// Nothing is taken from the one when the other is empty.
    fn all_or_none(&self, asked: impl IntoIterator<Item = (Key, Quota)>, now: DateTime<Utc>) -> Result<Try> {
        let mut taken = Try::default();
        for (key, quota) in asked {
            match self.buckets.take_of(&key, quota, now) {
                Ok(left) => request::counted(left),
                Err(seconds) => {
                    self.give_back(&taken);
                    return Err(turned_away(quota, seconds));
                }
            }
            taken.0.push((key, quota));
        }
        Ok(taken)
    }
}

fn a_minute(name: &'static str, tries: u32) -> Quota {
    Quota { name, tries, seconds: 60 }
}

fn key(parts: &[&str]) -> Key {
    parts.iter().fold(Digest::default(), |all, part| all.part(part.as_bytes())).finish()
}

fn turned_away(quota: Quota, seconds: u64) -> Error {
    quota.refused("too many tries to sign in; wait a little", seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn start() -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000, 0).unwrap()
    }

    fn five() -> Throttle {
        Throttle::new(LoginLimits { account: 5, address: 8, strangers: 3 })
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
    }

    #[test]
    fn a_try_that_was_right_is_given_back() {
        let (throttle, now) = (five(), start());
        for _ in 0..100 {
            let taken = throttle.take("asha", "10.0.0.1", now).unwrap();
            throttle.give_back(&taken);
        }
    }

    #[test]
    fn many_addresses_together_guess_no_faster_at_one_account() {
        let (throttle, now) = (five(), start());
        let tries = (0..20).filter(|_| throttle.take_stranger("asha", now).is_ok());
        assert_eq!(tries.count(), 3);
        assert!(throttle.take_stranger("meera", now).is_ok());
        // The owner's own tries are counted elsewhere.
        assert!(throttle.take("asha", "10.0.0.9", now).is_ok());
    }

    #[test]
    fn codes_are_counted_for_the_account_wherever_they_are_tried() {
        let (throttle, now) = (five(), start());
        let tries = (0..100).filter(|n| throttle.take_code("asha", &format!("10.0.0.{n}"), now).is_ok());
        assert_eq!(tries.count(), 20);
    }
}
