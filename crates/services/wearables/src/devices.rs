//! Registering devices, listing them, and letting them go; what they sent stays.
use access::data::Wearables;
use access::{Act, Caller, Entry, Grant, Read, Write};
use chrono::{DateTime, Utc};
use events::Log;
use garde::Validate;
use kernel::{App, Error, Listed, PageQuery, PatientId, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use store::Tx;
use utoipa::ToSchema;
use uuid::Uuid;
use vault::{PatientKey, Vault};

use crate::model::{SourceKind, SourceOf};
use crate::queries::sources::{self as rows, Stored};
use crate::sources::{self, Told};

/// A device to register.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct DeviceIn {
    /// Our id or your own reference of the patient; whom your account stands for when left out.
    #[garde(inner(length(min = 1, max = 100)))]
    #[schema(max_length = 100)]
    pub patient_id: Option<String>,
    /// In place of `patient_id`.
    #[garde(inner(length(min = 1, max = 100)))]
    #[schema(max_length = 100)]
    pub patient_aadhar_uid: Option<String>,
    /// Your own name of it, as `xiaomi_mi_band_12345`.
    #[garde(length(chars, min = 1, max = 200), custom(kernel::name))]
    #[schema(min_length = 1, max_length = 200)]
    pub device_id: String,
    #[garde(inner(length(chars, max = 200)))]
    #[schema(max_length = 200)]
    pub device_name: Option<String>,
    /// As `fitness_tracker`, `smartwatch` or `phone`.
    #[garde(inner(length(chars, max = 100)))]
    #[schema(max_length = 100)]
    pub device_type: Option<String>,
    #[garde(inner(length(chars, max = 200)))]
    #[schema(max_length = 200)]
    pub manufacturer: Option<String>,
    #[garde(inner(length(chars, max = 200)))]
    #[schema(max_length = 200)]
    pub model: Option<String>,
    #[garde(inner(length(chars, max = 100)))]
    #[schema(max_length = 100)]
    pub firmware_version: Option<String>,
    /// In seconds.
    #[garde(inner(range(min = 1, max = 31_536_000)))]
    #[schema(minimum = 1)]
    pub sync_interval: Option<i64>,
    #[garde(range(min = 0, max = 100))]
    #[schema(minimum = 0, maximum = 100)]
    pub battery_level: Option<i64>,
    /// What it measures, as `heart_rate`.
    #[serde(default)]
    #[garde(length(max = 200), inner(length(chars, max = 100)))]
    #[schema(max_items = 200)]
    pub capabilities: Vec<String>,
    /// Shaped as you like, up to 4 KB. `alert_threshold`, 60 to 250, is the heart rate above which an alert is raised; it
    /// makes the rules stricter, never laxer.
    #[serde(default)]
    #[garde(custom(kernel::small_json), custom(threshold))]
    #[schema(value_type = Object)]
    pub settings: Map<String, Value>,
}

fn threshold(settings: &Map<String, Value>, _: &()) -> garde::Result {
    match settings.get("alert_threshold") {
        None | Some(Value::Null) => Ok(()),
        Some(said) if said.as_f64().is_some_and(|limit| (60.0..=250.0).contains(&limit)) => Ok(()),
        Some(_) => Err(garde::Error::new("alert_threshold is a heart rate from 60 to 250")),
    }
}

/// A device, an app or a provider that sends data about a patient.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Device {
    pub id: Uuid,
    pub patient_id: PatientId,
    /// Whether it was registered, or is known because it sent something.
    pub kind: SourceKind,
    /// What its sender calls it.
    pub device_id: String,
    pub device_name: Option<String>,
    pub device_type: Option<String>,
    pub manufacturer: Option<String>,
    pub model: Option<String>,
    pub firmware_version: Option<String>,
    pub sync_interval: Option<i64>,
    pub capabilities: Vec<String>,
    #[schema(value_type = Object)]
    pub settings: Map<String, Value>,
    pub battery_level: Option<i64>,
    pub last_sync: Option<DateTime<Utc>>,
    pub paired_at: DateTime<Utc>,
    /// False once it was removed; what it sent stays.
    pub is_active: bool,
}

impl Device {
    fn of(stored: Stored, told: Told) -> Self {
        Self {
            id: stored.id,
            patient_id: stored.patient_id,
            kind: stored.kind,
            device_id: stored.name,
            device_name: told.device_name,
            device_type: told.device_type,
            manufacturer: told.manufacturer,
            model: told.model,
            firmware_version: told.firmware_version,
            sync_interval: told.sync_interval,
            capabilities: told.capabilities,
            settings: told.settings,
            battery_level: stored.battery_level,
            last_sync: stored.last_sync,
            paired_at: stored.paired_at,
            is_active: stored.removed_at.is_none(),
        }
    }

    pub fn open<A: Act>(grant: &Grant<A, Wearables>, key: &PatientKey, stored: Stored) -> Result<Self> {
        let told = Told::open(grant, key, &stored)?;
        Ok(Self::of(stored, told))
    }
}

/// Devices a patient may have registered.
const MOST: usize = 100;

/// Registers a device, or says anew what is known of one; true when it is new or was removed before.
pub async fn register(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    grant: &Grant<Write, Wearables>,
    said: DeviceIn,
) -> Result<(bool, Device)> {
    let (patient, now) = (grant.patient(), app.clock().now());
    patients::require_active(tx, patient).await?;
    require_consent(tx, patient, now).await?;
    let keys = app.edge::<Vault>().keys(tx, &[patient]).await?;
    let key = keys.get(&patient).ok_or_else(|| Error::not_found("patient"))?;
    let (name, battery) = (SourceOf::device(said.device_id.trim()), said.battery_level);
    let told = told(said);
    let (is_new, mut stored) = match rows::lock(tx, patient, &name).await? {
        Some(was) => {
            let paired_at = if was.removed_at.is_some() { now } else { was.paired_at };
            let next = Stored { sealed: told.seal(key, was.id)?, paired_at, removed_at: None, ..was };
            rows::set(tx, &next).await?;
            (was.removed_at.is_some(), next)
        }
        None => {
            let of_kind = |stored: &&Stored| stored.kind == SourceKind::Device;
            if rows::all(tx, patient).await?.iter().filter(of_kind).count() >= MOST {
                return Err(Error::conflict(format!("more than {MOST} devices are registered")).about("device_id"));
            }
            let new = sources::new(key, &name, &told, now)?;
            rows::add(tx, &new).await?;
            (true, new)
        }
    };
    if battery.is_some() {
        rows::charged(tx, stored.id, battery).await?;
        stored.battery_level = battery;
    }
    let deed = if is_new { "device.register" } else { "device.change" };
    let kind = if is_new { "device.registered" } else { "device.changed" };
    told_of(app, tx, caller, (kind, deed), (patient, stored.id), now);
    Ok((is_new, Device::of(stored, told)))
}

fn told(said: DeviceIn) -> Told {
    Told {
        device_name: said.device_name,
        device_type: said.device_type,
        manufacturer: said.manufacturer,
        model: said.model,
        firmware_version: said.firmware_version,
        sync_interval: said.sync_interval,
        capabilities: said.capabilities,
        settings: said.settings,
    }
}

/// Refuses without a live consent to keep what wearables send.
pub async fn require_consent(tx: &mut Tx, patient: PatientId, now: DateTime<Utc>) -> Result<()> {
    match consents::wearable_consent(tx, patient, now).await? {
        Some(_) => Ok(()),
        None => Err(Error::forbidden("the patient has not agreed that what wearables send is kept")),
    }
}

/// A page of what sends data about a patient, in the order it was first seen; removed devices only when asked for.
pub async fn list(app: &App, grant: &Grant<Read, Wearables>, page: &PageQuery) -> Result<Listed<Device>> {
    let found = rows::page(&mut app.db(), grant.patient(), page.after()?, page.rows()).await?;
    let key = app.edge::<Vault>().key(&app.db(), grant.patient()).await?;
    let opened = found.into_iter().map(|row| Device::open(grant, &key, row)).collect::<Result<Vec<_>>>()?;
    Ok(Listed::new(opened, page, |device| device.id))
}

/// Removes a device: it sends no more, and what it sent stays. 404 when there is none of this name.
pub async fn remove(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    grant: &Grant<Write, Wearables>,
    name: &str,
) -> Result<()> {
    let (patient, now) = (grant.patient(), app.clock().now());
    patients::require_active(tx, patient).await?;
    let found = match rows::lock(tx, patient, &SourceOf::device(name)).await? {
        Some(found) => Some(found),
        None => by_our_id(tx, patient, name).await?,
    };
    let was = found.filter(|found| found.removed_at.is_none()).ok_or_else(|| Error::not_found("device"))?;
    let id = was.id;
    rows::set(tx, &Stored { removed_at: Some(now), ..was }).await?;
    told_of(app, tx, caller, ("device.removed", "device.remove"), (patient, id), now);
    Ok(())
}

async fn by_our_id(tx: &mut Tx, patient: PatientId, name: &str) -> Result<Option<Stored>> {
    let Ok(id) = name.parse::<Uuid>() else { return Ok(None) };
    let all = rows::all(tx, patient).await?;
    Ok(all.into_iter().find(|stored| stored.id == id && stored.kind == SourceKind::Device))
}

fn told_of(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    (kind, deed): (&'static str, &'static str),
    (patient, id): (PatientId, Uuid),
    now: DateTime<Utc>,
) {
    let body = json!({"kind": kind, "patient_id": patient, "source_id": id, "by": caller.actor});
    app.edge::<Log>().emit(tx, crate::TOPIC, patient.0, body, now);
    access::record(tx, Entry::of(caller, deed, id, now).about(patient));
}
