//! The observations' table; notes are sealed.
use access::{Grant, Read, Write, data};
use chrono::{DateTime, Utc};
use kernel::{EncounterId, Error, PatientId, Result};
use store::{Sql, Tx, args, from_row, sql};
use uuid::Uuid;
use vault::{PatientKey, Row};

use crate::model::Observation;

struct Stored {
    id: Uuid,
    encounter_id: EncounterId,
    patient_id: PatientId,
    author_id: Uuid,
    created_at: DateTime<Utc>,
    sealed: Vec<u8>,
}
from_row!(Stored { id, encounter_id, patient_id, author_id, created_at, sealed });

sql!(
    OBSERVATION_ADD = "INSERT INTO observations (id, encounter_id, patient_id, author_id, sealed, created_at)
    VALUES ($1, $2, $3, $4, $5, $6)"
);
sql!(
    OBSERVATIONS_OF = "SELECT id, encounter_id, patient_id, author_id, created_at, sealed FROM observations
    WHERE encounter_id = $1 AND id < $2 AND created_at >= $4 AND created_at <= $5 ORDER BY id DESC LIMIT $3"
);

sql!(
    OBSERVATIONS_OF_PATIENT = "SELECT id, encounter_id, patient_id, author_id, created_at, sealed FROM observations
    WHERE patient_id = $1 AND id > $2 ORDER BY id LIMIT $3"
);

fn place(id: Uuid) -> Row<'static> {
    Row { table: "observations", id }
}

/// Writes an observation down.
pub async fn add(
    tx: &mut Tx,
    grant: &Grant<Write, data::Care>,
    key: &PatientKey,
    encounter: EncounterId,
    note: String,
    now: DateTime<Utc>,
) -> Result<Observation> {
    let id = kernel::ids::new();
    let sealed = key.seal(place(id), note.as_bytes())?;
    tx.run(&OBSERVATION_ADD, args![id, encounter, grant.patient(), grant.actor(), sealed, now]).await?;
    Ok(Observation { id, encounter_id: encounter, note, created_at: now, author_id: grant.actor() })
}

/// An encounter's observations older than `before` and of the grant's time, newest first.
pub async fn of_encounter(
    sql: &mut impl Sql,
    grant: &Grant<Read, data::Care>,
    key: &PatientKey,
    encounter: EncounterId,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Observation>> {
    let (from, to) = grant.span().bounds();
    let args = args![encounter, before.unwrap_or(Uuid::max()), limit, from, to];
    let stored: Vec<Stored> = sql.all(&OBSERVATIONS_OF, args).await?;
    stored.into_iter().map(|s| s.open(grant, key)).collect()
}

/// A patient's observations of every stay newer than `after`, oldest first.
pub async fn of_patient(
    sql: &mut impl Sql,
    grant: &Grant<Read, data::Care>,
    key: &PatientKey,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Observation>> {
    let args = args![grant.patient(), after.unwrap_or_default(), limit];
    let stored: Vec<Stored> = sql.all(&OBSERVATIONS_OF_PATIENT, args).await?;
    stored.into_iter().map(|s| s.open(grant, key)).collect()
}

impl Stored {
    fn open(self, grant: &Grant<Read, data::Care>, key: &PatientKey) -> Result<Observation> {
        grant.covers(self.patient_id)?;
        let note = String::from_utf8(key.open(place(self.id), &self.sealed)?).map_err(Error::internal)?;
        Ok(Observation {
            id: self.id,
            encounter_id: self.encounter_id,
            note,
            created_at: self.created_at,
            author_id: self.author_id,
        })
    }
}
