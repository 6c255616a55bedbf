//! The vault: the master key wraps one data key a patient; data keys seal what is that patient's.
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use aws_lc_rs::aead::RandomizedNonceKey;
use aws_lc_rs::hmac;
use aws_lc_rs::signature::Ed25519KeyPair;
use chrono::{DateTime, Utc};
use kernel::{Clock, Error, PatientId, Result};
use quick_cache::sync::Cache;
use store::{Db, Sql as _, Tx, args, from_row, sql};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::erase::gone;
use crate::patient_key::{PatientKey, Plain, digest_secret};
use crate::seal::{self, Row, Unsealed, binding, system_binding};
use crate::{Digest, Secrets, Tokens, Tombstones};

sql!(KEY_ADD = "INSERT INTO data_keys (patient_id, version, wrapped, created_at) VALUES ($1, $2, $3, $4)");
sql!(
    KEYS_OF =
        "SELECT patient_id AS load_key, version, wrapped, is_in_use, digests FROM data_keys WHERE patient_id = $1"
);

sql!(KEYS_IN_USE = "SELECT version AS value FROM data_keys LIMIT 1");

/// One version of a patient's key as it is stored. The first version has no secret for digests: it is made from that one.
struct Stored {
    load_key: PatientId,
    version: i64,
    wrapped: Vec<u8>,
    is_in_use: bool,
    digests: Option<Vec<u8>>,
}
from_row!(Stored { load_key, version, wrapped, is_in_use, digests });

/// A patient's versions, unwrapped, and the secret behind digests.
pub(crate) type Unwrapped = (Vec<Plain>, Zeroizing<Vec<u8>>);

/// Holds the master key and lends patients' keys.
#[derive(Clone)]
pub struct Vault(Arc<Inner>);

struct Inner {
    master: RandomizedNonceKey,
    tokens: Tokens,
    /// When a strange token last made this process look for new signing keys, in seconds since 1970.
    looked_at: AtomicI64,
    /// Digests that nobody can try out who has the database without the keys.
    mac: hmac::Key,
    /// Signs what must not be rewritten unnoticed.
    attesting: Ed25519KeyPair,
    /// Unwrapped keys of patients seen lately. Only saves work: a key absent here is read from its table.
    lent: Cache<PatientId, PatientKey>,
    /// Patients whose keys are not given out any more, wherever they came from.
    tombstones: Tombstones,
    /// By it lent keys grow stale.
    clock: Clock,
}

/// Keys kept unwrapped in memory at most; each takes about a kilobyte.
const LENT: usize = 4096;

impl Vault {
    pub fn open(secrets: &Secrets) -> Result<Self> {
        Self::open_among(secrets, Tombstones::default(), Clock::system())
    }

    /// As [`open`](Self::open), with those who were erased before, and the program's clock.
    pub fn open_among(secrets: &Secrets, tombstones: Tombstones, clock: Clock) -> Result<Self> {
        let root = hmac::Key::new(hmac::HMAC_SHA256, secrets.root());
        let inner = Inner {
            master: seal::cipher(&secrets.master)?,
            tokens: Tokens::new(secrets)?,
            looked_at: AtomicI64::new(0),
            mac: hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&root, b"short secrets").as_ref()),
            attesting: crate::attest::key(&root)?,
            lent: Cache::new(LENT),
            tombstones,
            clock,
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
        let plain = new_key()?;
        tx.run(&KEY_ADD, args![patient, 1i64, self.wrap(patient, 1, &plain)?, now]).await?;
        let digests = digest_secret(&plain);
        PatientKey::new(patient, vec![Plain { number: 1, key: plain, is_in_use: true }], &digests, now)
    }

    pub(crate) fn wrap(&self, patient: PatientId, version: u32, plain: &[u8]) -> Result<Vec<u8>> {
        seal::seal(&self.0.master, 1, &wrapping(patient, version), plain)
    }

    pub(crate) fn wrap_digests(&self, patient: PatientId, version: u32, secret: &[u8]) -> Result<Vec<u8>> {
        seal::seal(&self.0.master, 1, &digesting(patient, version), secret)
    }

    fn lent(&self, patient: PatientId) -> Option<PatientKey> {
        self.0.lent.get(&patient).filter(|key| key.is_fresh(self.0.clock.now()))
    }

    /// A patient's key. 410 for a patient who was erased; one who was never registered is not found.
    pub async fn key(&self, db: &Db, patient: PatientId) -> Result<PatientKey> {
        if let Some(key) = self.lent(patient) {
            return Ok(key);
        }
        let rows = db.load::<Stored>(&KEYS_OF, patient.0).await?;
        let found = self.lend(rows)?.remove(&patient);
        found.ok_or_else(|| self.absent(patient))
    }

    /// As [`key`](Self::key); none for a patient who was erased, and for one who was never registered.
    pub async fn key_if_there(&self, db: &Db, patient: PatientId) -> Result<Option<PatientKey>> {
        match self.key(db, patient).await {
            Ok(key) => Ok(Some(key)),
            Err(error) if matches!(error.status().as_u16(), 404 | 410) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether any patient has a key in this database: then the master key that wrapped it must be there too.
    pub async fn is_in_use(db: &mut Db) -> Result<bool> {
        Ok(db.one::<i64>(&KEYS_IN_USE, args![]).await?.is_some())
    }

    /// The keys of several patients inside a transaction. Patients without a key are left out.
    pub async fn keys(&self, tx: &mut Tx, patients: &[PatientId]) -> Result<HashMap<PatientId, PatientKey>> {
        let mut found: HashMap<_, _> = patients.iter().filter_map(|p| Some((*p, self.lent(*p)?))).collect();
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
        let mut whose: HashMap<PatientId, Vec<Stored>> = HashMap::new();
        for row in rows {
            whose.entry(row.load_key).or_default().push(row);
        }
        let mut lent = HashMap::with_capacity(whose.len());
        for (patient, rows) in whose {
            let (versions, digests) = self.unwrap(patient, &rows)?;
            let key = PatientKey::new(patient, versions, &digests, self.0.clock.now())?;
            self.0.lent.insert(patient, key.clone());
            lent.insert(patient, key);
        }
        // Asked after the key was put where others find it: whoever is erased meanwhile finds it there, or it is found here.
        lent.retain(|patient, _| !self.is_erased_and_let_go(*patient));
        Ok(lent)
    }

    fn is_erased_and_let_go(&self, patient: PatientId) -> bool {
        let erased = self.is_erased(patient);
        if erased {
            self.drop_lent(patient);
        }
        erased
    }

    fn unwrap(&self, patient: PatientId, rows: &[Stored]) -> Result<Unwrapped> {
        let (mut versions, mut digests) = (Vec::with_capacity(rows.len()), None);
        for row in rows {
            let number = u32::try_from(row.version).map_err(Error::internal)?;
            let key = Zeroizing::new(seal::open(&self.0.master, &wrapping(patient, number), &row.wrapped)?);
            if let Some(wrapped) = &row.digests {
                digests = Some(Zeroizing::new(seal::open(&self.0.master, &digesting(patient, number), wrapped)?));
            } else if digests.is_none() {
                digests = Some(digest_secret(&key));
            }
            versions.push(Plain { number, key, is_in_use: row.is_in_use });
        }
        let digests = digests.ok_or_else(|| Error::internal("a key without a version"))?;
        Ok((versions, digests))
    }

    /// The versions of a patient's key as they are in this transaction; none when there is no key.
    pub(crate) async fn unwrapped_in(&self, tx: &mut Tx, patient: PatientId) -> Result<Option<Unwrapped>> {
        let rows: Vec<Stored> = tx.all(&KEYS_OF, args![patient]).await?;
        if rows.is_empty() { Ok(None) } else { self.unwrap(patient, &rows).map(Some) }
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
pub(crate) fn wrapping(patient: PatientId, version: u32) -> Vec<u8> {
    binding(patient, Row { table: "data_keys", id: patient.0 }, version)
}

/// What the secret behind digests is bound to.
pub(crate) fn digesting(patient: PatientId, version: u32) -> Vec<u8> {
    binding(patient, Row { table: "data_keys.digests", id: patient.0 }, version)
}

/// The material of a new data key.
pub(crate) fn new_key() -> Result<Zeroizing<Vec<u8>>> {
    let mut plain = Zeroizing::new(vec![0u8; 32]);
    aws_lc_rs::rand::fill(plain.as_mut()).map_err(Error::internal)?;
    Ok(plain)
}
