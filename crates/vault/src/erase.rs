//! Erasing a patient: the key goes, and with it everything that it sealed.
use chrono::{DateTime, Utc};
use kernel::{Error, PatientId, Result};
use store::{Db, Pending, Sql, Tx, Where, args, sql};

use crate::{Tombstones, Vault, rotation};

sql!(KEYS_DESTROY = "DELETE FROM data_keys WHERE patient_id = $1");
sql!(ERASED_ADD = "INSERT INTO erased_patients (patient_id, erased_at) VALUES ($1, $2) ON CONFLICT DO NOTHING");
sql!(
    ERASED_PAGE = "SELECT patient_id AS value FROM erased_patients WHERE patient_id > $1 ORDER BY patient_id LIMIT $2"
);
sql!(KEY_THERE = "SELECT patient_id AS value FROM data_keys WHERE patient_id = $1 LIMIT 1");

/// Rows read at a time.
const PAGE: i64 = 10_000;
/// Patients that are asked about in one statement.
const BATCH: usize = 256;

/// The tombstones that a transaction sets when everything else of it is written.
#[derive(Default)]
struct Burials(Vec<(Vault, PatientId)>);

impl Pending for Burials {
    /// The last thing before the commit: a tombstone over somebody whose erasure failed would take them their key.
    const ORDER: u8 = u8::MAX;

    async fn flush(self, _: &mut Tx) -> store::Result<()> {
        for (vault, patient) in self.0 {
            vault.tombstones().add(patient)?;
        }
        Ok(())
    }
}

impl Vault {
    /// Destroys a patient's keys in this transaction. A tombstone is on the disk before the commit: should the
    /// commit be the thing that fails, the erasure is finished at the next start, which asks for [`half_erased`].
    ///
    /// [`half_erased`]: Self::half_erased
    pub async fn erase(&self, tx: &mut Tx, patient: PatientId, now: DateTime<Utc>) -> Result<()> {
        rotation::lock(tx, patient).await?;
        tx.run(&KEYS_DESTROY, args![patient]).await?;
        tx.run(&ERASED_ADD, args![patient, now]).await?;
        tx.pending::<Burials>().0.push((self.clone(), patient));
        let vault = self.clone();
        tx.after_commit(move || vault.drop_lent(patient));
        Ok(())
    }

    /// Whether a patient was erased, as far as this process knows. Asks no database.
    pub fn is_erased(&self, patient: PatientId) -> bool {
        self.tombstones().contains(patient)
    }

    /// Takes note that another process erased a patient: the key is let go, and the tombstone is set here too, for the
    /// keys directory may be another one.
    pub fn learn_erased(&self, patient: PatientId) -> Result<()> {
        if !self.is_erased(patient) {
            self.tombstones().add(patient)?;
        }
        self.drop_lent(patient);
        Ok(())
    }

    /// Takes note of everybody who was erased in this database: by other processes too, while this one did not run.
    pub async fn learn_all_erased(&self, db: &Db) -> Result<()> {
        let (mut db, mut after) = (db.clone(), PatientId(uuid::Uuid::nil()));
        loop {
            let page: Vec<PatientId> = db.all(&ERASED_PAGE, args![after, PAGE]).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = *last;
            page.into_iter().try_for_each(|patient| self.learn_erased(patient))?;
        }
    }

    /// Whether a patient's key is in the database, wherever a tombstone stands. The patient's row is locked by the caller.
    pub async fn is_keyed(tx: &mut Tx, patient: PatientId) -> Result<bool> {
        Ok(tx.one::<PatientId>(&KEY_THERE, args![patient]).await?.is_some())
    }

    /// Patients over whom a tombstone stands and whose key is in the database all the same: it was restored from a backup
    /// that is older than their erasure.
    pub async fn half_erased(&self, db: &Db) -> Result<Vec<PatientId>> {
        self.tombstones().with_keys(db).await
    }
}

impl Tombstones {
    /// Those of the patients with a key in this database over whom a tombstone stands.
    pub async fn with_keys(&self, db: &Db) -> Result<Vec<PatientId>> {
        let (mut db, mut found) = (db.clone(), Vec::new());
        for some in self.all().chunks(BATCH) {
            let keyed = Where::new("SELECT DISTINCT patient_id AS value FROM data_keys").among("patient_id", some);
            found.append(&mut db.find::<PatientId>(keyed).await?);
        }
        Ok(found)
    }
}

/// What is answered about a patient who was erased.
pub(crate) fn gone() -> Error {
    Error::gone("the patient was erased")
}
