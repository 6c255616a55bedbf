//! Which source counts before which: what the patient chose for each metric, else bands before phones.
use std::collections::{BTreeMap, HashMap};

use access::data::Wearables;
use access::{Act, Caller, Entry, Grant, Write};
use garde::Validate;
use kernel::{App, Error, PatientId, Result};
use serde::{Deserialize, Serialize};
use signals::Metric;
use store::{Sql, Tx};
use utoipa::ToSchema;
use uuid::Uuid;
use vault::{PatientKey, Row, Vault};

use crate::model::SourceKind;
use crate::queries::choices as rows;
use crate::queries::sources::{self, Stored as Source};
use crate::sources::Told;

/// The metric under which the order for all others stands.
const ALL: &str = "*";

/// The order of sources, the one that counts first, for each metric.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct Priorities {
    /// By metric, as `steps`; `*` is for every metric that is not named. Devices and apps by their `device_id` or our id of
    /// them; those that are not named come after, registered devices before phones and apps.
    #[garde(length(max = 300), custom(short))]
    #[schema(value_type = std::collections::HashMap<String, Vec<String>>)]
    pub priorities: BTreeMap<String, Vec<String>>,
}

fn short(priorities: &BTreeMap<String, Vec<String>>, _: &()) -> garde::Result {
    match priorities.values().all(|order| order.len() <= MOST) {
        true => Ok(()),
        false => Err(garde::Error::new(format!("names more than {MOST} devices"))),
    }
}

/// Devices in one order.
const MOST: usize = 100;

/// What a patient chose.
#[derive(Debug, Serialize, ToSchema)]
pub struct Chosen {
    pub patient_id: PatientId,
    /// By metric; devices and apps by their names.
    #[schema(value_type = std::collections::HashMap<String, Vec<String>>)]
    pub priorities: BTreeMap<String, Vec<String>>,
}

/// As it is kept, by our ids.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Kept(BTreeMap<String, Vec<Uuid>>);

fn place(patient: PatientId) -> Row<'static> {
    Row { table: "wearable_choices", id: patient.0 }
}

/// How the sources of a patient stand to each other.
pub struct Ranks {
    chosen: BTreeMap<String, Vec<Uuid>>,
    default: HashMap<Uuid, i64>,
}

impl Ranks {
    pub async fn load<A: Act>(sql: &mut impl Sql, grant: &Grant<A, Wearables>, key: &PatientKey) -> Result<Self> {
        let sources = sources::all(sql, grant.patient()).await?;
        let mut default = HashMap::with_capacity(sources.len());
        for source in &sources {
            default.insert(source.id, usual(source, &Told::open(grant, key, source)?));
        }
        Ok(Self { chosen: kept(sql, grant, key).await?.0, default })
    }

    /// Where a source stands: of two the lower number wins.
    pub fn rank(&self, metric: Metric, source: Uuid) -> i64 {
        let orders = [metric.name(), ALL].into_iter().filter_map(|name| self.chosen.get(name));
        let chosen = orders.into_iter().next().and_then(|order| order.iter().position(|known| *known == source));
        match chosen {
            Some(place) => place as i64,
            None => AFTER_CHOSEN + self.default.get(&source).copied().unwrap_or(AFTER_CHOSEN),
        }
    }
}

/// More than anybody chooses.
const AFTER_CHOSEN: i64 = 1_000;

/// A band is on the body, a phone on the table.
fn usual(source: &Source, told: &Told) -> i64 {
    let is_phone = told.device_type.as_deref().is_some_and(|kind| kind.to_lowercase().contains("phone"));
    match source.kind {
        SourceKind::Device if !is_phone => 0,
        SourceKind::Provider => 1,
        SourceKind::App => 2,
        SourceKind::Device => 3,
    }
}

async fn kept<A: Act>(sql: &mut impl Sql, grant: &Grant<A, Wearables>, key: &PatientKey) -> Result<Kept> {
    grant.covers(key.patient())?;
    match rows::of(sql, grant.patient()).await? {
        Some(sealed) => serde_json::from_slice(&key.open(place(grant.patient()), &sealed)?).map_err(Error::internal),
        None => Ok(Kept::default()),
    }
}

/// What the patient chose, by the names of the sources.
pub async fn show<A: Act>(app: &App, grant: &Grant<A, Wearables>) -> Result<Chosen> {
    let (mut db, key) = (app.db(), app.edge::<Vault>().key(&app.db(), grant.patient()).await?);
    let names: HashMap<Uuid, String> =
        sources::all(&mut db, grant.patient()).await?.into_iter().map(|source| (source.id, source.name)).collect();
    let named = |ids: Vec<Uuid>| ids.iter().filter_map(|id| names.get(id).cloned()).collect();
    let kept = kept(&mut db, grant, &key).await?.0;
    let priorities = kept.into_iter().map(|(metric, ids)| (metric, named(ids))).collect();
    Ok(Chosen { patient_id: grant.patient(), priorities })
}

/// Sets the order. 422 naming the metric or the device that is not known.
pub async fn choose(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    grant: &Grant<Write, Wearables>,
    said: Priorities,
) -> Result<()> {
    let (patient, now) = (grant.patient(), app.clock().now());
    patients::require_active(tx, patient).await?;
    let sources = sources::all(tx, patient).await?;
    let mut kept = Kept::default();
    for (metric, names) in said.priorities {
        let about = format!("priorities.{metric}");
        let name = match metric.as_str() {
            ALL => ALL,
            other => Metric::from_name(other).ok_or_else(|| Error::invalid(&about, "is not a metric"))?.name(),
        };
        let find = |named: &String| {
            let fits = |source: &&Source| source.name == *named || source.id.to_string() == *named;
            let found = sources.iter().find(fits).map(|source| source.id);
            found.ok_or_else(|| Error::invalid(&about, format!("{named} is not a device or app of this patient")))
        };
        kept.0.insert(name.to_owned(), names.iter().map(find).collect::<Result<_>>()?);
    }
    let keys = app.edge::<Vault>().keys(tx, &[patient]).await?;
    let key = keys.get(&patient).ok_or_else(|| Error::not_found("patient"))?;
    let sealed = key.seal(place(patient), &serde_json::to_vec(&kept).map_err(Error::internal)?)?;
    rows::put(tx, patient, &sealed).await?;
    access::record(tx, Entry::of(caller, "device.prioritise", patient, now).about(patient));
    Ok(())
}
