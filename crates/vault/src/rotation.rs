//! New versions of patients' keys: told of, put in use, and the only ones in the end.
//!
//! A version is *told of* for a minute before it seals anything: by then every process has read it, since none gives a
//! key out for longer than half of that without a look at its rows. When nothing is sealed with the versions before it
//! any more, and whoever still held one of those has let go of it, they are destroyed.
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{PatientId, Result};
use store::{Db, Sql as _, Tx, args, sql};

use crate::keys::{Vault, new_key};
use crate::patient_key::FRESH;

sql!(KEYS_LOCK = "SELECT version AS value FROM data_keys WHERE patient_id = $1 ORDER BY version FOR UPDATE");
sql!(
    KEYS_SINCE = "SELECT count(*) AS value FROM data_keys
    WHERE patient_id = $1 AND (created_at >= $2 OR NOT is_in_use)"
);
sql!(
    KEY_TELL = "INSERT INTO data_keys (patient_id, version, wrapped, created_at, is_in_use, digests)
    VALUES ($1, $2, $3, $4, FALSE, $5)"
);
sql!(
    KEY_USE = "UPDATE data_keys SET is_in_use = TRUE, used_from = $3
    WHERE patient_id = $1 AND NOT is_in_use AND created_at <= $2"
);
sql!(
    KEY_USED_SINCE = "SELECT version AS value FROM data_keys
    WHERE patient_id = $1 AND is_in_use AND used_from <= $2
    ORDER BY version DESC
    LIMIT 1"
);
sql!(KEYS_RETIRE = "DELETE FROM data_keys WHERE patient_id = $1 AND version < $2");
sql!(
    KEYS_OLD = "SELECT patient_id AS value FROM data_keys
    WHERE patient_id > $1
    GROUP BY patient_id
    HAVING max(created_at) < $2
    ORDER BY patient_id
    LIMIT $3"
);
sql!(
    KEYS_SEVERAL = "SELECT patient_id AS value FROM data_keys
    WHERE patient_id > $1
    GROUP BY patient_id
    HAVING count(*) > 1
    ORDER BY patient_id
    LIMIT $2"
);
sql!(KEYED = "SELECT count(DISTINCT patient_id) AS value FROM data_keys");
sql!(KEYS_ALL = "SELECT count(*) AS value FROM data_keys");

/// How long a version is told of before it is used.
pub const TOLD_FOR: TimeDelta = TimeDelta::seconds(2 * FRESH.num_seconds());
/// How long after that the versions before it stay at least: longer than anybody seals with a key that was lent, and any
/// transaction with what was sealed runs.
pub const STAYS_FOR: TimeDelta = TimeDelta::minutes(15);

/// How many patients have keys, and how many versions those have together.
pub struct Counted {
    pub patients: i64,
    pub versions: i64,
}

/// Locks a patient's versions, so that none is made while the patient is erased. What was waited for is seen by the next
/// question alone.
pub async fn lock(tx: &mut Tx, patient: PatientId) -> Result<Vec<i64>> {
    Ok(tx.all(&KEYS_LOCK, args![patient]).await?)
}

impl Vault {
    /// Patients after one of them whose keys were all made before a time, in the order of their ids.
    pub async fn keyed_before(
        db: &mut Db,
        after: PatientId,
        began: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<PatientId>> {
        Ok(db.all(&KEYS_OLD, args![after, began, limit]).await?)
    }

    /// Patients after one of them who have more than one version of their key, in the order of their ids.
    pub async fn with_several(db: &mut Db, after: PatientId, limit: i64) -> Result<Vec<PatientId>> {
        Ok(db.all(&KEYS_SEVERAL, args![after, limit]).await?)
    }

    pub async fn count_keys(db: &mut Db) -> Result<Counted> {
        let patients = db.one(&KEYED, args![]).await?.unwrap_or_default();
        Ok(Counted { patients, versions: db.one(&KEYS_ALL, args![]).await?.unwrap_or_default() })
    }

    /// Makes the next version of a patient's key and tells of it. False when one was made since `began`, when another is
    /// told of already, and when the patient was erased.
    pub async fn tell_of_new(
        &self,
        tx: &mut Tx,
        patient: PatientId,
        began: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let known = lock(tx, patient).await?;
        let since: i64 = tx.one(&KEYS_SINCE, args![patient, began]).await?.unwrap_or_default();
        let Some((_, digests)) = self.unwrapped_in(tx, patient).await?.filter(|_| !known.is_empty() && since == 0)
        else {
            return Ok(false);
        };
        let number = known.iter().max().copied().unwrap_or_default() + 1;
        let version = u32::try_from(number).map_err(kernel::Error::internal)?;
        let wrapped = self.wrap(patient, version, &new_key()?)?;
        let digests = self.wrap_digests(patient, version, &digests)?;
        tx.run(&KEY_TELL, args![patient, number, wrapped, now, digests]).await?;
        Ok(true)
    }

    /// Puts in use what was told of for long enough.
    pub async fn use_new(&self, tx: &mut Tx, patient: PatientId, now: DateTime<Utc>) -> Result<()> {
        tx.run(&KEY_USE, args![patient, now - TOLD_FOR, now]).await?;
        self.forget_lent(tx, patient);
        Ok(())
    }

    /// Destroys the versions before the newest that has been in use for long enough, and tells how many they were. The caller
    /// has made sure that nothing is sealed with them.
    pub async fn retire_old(&self, tx: &mut Tx, patient: PatientId, now: DateTime<Utc>) -> Result<u64> {
        lock(tx, patient).await?;
        let newest: Option<i64> = tx.one(&KEY_USED_SINCE, args![patient, now - STAYS_FOR]).await?;
        let Some(newest) = newest else { return Ok(0) };
        let retired = tx.run(&KEYS_RETIRE, args![patient, newest]).await?;
        self.forget_lent(tx, patient);
        Ok(retired)
    }

    fn forget_lent(&self, tx: &mut Tx, patient: PatientId) {
        let vault = self.clone();
        tx.after_commit(move || vault.drop_lent(patient));
    }
}
