//! One patient's data key as it is lent: every version that still counts opens, the newest one in use seals.
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use aws_lc_rs::aead::RandomizedNonceKey;
use aws_lc_rs::hmac;
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Error, PatientId, Result};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::seal::{self, Row, Unsealed, binding};

/// How long a lent key is given out before its rows are read again. A new version is there for twice as long before it
/// seals anything, so that no process meets a value of a version that it does not know.
pub(crate) const FRESH: TimeDelta = TimeDelta::seconds(30);
/// How long a key seals after it was read. What was sealed with an old version is on the disk long before that version
/// is destroyed.
const SEALS_FOR: Duration = Duration::from_secs(300);

/// One patient's data key. Whoever works for long asks for it again now and then.
#[derive(Clone)]
pub struct PatientKey(Arc<Key>);

struct Key {
    patient: PatientId,
    /// The newest first.
    versions: Vec<Version>,
    /// The place of the one that seals.
    sealing: usize,
    /// Digests of what is sealed, which nobody can try out who has the database without the key.
    mac: hmac::Key,
    /// When its rows were read, by the system's steady clock and by the program's.
    read: (Instant, DateTime<Utc>),
    /// Set when a value of a version turned up that is not among these.
    is_behind: AtomicBool,
}

struct Version {
    number: u32,
    cipher: RandomizedNonceKey,
}

/// A version of a data key as it is unwrapped.
pub(crate) struct Plain {
    pub number: u32,
    pub key: Zeroizing<Vec<u8>>,
    pub is_in_use: bool,
}

/// The secret behind digests. It outlives the version it was made from, so that what is sent again is known again.
pub(crate) fn digest_secret(first: &[u8]) -> Zeroizing<Vec<u8>> {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, first), b"digests");
    Zeroizing::new(tag.as_ref().to_vec())
}

impl PatientKey {
    /// A key of all its versions, at least one of them in use.
    pub(crate) fn new(
        patient: PatientId,
        mut versions: Vec<Plain>,
        digests: &[u8],
        now: DateTime<Utc>,
    ) -> Result<Self> {
        versions.sort_by_key(|version| std::cmp::Reverse(version.number));
        let sealing = versions.iter().position(|version| version.is_in_use);
        let sealing = sealing.ok_or_else(|| Error::internal("no version of the key is in use"))?;
        let unwrapped = |plain: &Plain| Ok(Version { number: plain.number, cipher: seal::cipher(&plain.key)? });
        Ok(Self(Arc::new(Key {
            patient,
            versions: versions.iter().map(unwrapped).collect::<Result<_>>()?,
            sealing,
            mac: hmac::Key::new(hmac::HMAC_SHA256, digests),
            read: (Instant::now(), now),
            is_behind: AtomicBool::new(false),
        })))
    }

    pub fn patient(&self) -> PatientId {
        self.0.patient
    }

    /// The version that seals.
    pub(crate) fn version(&self) -> u32 {
        self.0.versions[self.0.sealing].number
    }

    /// Whether versions before the one that seals are still opened.
    pub fn has_older(&self) -> bool {
        self.0.sealing + 1 < self.0.versions.len()
    }

    /// Whether it may be given out once more without a look at its rows. Both clocks are asked: one of them stands still
    /// in tests, the other can be set back.
    pub(crate) fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        let (steady, told) = self.0.read;
        let aged = steady.elapsed() >= FRESH.to_std().unwrap_or_default() || now - told >= FRESH || now < told;
        !aged && !self.0.is_behind.load(Ordering::Relaxed)
    }

    pub fn seal(&self, row: Row<'_>, plain: &[u8]) -> Result<Vec<u8>> {
        if self.0.read.0.elapsed() >= SEALS_FOR {
            return Err(Error::unavailable("a key was held for too long; try again").retry_after(1));
        }
        let Version { number, cipher } = &self.0.versions[self.0.sealing];
        seal::seal(cipher, *number, &binding(self.0.patient, row, *number), plain)
    }

    /// A digest by which the same content is known again, of this patient's alone. It is the same under every version.
    pub fn digest(&self, purpose: &str, content: &[u8]) -> Uuid {
        let mut mac = hmac::Context::with_key(&self.0.mac);
        mac.update(&[purpose.len() as u8]);
        mac.update(purpose.as_bytes());
        mac.update(content);
        let mut half = [0u8; 16];
        half.copy_from_slice(&mac.sign().as_ref()[..16]);
        Uuid::from_bytes(half)
    }

    pub fn open(&self, row: Row<'_>, sealed: &[u8]) -> Result<Unsealed> {
        let number = seal::version_of(sealed);
        match self.0.versions.iter().find(|version| Some(version.number) == number) {
            Some(Version { number, cipher }) => seal::open(cipher, &binding(self.0.patient, row, *number), sealed),
            None => {
                // Whoever asks for the key next gets it as it is now.
                self.0.is_behind.store(true, Ordering::Relaxed);
                Err(Error::internal("the value was sealed with another version of the key"))
            }
        }
    }

    /// The value as the newest version in use seals it; none when that one sealed it already, or nothing is there.
    pub(crate) fn anew(&self, row: Row<'_>, sealed: &[u8]) -> Result<Option<Vec<u8>>> {
        if sealed.is_empty() || seal::version_of(sealed) == Some(self.version()) {
            return Ok(None);
        }
        let plain = Zeroizing::new(self.open(row, sealed)?);
        self.seal(row, &plain).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Row<'static> = Row { table: "readings", id: Uuid::from_u128(3) };

    fn versions(patient: PatientId, numbers: &[(u32, bool)]) -> PatientKey {
        let plain = |&(number, is_in_use): &(u32, bool)| Plain { number, key: Zeroizing::new(vec![7; 32]), is_in_use };
        let now = DateTime::UNIX_EPOCH;
        PatientKey::new(patient, numbers.iter().map(plain).collect(), &[8; 32], now).expect("a key of 32 bytes")
    }

    fn key(patient: PatientId, version: u32) -> PatientKey {
        versions(patient, &[(version, true)])
    }

    #[test]
    fn a_sealed_value_opens_only_in_its_own_place() {
        let (patient, other) = (PatientId(Uuid::from_u128(1)), PatientId(Uuid::from_u128(2)));
        let here = HERE;
        let sealed = key(patient, 1).seal(here, b"72 bpm").expect("sealed");
        assert_eq!(key(patient, 1).open(here, &sealed).expect("its own place"), b"72 bpm");
        // The same key material everywhere: only the place differs.
        assert!(key(other, 1).open(here, &sealed).is_err(), "another patient");
        assert!(key(patient, 2).open(here, &sealed).is_err(), "another version of the key");
        assert!(key(patient, 1).open(Row { table: "alerts", ..here }, &sealed).is_err(), "another table");
        assert!(key(patient, 1).open(Row { id: Uuid::from_u128(4), ..here }, &sealed).is_err(), "another row");
        for at in 0..sealed.len() {
            let mut flipped = sealed.clone();
            flipped[at] ^= 1;
            assert!(key(patient, 1).open(here, &flipped).is_err(), "byte {at} flipped");
        }
        assert!(key(patient, 1).open(here, &sealed[..10]).is_err(), "cut short");
    }

    #[test]
    fn the_same_value_is_never_sealed_alike_twice() {
        let key = key(PatientId(Uuid::from_u128(1)), 1);
        assert_ne!(key.seal(HERE, b"72").expect("sealed"), key.seal(HERE, b"72").expect("sealed"));
    }

    #[test]
    fn a_version_that_is_not_in_use_opens_and_does_not_seal() {
        let patient = PatientId(Uuid::from_u128(1));
        let (old, told) = (key(patient, 1), versions(patient, &[(1, true), (2, false)]));
        let new = versions(patient, &[(1, true), (2, true)]);
        assert_eq!((told.version(), new.version()), (1, 2));
        let by_new = new.seal(HERE, b"72").expect("sealed");
        assert_eq!(told.open(HERE, &by_new).expect("it knows the version"), b"72");
        assert_eq!(new.open(HERE, &old.seal(HERE, b"71").expect("sealed")).expect("it knows the version"), b"71");
        assert!(old.is_fresh(DateTime::UNIX_EPOCH));
        old.open(HERE, &by_new).expect_err("it does not know the version");
        assert!(!old.is_fresh(DateTime::UNIX_EPOCH), "and is read again before it is given out");
    }

    #[test]
    fn a_value_is_sealed_anew_once() {
        let patient = PatientId(Uuid::from_u128(1));
        let new = versions(patient, &[(1, true), (2, true)]);
        let before = key(patient, 1).seal(HERE, b"72").expect("sealed");
        let after = new.anew(HERE, &before).expect("opened").expect("it was of the old version");
        assert_eq!(key(patient, 2).open(HERE, &after).expect("the new version alone opens it"), b"72");
        assert_eq!(new.anew(HERE, &after).expect("known"), None);
        assert_eq!(new.anew(HERE, &[]).expect("nothing is there"), None);
    }

    #[test]
    fn a_key_grows_stale_by_either_clock() {
        let (key, then) = (key(PatientId(Uuid::from_u128(1)), 1), DateTime::UNIX_EPOCH);
        assert!(key.is_fresh(then) && key.is_fresh(then + FRESH - TimeDelta::microseconds(1)));
        assert!(!key.is_fresh(then + FRESH));
        assert!(!key.is_fresh(then - TimeDelta::seconds(1)), "a clock that was set back tells nothing");
    }
}
