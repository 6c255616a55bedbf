//! What an admission was for and how it ended, in the patient's own seal.
use std::collections::HashMap;

use access::data::Care;
use access::{Grant, Read};
use kernel::{App, EncounterId, Error, PatientId, Result};
use store::Tx;
use uuid::Uuid;
use vault::{Row, SealedColumn, Vault, sealed_column};

use crate::Admission;
use crate::queries::admissions::{self, Sealed};

/// The two notes are sealed to different places, so that one cannot be put where the other belongs.
pub const REASON: &str = "admissions.reason";
pub const SUMMARY: &str = "admissions.discharge_summary";

/// The columns that hold what is sealed here.
pub static SEALED: &[SealedColumn] = &[
    sealed_column!("admissions"."reason" of "patient_id = $1" by (id: Uuid),
        |row| (REASON, row.id)),
    sealed_column!("admissions"."discharge_summary" of "patient_id = $1" by (id: Uuid),
        |row| (SUMMARY, row.id)),
];

/// Seals a note of this admission, if there is one.
pub async fn seal(app: &App, tx: &mut Tx, a: &Admission, table: &str, note: Option<String>) -> Result<Option<Vec<u8>>> {
    let Some(note) = note else { return Ok(None) };
    let key = app.edge::<Vault>().key_in(tx, a.patient_id).await?;
    key.seal(Row { table, id: a.id.0 }, note.as_bytes()).map(Some)
}

/// Why these patients were admitted; each look has its grant.
pub async fn reasons(
    app: &App,
    tx: &mut Tx,
    granted: &[(Grant<Read, Care>, EncounterId)],
) -> Result<HashMap<EncounterId, String>> {
    let patients: Vec<PatientId> = granted.iter().map(|(grant, _)| grant.patient()).collect();
    let keys = app.edge::<Vault>().keys(tx, &patients).await?;
    let ids: Vec<Uuid> = granted.iter().map(|(_, id)| id.0).collect();
    let mut reasons = HashMap::new();
    for Sealed { load_key: id, patient_id, reason } in admissions::reasons(tx, &ids).await? {
        let granted = granted.iter().find(|(_, granted)| *granted == id);
        let (grant, _) = granted.ok_or_else(|| Error::internal("an admission that nobody asked for"))?;
        grant.covers(patient_id)?;
        // A patient without a key was erased: the reason is gone with it.
        let (Some(key), Some(reason)) = (keys.get(&patient_id), reason) else { continue };
        let plain = key.open(Row { table: REASON, id: id.0 }, &reason)?;
        reasons.insert(id, String::from_utf8_lossy(&plain).into_owned());
    }
    Ok(reasons)
}
