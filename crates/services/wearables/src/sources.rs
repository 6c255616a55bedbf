//! Where data comes from: devices that were registered, apps and providers that are known once they sent something.
use std::collections::{HashMap, HashSet};

use access::Grant;
use access::data::Wearables;
use chrono::{DateTime, Utc};
use kernel::{Error, PatientId, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::{Sql, Tx};
use uuid::Uuid;
use vault::{PatientKey, Row};

use crate::model::{Delivery, SourceKind, SourceOf};
use crate::queries::sources::{self, Stored};

/// What the patient, or the device itself, said of a source. Sealed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Told {
    pub device_name: Option<String>,
    pub device_type: Option<String>,
    pub manufacturer: Option<String>,
    pub model: Option<String>,
    pub firmware_version: Option<String>,
    /// In seconds.
    pub sync_interval: Option<i64>,
    pub capabilities: Vec<String>,
    pub settings: Map<String, Value>,
}

impl Told {
    /// The heart rate above which the device's patient wants to be told.
    pub fn alert_threshold(&self) -> Option<f64> {
        self.settings.get("alert_threshold").and_then(Value::as_f64)
    }

    pub fn seal(&self, key: &PatientKey, id: Uuid) -> Result<Vec<u8>> {
        key.seal(place(id), &serde_json::to_vec(self).map_err(Error::internal)?)
    }

    /// Opens what was said of a source, for somebody who was granted something with the patient's wearables.
    pub fn open<A: access::Act>(grant: &Grant<A, Wearables>, key: &PatientKey, stored: &Stored) -> Result<Self> {
        grant.covers(stored.patient_id)?;
        serde_json::from_slice(&key.open(place(stored.id), &stored.sealed)?).map_err(Error::internal)
    }
}

fn place(id: Uuid) -> Row<'static> {
    Row { table: "wearable_sources", id }
}

/// The longest name of a source.
pub const LONGEST_NAME: usize = 200;
/// Apps and providers a patient's data may name; devices are registered, and counted there.
const MOST: usize = 500;

/// A new source, of which nothing was said.
pub fn new(key: &PatientKey, of: &SourceOf, told: &Told, now: DateTime<Utc>) -> Result<Stored> {
    let id = kernel::ids::new();
    Ok(Stored {
        id,
        patient_id: key.patient(),
        kind: of.kind,
        name: of.name.clone(),
        sealed: told.seal(key, id)?,
        battery_level: None,
        last_sync: None,
        paired_at: now,
        removed_at: None,
    })
}

/// The id of the source that something comes from; none when it never sent anything.
pub async fn id_of(sql: &mut impl Sql, patient: PatientId, of: &SourceOf) -> Result<Option<Uuid>> {
    Ok(sources::named(sql, patient, of).await?.map(|source| source.id))
}

/// The source that something comes from. Apps and providers are made when they are first seen; a device that is not the
/// patient's, or was removed, is not found.
pub async fn resolve(tx: &mut Tx, key: &PatientKey, of: &SourceOf, now: DateTime<Utc>) -> Result<Stored> {
    match sources::named(tx, key.patient(), of).await? {
        Some(found) if of.kind != SourceKind::Device || found.removed_at.is_none() => Ok(found),
        _ if of.kind == SourceKind::Device => Err(Error::not_found("device")),
        _ => add(tx, key, of, now).await,
    }
}

async fn add(tx: &mut Tx, key: &PatientKey, of: &SourceOf, now: DateTime<Utc>) -> Result<Stored> {
    let new = new(key, of, &Told::default(), now)?;
    match sources::add(tx, &new).await? {
        true => Ok(new),
        // Another process was faster.
        false => sources::named(tx, key.patient(), of).await?.ok_or_else(|| Error::internal("no such source")),
    }
}

/// The apps that a delivery comes from, those that are new made, but for those `is_known`. 409, and nothing is made, when
/// the patient's data would come from too many; with [`Delivery::rest`] the last of them are one.
pub async fn meet(
    tx: &mut Tx,
    key: &PatientKey,
    ask: &Delivery,
    is_known: impl Fn(&SourceOf) -> bool,
    now: DateTime<Utc>,
) -> Result<Vec<(SourceOf, Stored)>> {
    let mut unmet = apps(ask);
    unmet.retain(|of| !is_known(of));
    let mut met = Vec::with_capacity(unmet.len());
    // Mostly it is one, and known.
    if let [only] = &unmet[..]
        && let Some(found) = sources::named(tx, key.patient(), only).await?
    {
        return Ok(vec![(only.clone(), found)]);
    }
    if unmet.is_empty() {
        return Ok(met);
    }
    let all = sources::all(tx, key.patient()).await?;
    let mut room = MOST.saturating_sub(all.len());
    let mut by_name: HashMap<String, Stored> =
        all.into_iter().filter(|source| source.kind == SourceKind::App).map(|s| (s.name.clone(), s)).collect();
    let too_many = unmet.iter().filter(|of| !by_name.contains_key(&of.name)).count() > room;
    let rest = match (too_many, ask.rest) {
        (false, _) => None,
        (true, None) => return Err(Error::conflict(format!("data comes from more than {MOST} apps and devices"))),
        (true, Some(rest)) => Some(resolve(tx, key, &SourceOf::app(rest), now).await?),
    };
    for of in unmet {
        let source = match (by_name.remove(&of.name), &rest) {
            (Some(found), _) => found,
            (None, Some(rest)) if room == 0 => rest.clone(),
            (None, _) => {
                room = room.saturating_sub(1);
                add(tx, key, &of, now).await?
            }
        };
        met.push((of, source));
    }
    Ok(met)
}

/// The apps that a delivery names, each once.
fn apps(ask: &Delivery) -> Vec<SourceOf> {
    let of_records = ask.records.iter().filter_map(|record| record.app.as_deref());
    let own = Some(ask.source.name.as_str()).filter(|_| ask.source.kind == SourceKind::App);
    let mut seen = HashSet::new();
    let all = own.into_iter().chain(of_records).chain(ask.of_apps.iter().map(|(app, _)| app.as_str()));
    all.filter(|app| seen.insert(*app)).map(SourceOf::app).collect()
}
