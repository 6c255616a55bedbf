//! The Aadhaar vault: numbers under keys of their own, found again by a blind index, opened for a reason on record.
use aws_lc_rs::aead::RandomizedNonceKey;
use aws_lc_rs::hmac::{self, HMAC_SHA256};
use chrono::{DateTime, Utc};
use kernel::{Error, PatientId, Result};
use store::{Db, Sql, Tx, args, from_row, sql};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::aadhaar::{AadhaarNumber, AadhaarRules, masked};
use crate::seal::{self, Row, binding};
use crate::{PatientKey, SealedColumn, Secrets, equal, sealed_column};

/// Secrets of the Aadhaar vault that were set by hand. One that was not is derived from the root secret.
#[derive(Default)]
pub struct AadhaarSecrets {
    /// What numbers are looked up and named by: whoever changes it loses every number.
    pub index: Option<Zeroizing<String>>,
    /// What numbers are sealed with.
    pub encryption: Option<Zeroizing<String>>,
}

/// Keeps Aadhaar numbers. The edge through which all of them go.
pub struct AadhaarVault {
    rules: AadhaarRules,
    cipher: RandomizedNonceKey,
    index: hmac::Key,
    uid: hmac::Key,
    check: hmac::Key,
}

/// What is kept of a patient's number and may be known without opening it.
pub struct Aadhaar {
    pub patient_id: PatientId,
    /// 64 hexadecimal digits that stand for the patient in answers; the same for the same number, and nothing more.
    pub uid: String,
    last_four: Vec<u8>,
    /// When a one-time code proved that the number is the patient's.
    pub verified_at: Option<DateTime<Utc>>,
}
from_row!(Aadhaar { patient_id, uid, last_four, verified_at });

impl Aadhaar {
    /// The number as it is shown: `XXXX XXXX 2346`.
    pub fn masked(&self, key: &PatientKey) -> Result<String> {
        let last_four = key.open(last_four_row(self.patient_id), &self.last_four)?;
        String::from_utf8(last_four).map(|text| masked(&text)).map_err(Error::internal)
    }
}

struct Probe {
    patient_id: PatientId,
    key_check: Vec<u8>,
}
from_row!(Probe { patient_id, key_check });

sql!(
    AADHAAR_ADD = "INSERT INTO aadhaar_numbers
        (patient_id, blind_index, uid, sealed, last_four, key_check, verified_at, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
);
sql!(AADHAAR_HOLDER = "SELECT patient_id AS value FROM aadhaar_numbers WHERE blind_index = $1");
sql!(
    AADHAAR_LOCK =
        "SELECT patient_id, uid, last_four, verified_at FROM aadhaar_numbers WHERE blind_index = $1 FOR UPDATE"
);
sql!(AADHAAR_OF = "SELECT patient_id, uid, last_four, verified_at FROM aadhaar_numbers WHERE patient_id = $1");
sql!(AADHAAR_SEALED = "SELECT sealed AS value FROM aadhaar_numbers WHERE patient_id = $1");
sql!(AADHAAR_VERIFY = "UPDATE aadhaar_numbers SET verified_at = $2 WHERE patient_id = $1");
sql!(AADHAAR_REMOVE = "DELETE FROM aadhaar_numbers WHERE patient_id = $1");
sql!(AADHAAR_PROBE = "SELECT patient_id, key_check FROM aadhaar_numbers LIMIT 1");

sql!(AADHAAR_BY_UID = "SELECT patient_id AS value FROM aadhaar_numbers WHERE uid = $1");

/// The patient whom this uid stands for; none for a name that is not written as one.
pub async fn patient_of_uid(sql: &mut impl Sql, name: &str) -> Result<Option<PatientId>> {
    match name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        true => Ok(sql.one(&AADHAAR_BY_UID, args![name.to_ascii_lowercase()]).await?),
        false => Ok(None),
    }
}

const TABLE: &str = "aadhaar_numbers";
const LAST_FOUR: &str = "aadhaar_numbers.last_four";

/// What is sealed here.
pub static SEALED: &[SealedColumn] = &[
    sealed_column!("aadhaar_numbers"."sealed" of "patient_id = $1" by (patient_id: Uuid),
        |row| (TABLE, row.patient_id), Number),
    sealed_column!("aadhaar_numbers"."last_four" of "patient_id = $1" by (patient_id: Uuid),
        |row| (LAST_FOUR, row.patient_id)),
];

impl AadhaarVault {
    pub fn open(secrets: &Secrets, own: &AadhaarSecrets, rules: AadhaarRules) -> Result<Self> {
        let set =
            |secret: &Option<Zeroizing<String>>| secret.as_ref().map(|text| Zeroizing::new(text.as_bytes().to_vec()));
        let index = set(&own.index).unwrap_or_else(|| secrets.root().clone());
        let encryption = set(&own.encryption).unwrap_or_else(|| secrets.root().clone());
        Ok(Self {
            rules,
            cipher: seal::cipher(derived(&encryption, "aadhaar seal").as_ref())?,
            index: key(&index, "aadhaar blind index"),
            uid: key(&index, "aadhaar uid"),
            check: key(&[index.as_slice(), encryption.as_slice()].concat(), "aadhaar key check"),
        })
    }

    /// How closely numbers are looked at here.
    pub fn rules(&self) -> AadhaarRules {
        self.rules
    }

    /// Whether the numbers in this database were kept under the secrets of this vault. With others nobody would be
    /// found again, and everybody could register a second time.
    pub async fn fits(&self, db: &mut Db) -> Result<bool> {
        let probe: Option<Probe> = db.one(&AADHAAR_PROBE, args![]).await?;
        Ok(probe.is_none_or(|probe| equal(&probe.key_check, &self.key_check(probe.patient_id))))
    }

    fn key_check(&self, patient: PatientId) -> Vec<u8> {
        sign(&self.check, patient.0.as_bytes())
    }

    /// Finds a number again without telling it.
    pub fn blind_index(&self, number: &AadhaarNumber) -> Vec<u8> {
        sign(&self.index, number.in_clear().as_bytes())
    }

    /// Keeps a patient's number and answers its uid. 409 when another patient has the number, or the patient another.
    pub async fn keep(
        &self,
        tx: &mut Tx,
        key: &PatientKey,
        number: &AadhaarNumber,
        verified_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<String> {
        let patient = key.patient();
        let uid = hex::encode(sign(&self.uid, number.in_clear().as_bytes()));
        let sealed = self.seal(key, row(patient), number)?;
        let last_four = key.seal(last_four_row(patient), number.last_four().as_bytes())?;
        let (index, check) = (self.blind_index(number), self.key_check(patient));
        let values = args![patient, index, uid.as_str(), sealed, last_four, check, verified_at, now];
        tx.run(&AADHAAR_ADD, values).await.map_err(|error| match error {
            store::Error::Duplicate { .. } if error.is_duplicate_of("blind_index") || error.is_duplicate_of("uid") => {
                Self::taken()
            }
            store::Error::Duplicate { .. } => {
                Error::conflict("the patient has a number already").about("aadhar_number")
            }
            error => error.into(),
        })?;
        Ok(uid)
    }

    /// The refusal of a number that another patient has.
    pub fn taken() -> Error {
        Error::conflict("Patient already registered").about("aadhar_number")
    }

    /// The patient who has this number.
    pub async fn find(&self, sql: &mut impl Sql, number: &AadhaarNumber) -> Result<Option<PatientId>> {
        Ok(sql.one(&AADHAAR_HOLDER, args![self.blind_index(number)]).await?)
    }

    /// As [`find`](Self::find), with what is kept, which does not change until the transaction ends.
    pub async fn lock(&self, tx: &mut Tx, number: &AadhaarNumber) -> Result<Option<Aadhaar>> {
        Ok(tx.one(&AADHAAR_LOCK, args![self.blind_index(number)]).await?)
    }

    /// What is kept of a patient's number.
    pub async fn of(&self, sql: &mut impl Sql, patient: PatientId) -> Result<Option<Aadhaar>> {
        Ok(sql.one(&AADHAAR_OF, args![patient]).await?)
    }

    /// Notes that a patient's number was proved.
    pub async fn verify(&self, tx: &mut Tx, patient: PatientId, now: DateTime<Utc>) -> Result<()> {
        tx.run(&AADHAAR_VERIFY, args![patient, now]).await?;
        Ok(())
    }

    /// Forgets a patient's number.
    pub async fn remove(&self, tx: &mut Tx, patient: PatientId) -> Result<()> {
        tx.run(&AADHAAR_REMOVE, args![patient]).await?;
        Ok(())
    }

    /// Opens a patient's number. `put_down` puts the opening on the audit chain with the same transaction: use the
    /// number once that is committed, and not before.
    pub async fn number(
        &self,
        tx: &mut Tx,
        key: &PatientKey,
        put_down: impl FnOnce(&mut Tx),
    ) -> Result<Option<AadhaarNumber>> {
        let sealed: Option<Vec<u8>> = tx.one(&AADHAAR_SEALED, args![key.patient()]).await?;
        let Some(sealed) = sealed else { return Ok(None) };
        self.unseal(tx, key, row(key.patient()), &sealed, put_down).map(Some)
    }

    /// Seals a number for a place of its own, under the patient's key and the vault's: without either it does not open.
    pub fn seal(&self, key: &PatientKey, row: Row<'_>, number: &AadhaarNumber) -> Result<Vec<u8>> {
        let inner = key.seal(row, number.in_clear().as_bytes())?;
        seal::seal(&self.cipher, 0, &binding(key.patient(), row, 0), &inner)
    }

    /// What [`seal`](Self::seal) sealed, with the version of the patient's key that seals now; none when it is so already. Nobody
    /// gets to see the number.
    pub(crate) fn anew(&self, key: &PatientKey, row: Row<'_>, sealed: &[u8]) -> Result<Option<Vec<u8>>> {
        let bound = binding(key.patient(), row, 0);
        let inner = key.anew(row, &seal::open(&self.cipher, &bound, sealed)?)?;
        inner.map(|inner| seal::seal(&self.cipher, 0, &bound, &inner)).transpose()
    }

    /// Opens what [`seal`](Self::seal) sealed; `put_down` as for [`number`](Self::number).
    pub fn unseal(
        &self,
        tx: &mut Tx,
        key: &PatientKey,
        row: Row<'_>,
        sealed: &[u8],
        put_down: impl FnOnce(&mut Tx),
    ) -> Result<AadhaarNumber> {
        put_down(tx);
        let inner = seal::open(&self.cipher, &binding(key.patient(), row, 0), sealed)?;
        let digits = Zeroizing::new(key.open(row, &inner)?);
        let text = std::str::from_utf8(&digits).map_err(Error::internal)?;
        // It was looked at when it was kept; the rules may have been others then.
        AadhaarNumber::parse(text, AadhaarRules::AnyTwelve).map_err(Error::internal)
    }
}

fn row(patient: PatientId) -> Row<'static> {
    Row { table: TABLE, id: patient.0 }
}

fn last_four_row(patient: PatientId) -> Row<'static> {
    Row { table: LAST_FOUR, id: patient.0 }
}

fn derived(secret: &[u8], purpose: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(HMAC_SHA256, secret), purpose.as_bytes())
}

fn key(secret: &[u8], purpose: &str) -> hmac::Key {
    hmac::Key::new(HMAC_SHA256, derived(secret, purpose).as_ref())
}

fn sign(key: &hmac::Key, what: &[u8]) -> Vec<u8> {
    hmac::sign(key, what).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault(own: &AadhaarSecrets) -> AadhaarVault {
        use base64::Engine as _;
        let key = base64::engine::general_purpose::STANDARD.encode([7; 32]);
        let secrets = Secrets::from_text(&key, &key).unwrap();
        AadhaarVault::open(&secrets, own, AadhaarRules::Issued).unwrap()
    }

    fn number() -> AadhaarNumber {
        AadhaarNumber::parse("234123412346", AadhaarRules::Issued).unwrap()
    }

    #[test]
    fn each_secret_gives_another_index_and_none_gives_the_uid() {
        let derived = vault(&AadhaarSecrets::default());
        let set = vault(&AadhaarSecrets { index: Some(Zeroizing::new("a secret".to_owned())), encryption: None });
        assert_eq!(derived.blind_index(&number()), vault(&AadhaarSecrets::default()).blind_index(&number()));
        assert_ne!(derived.blind_index(&number()), set.blind_index(&number()));
        assert_ne!(derived.blind_index(&number()), sign(&derived.uid, b"234123412346"));
        // Not what the documents' own digest of the number would be, under any of the keys.
        assert_ne!(derived.blind_index(&number()), crate::sha256(b"234123412346"));
    }
}
