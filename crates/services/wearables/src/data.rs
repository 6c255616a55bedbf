//! Wearable data as document 000 has it: one datum a record, sealed and whole.
use access::Grant;
use access::Read;
use access::data::Wearables;
use chrono::{DateTime, Utc};
use garde::Validate;
use kernel::{App, Error, FieldError, Listed, PageQuery, PatientId, Result, Text as _};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use vault::Vault;

use crate::model::{By, Delivery, NewRecord, SourceOf};
use crate::records::{self, Found, Wanted};
use crate::snapshot::{self, DataType, Taken};
use crate::times;

/// A datum to keep.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct WearableDataIn {
    /// Your own name of this datum; one of ours is given when it is left out. The same again replaces it.
    #[garde(inner(length(chars, min = 1, max = 255), custom(kernel::not_blank)))]
    #[schema(max_length = 255)]
    pub data_id: Option<String>,
    /// Our id or your own reference.
    #[garde(length(min = 1, max = 100))]
    #[schema(max_length = 100)]
    pub patient_id: String,
    pub data_type: DataType,
    /// As `hcgateway` or `com.sec.android.app.shealth`.
    #[garde(length(chars, min = 1, max = 200), custom(kernel::not_blank))]
    #[schema(max_length = 200)]
    pub data_source: String,
    /// What you encrypted yourself: kept as it is, and read by nobody here.
    pub encrypted_data: Option<String>,
    /// What was measured, as `{"value": 72, "unit": "bpm"}`.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub data_snapshot: Map<String, Value>,
    pub recorded_at: DateTime<Utc>,
    pub start_time: Option<DateTime<Utc>>,
    pub end_time: Option<DateTime<Utc>>,
    /// `false` refuses: nothing is kept without consent. The patient's own consent is what counts.
    pub consent_given: Option<bool>,
    /// Kept with the datum; which consent counts is not the sender's to say.
    pub consent_id: Option<String>,
}

/// What is kept of a datum: the record's text.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Body {
    encrypted_data: Option<String>,
    data_snapshot: Map<String, Value>,
    recorded_at: DateTime<Utc>,
    start_time: Option<DateTime<Utc>>,
    end_time: Option<DateTime<Utc>>,
    consent_id: Option<String>,
}

/// A datum as it is listed: what it says stays sealed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WearableData {
    pub id: Uuid,
    pub data_id: String,
    pub patient_id: PatientId,
    /// As `heart_rate`; what other apps sent has their own word, as `SleepSession`.
    pub data_type: String,
    pub data_source: Option<String>,
    pub start_time: DateTime<Utc>,
    pub end_time: DateTime<Utc>,
    pub received_at: DateTime<Utc>,
}

/// A datum in the clear.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WearableDatum {
    #[serde(flatten)]
    pub data: WearableData,
    pub recorded_at: DateTime<Utc>,
    /// What was measured. What other apps sent is as they wrote it.
    #[schema(value_type = Object)]
    pub data_snapshot: Value,
    /// What its sender encrypted, as it came.
    pub encrypted_data: Option<String>,
}

/// What became of the data that was sent.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WearableDataKept {
    pub data_id: String,
    pub data_type: DataType,
    pub patient_id: PatientId,
    pub recorded_at: DateTime<Utc>,
}

/// Which data to list.
#[derive(Debug, Default, Deserialize, IntoParams, Validate)]
#[garde(allow_unvalidated)]
pub struct DataFilter {
    #[garde(inner(length(chars, max = 100)))]
    #[param(max_length = 100)]
    pub data_type: Option<String>,
    /// Data that end at this time or after it.
    pub from: Option<DateTime<Utc>>,
    /// Data that begin before this time.
    pub to: Option<DateTime<Utc>>,
}

/// A delivery of these data, all of one patient. 422 naming the member that does not fit; then nothing is kept.
pub fn delivery(
    (said, is_one): (Vec<WearableDataIn>, bool),
    by: By,
    patient: PatientId,
    now: DateTime<Utc>,
) -> Result<(Delivery, Vec<WearableDataKept>)> {
    let source =
        said.first().map(|first| SourceOf::app(first.data_source.trim())).unwrap_or_else(|| SourceOf::app("app"));
    let mut delivery = Delivery::new(by, patient, source);
    let mut kept = Vec::with_capacity(said.len());
    for (place, datum) in said.into_iter().enumerate() {
        if datum.consent_given == Some(false) {
            return Err(Error::forbidden("nothing is kept without consent: consent_given is false"));
        }
        let record = record(datum, patient, now, &mut kept).map_err(|why| at((place, is_one), why))?;
        delivery.records.push(record);
    }
    Ok((delivery, kept))
}

/// The same refusal, of an entry of an array.
fn at((place, is_one): (usize, bool), why: FieldError) -> Error {
    Error::invalid(if is_one { why.member } else { format!("[{place}].{}", why.member) }, why.detail)
}

fn record(
    said: WearableDataIn,
    patient: PatientId,
    now: DateTime<Utc>,
    kept: &mut Vec<WearableDataKept>,
) -> Result<NewRecord, FieldError> {
    let unfit = |member: &str, detail: &str| FieldError { member: member.to_owned(), detail: detail.to_owned() };
    let from = said.start_time.unwrap_or(said.recorded_at);
    let to = said.end_time.unwrap_or_else(|| from.max(said.recorded_at));
    let member = if said.end_time.is_some() { "end_time" } else { "recorded_at" };
    let (from_at, to_at) = (from.timestamp_micros(), to.timestamp_micros());
    let fits = match snapshot::measures(said.data_type) {
        Some(metric) => times::plausible_for(metric, from_at, to_at, now),
        None => times::plausible(from_at, to_at, now),
    };
    fits.map_err(|why| unfit(member, why))?;
    if said.data_snapshot.is_empty() && said.encrypted_data.is_none() {
        return Err(unfit("data_snapshot", "is required, unless there is encrypted_data"));
    }
    let taken = Taken { from: from_at, to: to_at, now };
    let points = snapshot::points(said.data_type, &said.data_snapshot, taken);
    let id = said.data_id.map_or_else(|| kernel::ids::new().to_string(), |id| id.trim().to_owned());
    let body = Body {
        encrypted_data: said.encrypted_data,
        data_snapshot: said.data_snapshot,
        recorded_at: said.recorded_at,
        start_time: said.start_time,
        end_time: said.end_time,
        consent_id: said.consent_id,
    };
    let body = serde_json::to_string(&body).map_err(|_| unfit("data_snapshot", "cannot be kept"))?;
    let (kind, app) = (said.data_type.word().to_owned(), Some(said.data_source.trim().to_owned()));
    let recorded_at = said.recorded_at;
    kept.push(WearableDataKept { data_id: id.clone(), data_type: said.data_type, patient_id: patient, recorded_at });
    Ok(NewRecord { id, kind, app, from, to, version: 0, body, points })
}

impl WearableData {
    fn of(found: &Found, patient: PatientId) -> Self {
        Self {
            id: found.id(),
            data_id: found.record_id().to_owned(),
            patient_id: patient,
            data_type: found.kind().to_owned(),
            data_source: found.app().map(str::to_owned),
            start_time: found.from(),
            end_time: found.to(),
            received_at: found.received_at(),
        }
    }
}

/// A page of a patient's data, those that came last first.
pub async fn list(
    app: &App,
    grant: &Grant<Read, Wearables>,
    filter: &DataFilter,
    page: &PageQuery,
) -> Result<Listed<WearableData>> {
    let wanted = Wanted { kind: filter.data_type.clone(), from: filter.from, to: filter.to, ..Wanted::default() };
    let place = (page.rows(), page.skip());
    let found = records::newest_first(&mut app.db(), grant, &wanted, page.after()?, place).await?;
    let listed = found.iter().map(|found| WearableData::of(found, grant.patient())).collect();
    Ok(Listed::new(listed, page, |data: &WearableData| data.id))
}

/// One datum in the clear; none when it is not this patient's.
pub async fn one(app: &App, grant: &Grant<Read, Wearables>, name: &str) -> Result<Option<WearableDatum>> {
    let Some(found) = records::one(&mut app.db(), grant, name).await? else { return Ok(None) };
    let key = app.edge::<Vault>().key(&app.db(), grant.patient()).await?;
    let data = WearableData::of(&found, grant.patient());
    let record = found.open(grant, &key)?;
    datum(data, &record.body).map(Some)
}

fn datum(data: WearableData, body: &str) -> Result<WearableDatum> {
    let whole: Value = serde_json::from_str(body).map_err(Error::internal)?;
    Ok(match serde_json::from_value::<Body>(whole.clone()) {
        Ok(own) => WearableDatum {
            recorded_at: own.recorded_at,
            data_snapshot: Value::Object(own.data_snapshot),
            encrypted_data: own.encrypted_data,
            data,
        },
        // Another app's record is its own snapshot.
        Err(_) => WearableDatum { recorded_at: data.start_time, data_snapshot: whole, encrypted_data: None, data },
    })
}
