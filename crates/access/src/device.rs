//! Device keys: what a monitor or gateway signs in with. A key is shown once and kept as a digest.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kernel::{App, Error, HospitalId, PatientId, Result};
use store::{Sql as _, Tx, args, from_row, sql};
use uuid::Uuid;

use crate::{Caller, Role};

/// What every device key starts with, so that one found in a log or a repository is recognised.
pub(crate) const PREFIX: &str = "nadi_dk_";

/// Whose readings a key may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Patients admitted to this hospital.
    Hospital(HospitalId),
    Patient(PatientId),
}

/// A device key as it is listed: the key itself is not kept.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct DeviceKey {
    pub id: Uuid,
    pub label: String,
    pub hospital_id: Option<HospitalId>,
    pub patient_id: Option<PatientId>,
    pub created_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
}
from_row!(DeviceKey { id, label, hospital_id, patient_id, created_at, revoked_at });

struct Stored {
    load_key: Uuid,
    secret_hash: Vec<u8>,
    hospital_id: Option<Uuid>,
    patient_id: Option<Uuid>,
    revoked_at: Option<DateTime<Utc>>,
}
from_row!(Stored { load_key, secret_hash, hospital_id, patient_id, revoked_at });

sql!(
    DEVICE_KEY_ADD = "INSERT INTO device_keys (id, secret_hash, label, hospital_id, patient_id, created_by, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)"
);
sql!(
    DEVICE_KEY_BY_ID =
        "SELECT id AS load_key, secret_hash, hospital_id, patient_id, revoked_at FROM device_keys WHERE id = $1"
);
sql!(
    DEVICE_KEYS_OF = "SELECT id, label, hospital_id, patient_id, created_at, revoked_at FROM device_keys
    WHERE hospital_id = $1 OR patient_id = $1 ORDER BY id"
);
sql!(
    DEVICE_KEY_REVOKE = "UPDATE device_keys SET revoked_at = $3
    WHERE id = $1 AND (hospital_id = $2 OR patient_id = $2) AND revoked_at IS NULL"
);
sql!(
    DEVICE_KEYS_REVOKE = "UPDATE device_keys SET revoked_at = $2
    WHERE (hospital_id = $1 OR patient_id = $1) AND revoked_at IS NULL"
);

/// Revokes every key of a hospital that closes or a patient who leaves, and the hospital's service accounts.
pub async fn revoke_device_keys_of(tx: &mut Tx, owner: Uuid, now: DateTime<Utc>) -> Result<()> {
    tx.run(&DEVICE_KEYS_REVOKE, args![owner, now]).await?;
    crate::service::revoke_of(tx, owner, now).await
}

impl Scope {
    fn ids(self) -> (Option<HospitalId>, Option<PatientId>) {
        match self {
            Self::Hospital(id) => (Some(id), None),
            Self::Patient(id) => (None, Some(id)),
        }
    }

    fn owner(self) -> Uuid {
        match self {
            Self::Hospital(id) => id.0,
            Self::Patient(id) => id.0,
        }
    }

    /// Makes a key and answers its id and the key, which is not kept.
    pub async fn add_key(self, tx: &mut Tx, label: &str, by: &Caller, now: DateTime<Utc>) -> Result<(Uuid, String)> {
        let (id, secret) = (kernel::ids::secret(), vault::new_secret()?);
        let (hospital, patient) = self.ids();
        let digest = vault::sha256(secret.as_bytes());
        tx.run(&DEVICE_KEY_ADD, args![id, digest, label, hospital, patient, by.actor, now]).await?;
        Ok((id, format!("{PREFIX}{}_{secret}", id.simple())))
    }

    /// The keys of this hospital or patient, revoked ones too.
    pub async fn keys(self, app: &App) -> Result<Vec<DeviceKey>> {
        Ok(app.db().all(&DEVICE_KEYS_OF, args![self.owner()]).await?)
    }

    /// Revokes a key; it is refused from the next request on. False when there is no such live key here.
    pub async fn revoke_key(self, tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<bool> {
        Ok(tx.run(&DEVICE_KEY_REVOKE, args![id, self.owner(), now]).await? > 0)
    }
}

/// The caller behind a device key, given without its prefix.
pub(crate) async fn caller(app: &App, key: &str) -> Result<Caller> {
    let (id, digest) = named(key)?;
    let stored = app.db().load::<Stored>(&DEVICE_KEY_BY_ID, id).await?.pop();
    let stored = stored.filter(|stored| vault::equal(&stored.secret_hash, &digest));
    stored.and_then(Stored::live).ok_or_else(refused)
}

pub(crate) fn refused() -> Error {
    Error::unauthenticated("the device key is not valid or was revoked")
}

/// The id in a device key, and the digest of its secret.
pub(crate) fn named(key: &str) -> Result<(Uuid, Vec<u8>)> {
    let (id, secret) = key.split_once('_').ok_or_else(refused)?;
    let id: Uuid = id.parse().map_err(|_| refused())?;
    Ok((id, vault::sha256(secret.as_bytes())))
}

/// The caller of a key whose secret was found right before, if it was not revoked since.
pub(crate) async fn live(app: &App, id: Uuid) -> Result<Caller> {
    let stored = app.db().load::<Stored>(&DEVICE_KEY_BY_ID, id).await?.pop();
    stored.and_then(Stored::live).ok_or_else(refused)
}

/// The callers of those of these keys that were not revoked.
pub(crate) fn find(tx: &mut Tx, ids: &[Uuid]) -> impl Future<Output = store::Result<HashMap<Uuid, Caller>>> + use<> {
    let found = tx.all_each::<Stored>(&DEVICE_KEY_BY_ID, ids);
    async { Ok(found.await?.into_iter().filter_map(|stored| Some((stored.load_key, stored.live()?))).collect()) }
}

impl Stored {
    fn live(self) -> Option<Caller> {
        let reference = self.hospital_id.or(self.patient_id);
        let caller = Caller { actor: self.load_key, role: Role::Device, reference, session: None };
        self.revoked_at.is_none().then_some(caller)
    }
}
