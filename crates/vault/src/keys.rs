//! The vault: the master key wraps one data key a patient; data keys seal what is that patient's.
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use aws_lc_rs::aead::RandomizedNonceKey;
use aws_lc_rs::hmac;
use aws_lc_rs::signature::Ed25519KeyPair;
use chrono::{DateTime, Utc};
use kernel::{Error, PatientId, Result};
use quick_cache::sync::Cache;
use store::{Db, Sql as _, Tx, args, from_row, sql};
use uuid::Uuid;

use crate::erase::gone;
use crate::seal::{self, Row, Unsealed, binding, system_binding};
use crate::{Digest, Secrets, Tokens, Tombstones};

sql!(KEY_ADD = "INSERT INTO data_keys (patient_id, version, wrapped, created_at) VALUES ($1, $2, $3, $4)");
sql!(KEYS_OF = "SELECT patient_id AS load_key, version, wrapped FROM data_keys WHERE patient_id = $1");

sql!(KEYS_IN_USE = "SELECT version AS value FROM data_keys LIMIT 1");

struct Stored {
    load_key: PatientId,
    version: i64,
    wrapped: Vec<u8>,
}
from_row!(Stored { load_key, version, wrapped });

/// Holds the master key and lends patients' keys.
#[derive(Clone)]
pub struct Vault(Arc<Inner>);

struct Inner {
    master: RandomizedNonceKey,
    tokens: Tokens,
    /// When a strange token last made this process look for new signing keys, in seconds since 1970.
    looked_at: AtomicI64,
    /// Digests that nobody can try out who has the database without the master key.
    mac: hmac::Key,
    /// Signs what must not be rewritten unnoticed.
    attesting: Ed25519KeyPair,
    /// Unwrapped keys of patients seen lately. Only saves work: a key absent here is read from its table.
    lent: Cache<PatientId, PatientKey>,
    /// Patients whose keys are not given out any more, wherever they came from.
    tombstones: Tombstones,
}

/// One patient's data key, current version.
#[derive(Clone)]
pub struct PatientKey(Arc<Key>);

struct Key {
    patient: PatientId,
    version: u32,
    cipher: RandomizedNonceKey,
    /// Digests of what is sealed, which nobody can try out who has the database without the key.
    mac: hmac::Key,
}

impl Key {
    fn new(patient: PatientId, version: u32, plain: &[u8]) -> Result<Self> {
        let own = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, plain), b"digests");
        let mac = hmac::Key::new(hmac::HMAC_SHA256, own.as_ref());
        Ok(Self { patient, version, cipher: seal::cipher(plain)?, mac })
    }
}

/// Keys kept unwrapped in memory at most; each takes about a kilobyte.
const LENT: usize = 4096;

impl Vault {
    pub fn open(secrets: &Secrets) -> Result<Self> {
        Self::open_among(secrets, Tombstones::default())
    }

    /// As [`open`](Self::open), with those who were erased before.
    pub fn open_among(secrets: &Secrets, tombstones: Tombstones) -> Result<Self> {
        let master = hmac::Key::new(hmac::HMAC_SHA256, &secrets.master);
        let inner = Inner {
            master: seal::cipher(&secrets.master)?,
            tokens: Tokens::new(secrets)?,
            looked_at: AtomicI64::new(0),
            mac: hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&master, b"short secrets").as_ref()),
            attesting: crate::attest::key(&master)?,
            lent: Cache::new(LENT),
            tombstones,
        };
        Ok(Self(Arc::new(inner)))
    }

    pub(crate) fn tombstones(&self) -> &Tombstones {
        &self.0.tombstones
    }

    /// Lets go of a key that is held in memory.
    pub(crate) fn drop_lent(&self, patient: PatientId) {
        self.0.lent.remove(&patient);
    }

    pub(crate) fn attesting(&self) -> &Ed25519KeyPair {
        &self.0.attesting
    }

    pub(crate) fn looked_at(&self) -> &AtomicI64 {
        &self.0.looked_at
    }

    /// A digest of something short, as a code of six digits: without the master key it cannot be found by trying.
    pub fn mac(&self, purpose: &str, parts: &[&[u8]]) -> Vec<u8> {
        let whole = parts.iter().fold(Digest::default().part(purpose.as_bytes()), |all, part| all.part(part)).finish();
        hmac::sign(&self.0.mac, &whole).as_ref().to_vec()
    }

    /// Signs and checks access tokens.
    pub fn tokens(&self) -> &Tokens {
        &self.0.tokens
    }

    /// Makes a new patient's key.
    pub async fn create_key(&self, tx: &mut Tx, patient: PatientId, now: DateTime<Utc>) -> Result<PatientKey> {
        let mut plain = zeroize::Zeroizing::new([0u8; 32]);
        aws_lc_rs::rand::fill(plain.as_mut()).map_err(Error::internal)?;
        let wrapped = seal::seal(&self.0.master, 1, &wrapping(patient, 1), plain.as_ref())?;
        tx.run(&KEY_ADD, args![patient, 1i64, wrapped, now]).await?;
        Ok(PatientKey(Arc::new(Key::new(patient, 1, plain.as_ref())?)))
    }

    /// A patient's key. 410 for a patient who was erased; one who was never registered is not found.
    pub async fn key(&self, db: &Db, patient: PatientId) -> Result<PatientKey> {
        if let Some(key) = self.0.lent.get(&patient) {
            return Ok(key);
        }
        let rows = db.load::<Stored>(&KEYS_OF, patient.0).await?;
        let found = self.lend(rows)?.remove(&patient);
        found.ok_or_else(|| self.absent(patient))
    }

    /// Whether any patient has a key in this database: then the master key that wrapped it must be there too.
    pub async fn is_in_use(db: &mut Db) -> Result<bool> {
        Ok(db.one::<i64>(&KEYS_IN_USE, args![]).await?.is_some())
    }

    /// The keys of several patients inside a transaction. Patients without a key are left out.
    pub async fn keys(&self, tx: &mut Tx, patients: &[PatientId]) -> Result<HashMap<PatientId, PatientKey>> {
        let mut found: HashMap<_, _> = patients.iter().filter_map(|p| Some((*p, self.0.lent.get(p)?))).collect();
        let absent: Vec<Uuid> = patients.iter().filter(|p| !found.contains_key(p)).map(|p| p.0).collect();
        if !absent.is_empty() {
            found.extend(self.lend(tx.all_each(&KEYS_OF, &absent).await?)?);
        }
        Ok(found)
    }

    /// A patient's key inside a transaction: asking the database beside it would take a second connection. 410 and 404 as
    /// for [`key`](Self::key).
    pub async fn key_in(&self, tx: &mut Tx, patient: PatientId) -> Result<PatientKey> {
        let found = self.keys(tx, &[patient]).await?.remove(&patient);
        found.ok_or_else(|| self.absent(patient))
    }

    fn absent(&self, patient: PatientId) -> Error {
        if self.is_erased(patient) { gone() } else { Error::not_found("patient") }
    }

    fn lend(&self, rows: Vec<Stored>) -> Result<HashMap<PatientId, PatientKey>> {
        let mut newest: HashMap<PatientId, Stored> = HashMap::new();
        for row in rows {
            let known = newest.get(&row.load_key).map_or(0, |r| r.version);
            if row.version > known {
                newest.insert(row.load_key, row);
            }
        }
        let lent: HashMap<_, _> = newest.into_values().map(|row| self.unwrap(&row)).collect::<Result<_>>()?;
        // Asked after the key was put where others find it: whoever is erased meanwhile finds it there, or it is found here.
        Ok(lent.into_iter().filter(|(patient, _)| !self.is_erased_and_let_go(*patient)).collect())
    }

    fn is_erased_and_let_go(&self, patient: PatientId) -> bool {
        let erased = self.is_erased(patient);
        if erased {
            self.drop_lent(patient);
        }
        erased
    }

    fn unwrap(&self, row: &Stored) -> Result<(PatientId, PatientKey)> {
        let (patient, version) = (row.load_key, u32::try_from(row.version).map_err(Error::internal)?);
        let plain = zeroize::Zeroizing::new(seal::open(&self.0.master, &wrapping(patient, version), &row.wrapped)?);
        let key = PatientKey(Arc::new(Key::new(patient, version, &plain)?));
        self.0.lent.insert(patient, key.clone());
        Ok((patient, key))
    }

    /// Seals what belongs to no one patient, such as a kept answer.
    pub fn seal_system(&self, purpose: &str, plain: &[u8]) -> Result<Vec<u8>> {
        seal::seal(&self.0.master, 0, &system_binding(purpose), plain)
    }

    pub fn open_system(&self, purpose: &str, sealed: &[u8]) -> Result<Unsealed> {
        seal::open(&self.0.master, &system_binding(purpose), sealed)
    }
}

/// What a wrapped key is bound to.
fn wrapping(patient: PatientId, version: u32) -> Vec<u8> {
    binding(patient, Row { table: "data_keys", id: patient.0 }, version)
}

impl PatientKey {
    pub fn patient(&self) -> PatientId {
        self.0.patient
    }

    pub fn seal(&self, row: Row<'_>, plain: &[u8]) -> Result<Vec<u8>> {
        seal::seal(&self.0.cipher, self.0.version, &binding(self.0.patient, row, self.0.version), plain)
    }

    /// A digest by which the same content is known again, of this patient's alone and under this key alone.
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
        match seal::version_of(sealed) {
            Some(version) if version == self.0.version => {
                seal::open(&self.0.cipher, &binding(self.0.patient, row, version), sealed)
            }
            _ => Err(Error::internal("the value was sealed with another version of the key")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(patient: PatientId, version: u32) -> PatientKey {
        PatientKey(Arc::new(Key::new(patient, version, &[7; 32]).expect("a key of 32 bytes")))
    }

    #[test]
    fn a_sealed_value_opens_only_in_its_own_place() {
        let (patient, other) = (PatientId(Uuid::from_u128(1)), PatientId(Uuid::from_u128(2)));
        let here = Row { table: "readings", id: Uuid::from_u128(3) };
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
        let (key, here) = (key(PatientId(Uuid::from_u128(1)), 1), Row { table: "readings", id: Uuid::from_u128(3) });
        assert_ne!(key.seal(here, b"72").expect("sealed"), key.seal(here, b"72").expect("sealed"));
    }
}
