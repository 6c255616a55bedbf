//! Records as their senders wrote them: kept sealed and whole, found by their ids, kinds and times.
use std::collections::{BTreeMap, HashMap};

use access::data::Wearables;
use access::{Caller, Entry, Grant, Read, Write};
use chrono::{DateTime, Utc};
use events::Log;
use kernel::{App, Error, PatientId, Result};
use serde_json::json;
use signals::{NewPoints, Outdoes};
use store::{Sql, Tx};
use uuid::Uuid;
use vault::{PatientKey, Vault};

use crate::holding::{self, Holders, LetGo};
use crate::queries::records as rows;
pub use crate::queries::records::{Known, Place, Wanted};
use crate::queries::sources;
use crate::spots;

/// A record that was found. What it says is sealed until it is [opened](Found::open).
#[derive(Debug, Clone)]
pub struct Found(rows::Stored);

/// A record, opened.
#[derive(Debug, Clone)]
pub struct Record {
    pub id: Uuid,
    /// What its sender calls it.
    pub record_id: String,
    pub kind: String,
    pub app: Option<String>,
    pub source: Uuid,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    pub version: i64,
    pub received_at: DateTime<Utc>,
    /// JSON text.
    pub body: String,
}

impl Found {
    pub fn id(&self) -> Uuid {
        self.0.id
    }

    pub fn record_id(&self) -> &str {
        &self.0.record_id
    }

    pub fn kind(&self) -> &str {
        &self.0.kind
    }

    pub fn app(&self) -> Option<&str> {
        self.0.app.as_deref()
    }

    pub fn from(&self) -> DateTime<Utc> {
        self.0.starts_at
    }

    pub fn to(&self) -> DateTime<Utc> {
        self.0.ends_at
    }

    pub fn received_at(&self) -> DateTime<Utc> {
        self.0.received_at
    }

    pub fn source(&self) -> Uuid {
        self.0.source_id
    }

    /// Where it stands in a list by time.
    pub fn place(&self) -> Place {
        (self.0.starts_at, self.0.id)
    }

    /// Opens the record for somebody who was granted to read it.
    pub fn open(self, grant: &Grant<Read, Wearables>, key: &PatientKey) -> Result<Record> {
        grant.covers(self.0.patient_id)?;
        let (body, _) = spots::open(key, self.0.id, &self.0.sealed)?;
        let Self(row) = self;
        Ok(Record {
            id: row.id,
            record_id: row.record_id,
            kind: row.kind,
            app: row.app,
            source: row.source_id,
            from: row.starts_at,
            to: row.ends_at,
            version: row.version,
            received_at: row.received_at,
            body,
        })
    }
}

/// What tells that a record reads as before. It is keyed, so that nobody finds out by trying what a record says.
pub fn digest(vault: &Vault, patient: PatientId, kind: &str, body: &str) -> Vec<u8> {
    vault.mac("wearable_records", &[patient.0.as_bytes(), kind.as_bytes(), body.as_bytes()])
}

/// Those of these records that are there, by their senders' ids: whoever finds the same digest need not read the record.
pub async fn known(sql: &mut impl Sql, patient: PatientId, kind: &str, ids: &[&str]) -> Result<HashMap<String, Known>> {
    let found = rows::known(sql, patient, kind, ids).await?;
    Ok(found.into_iter().map(|known| (known.record_id.clone(), known)).collect())
}

/// The patient's records that fit, after a place, in the order of the time they begin.
pub async fn list(
    sql: &mut impl Sql,
    grant: &Grant<Read, Wearables>,
    wanted: &Wanted,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<Found>> {
    let found = rows::by_time(sql, (grant.patient(), grant.span()), wanted, after, limit).await?;
    Ok(found.into_iter().map(Found).collect())
}

/// The patient's records that fit, those that came last first.
pub async fn newest_first(
    sql: &mut impl Sql,
    grant: &Grant<Read, Wearables>,
    wanted: &Wanted,
    before: Option<Uuid>,
    rows_and_skip: (i64, i64),
) -> Result<Vec<Found>> {
    let found = rows::newest_first(sql, (grant.patient(), grant.span()), wanted, before, rows_and_skip).await?;
    Ok(found.into_iter().map(Found).collect())
}

/// A page of everything, in the order it came.
pub async fn page(
    sql: &mut impl Sql,
    grant: &Grant<Read, Wearables>,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Found>> {
    Ok(rows::page(sql, grant.patient(), after, limit).await?.into_iter().map(Found).collect())
}

/// The patient's record of this id, ours or its sender's.
pub async fn one(sql: &mut impl Sql, grant: &Grant<Read, Wearables>, name: &str) -> Result<Option<Found>> {
    let found = rows::one(sql, grant.patient(), name).await?;
    Ok(found.filter(|row| grant.span().includes(row.starts_at)).map(Found))
}

/// The patient's records of this kind and these ids, which are their senders'.
pub async fn named(sql: &mut impl Sql, grant: &Grant<Read, Wearables>, kind: &str, ids: &[&str]) -> Result<Vec<Found>> {
    let found = rows::whole(sql, grant.patient(), kind, ids).await?.into_iter();
    Ok(found.filter(|row| grant.span().includes(row.starts_at)).map(Found).collect())
}

/// How many records of each kind there are.
pub async fn counts(sql: &mut impl Sql, grant: &Grant<Read, Wearables>) -> Result<Vec<(String, i64)>> {
    rows::counts(sql, grant.patient(), grant.span()).await
}

/// Removes records by their senders' ids and takes back their points that no other record says too; answers how many
/// records there were.
pub async fn delete(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    grant: &Grant<Write, Wearables>,
    kind: &str,
    ids: &[&str],
) -> Result<usize> {
    let (patient, now) = (grant.patient(), app.clock().now());
    // Whatever is being taken in for this patient comes before or after this, never between.
    patients::require_active(tx, patient).await?;
    let gone = rows::whole(tx, patient, kind, ids).await?;
    if gone.is_empty() {
        return Ok(0);
    }
    let keys = app.edge::<Vault>().keys(tx, &[patient]).await?;
    let key = keys.get(&patient).ok_or_else(|| Error::not_found("patient"))?;
    let mut let_go = Vec::with_capacity(gone.len());
    for row in &gone {
        let (_, spots) = spots::open(key, row.id, &row.sealed)?;
        let_go.push(LetGo { source: row.source_id, version: row.version, spots });
    }
    let holders = Holders { but: gone.iter().map(|row| row.id).collect(), ..Holders::default() };
    let taken = holding::take_back(tx, key, kind, let_go, &holders).await?;
    let outdoes = Outdoes::Presence;
    let batches: Vec<NewPoints<'_>> =
        taken.iter().map(|(source, points)| NewPoints { grant, key, source: *source, outdoes, points }).collect();
    signals::store(tx, &batches).await?;
    rows::remove(tx, &gone.iter().map(|row| row.id).collect::<Vec<_>>()).await?;
    let mut of_source: BTreeMap<Uuid, usize> = BTreeMap::new();
    gone.iter().for_each(|row| *of_source.entry(row.source_id).or_default() += 1);
    for (source, records) in of_source {
        sources::taken_back(tx, source, records).await?;
    }
    let body = json!({"kind": "record.removed", "patient_id": patient, "records": gone.len()});
    app.edge::<Log>().emit(tx, crate::TOPIC, patient.0, body, now);
    access::record(tx, Entry::of(caller, "record.remove", format!("{} {kind}", gone.len()), now).about(patient));
    Ok(gone.len())
}
