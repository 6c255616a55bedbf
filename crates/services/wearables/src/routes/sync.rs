//! `/api/v1/wearables/data/sync`: data points of a device.
use std::borrow::Cow;

use access::Caller;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use kernel::{App, Error, Errors, FieldError, Result};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use signals::Point;
use utoipa::ToSchema;
use uuid::Uuid;
use ward::Raised;

use crate::body::Packed;
use crate::bounds::{NAMED, POINTS, is_none};
use crate::intake::Intake;
use crate::model::{By, Delivery, SourceOf};
use crate::points::{PointError, PointIn};
use crate::read;
use crate::whose::Named;

/// What a device sends. The points may come in any order, and again.
#[derive(Deserialize)]
struct SyncIn<'a, P> {
    #[serde(borrow)]
    patient_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    patient_aadhar_uid: Option<Cow<'a, str>>,
    #[serde(borrow)]
    device_id: Cow<'a, str>,
    battery_level: Option<f64>,
    data_points: Vec<P>,
}

/// What a device sends, up to 16 MB, packed with gzip or not.
#[derive(ToSchema)]
#[allow(dead_code)] // It describes what `SyncIn` reads.
pub struct WearableSync {
    /// Our id or your own reference of the patient; whom your account stands for when left out.
    patient_id: Option<String>,
    /// In place of `patient_id`.
    patient_aadhar_uid: Option<String>,
    /// The name under which the device was registered.
    device_id: String,
    #[schema(minimum = 0, maximum = 100)]
    battery_level: Option<f64>,
    data_points: Vec<DataPoint>,
}

/// One value of one metric. What lasted has `start_time` and `end_time` in place of `timestamp`.
#[derive(ToSchema)]
#[allow(dead_code)] // It describes what `PointIn` reads.
pub struct DataPoint {
    /// As `heart_rate`, `steps`, `blood_oxygen`, `calories`; `blood_pressure` has the value `{"systolic", "diastolic"}`.
    metric_type: String,
    #[schema(value_type = f64)]
    value: f64,
    /// As `bpm`, `steps`, `mmol/L`; the metric's own when left out.
    unit: Option<String>,
    timestamp: Option<DateTime<Utc>>,
    start_time: Option<DateTime<Utc>>,
    end_time: Option<DateTime<Utc>>,
    /// `confidence` below 0.5 marks the value as doubtful.
    #[schema(value_type = Option<Object>)]
    metadata: Option<String>,
}

/// What became of a sync.
#[derive(Debug, Serialize, ToSchema)]
pub struct WearableSynced {
    /// `success`; `partial` when some points did not fit.
    pub status: &'static str,
    /// How many of the points fit; those that were stored before count too.
    pub synced_count: usize,
    /// One id for each of them, the same again for the same point.
    pub inserted_ids: Vec<String>,
    /// The points that did not fit, the first 100 of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<PointError>,
    /// How many did not fit.
    #[serde(skip_serializing_if = "is_none")]
    pub errors_count: usize,
    /// Alerts that the points opened or made worse.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub alerts: Vec<Raised>,
}

/// What was read of a body.
struct Read {
    patient_id: Option<String>,
    patient_aadhar_uid: Option<String>,
    device_id: String,
    battery: Option<i64>,
    /// What each data point that fits says.
    fitting: Vec<Vec<Point>>,
    errors: Vec<PointError>,
}

/// Stores what a device measured. The same points again change nothing; points that do not fit are named, and the others
/// stored.
///
/// 403 without the patient's consent to keep what wearables send; 404 when the device is not the patient's.
#[utoipa::path(post, path = "/api/v1/wearables/data/sync", tag = "wearables", request_body = WearableSync, responses(
    (status = 201, body = WearableSynced, description = "Stored, but for the points in `errors`"),
    Errors,
))]
pub async fn sync(
    caller: Caller,
    State(app): State<App>,
    body: Packed,
) -> Result<(StatusCode, axum::Json<WearableSynced>)> {
    let now = app.clock().now();
    let mut sent = body.read_at_most(("data_points", POINTS), move |text| parse(text, now)).await?;
    if sent.fitting.is_empty() && !sent.errors.is_empty() {
        return Err(refused(&sent.errors));
    }
    let errors_count = sent.errors.len();
    sent.errors.truncate(NAMED);
    let named =
        Named { patient_id: sent.patient_id.as_deref(), patient_aadhar_uid: sent.patient_aadhar_uid.as_deref() };
    let patient = named.find(&app, &caller).await?;
    let points: Vec<Point> = sent.fitting.iter().flatten().copied().collect();
    let delivery = Delivery {
        points,
        battery: sent.battery,
        ..Delivery::new(By::Caller(caller), patient, SourceOf::device(sent.device_id))
    };
    let delivered = app.edge::<Intake>().deliver(delivery).await?;
    let synced = WearableSynced {
        status: if errors_count == 0 { "success" } else { "partial" },
        synced_count: sent.fitting.len(),
        inserted_ids: sent.fitting.iter().filter_map(|points| id_of(delivered.source, points.first()?)).collect(),
        errors: sent.errors,
        errors_count,
        alerts: delivered.alerts,
    };
    Ok((StatusCode::CREATED, axum::Json(synced)))
}

/// The id of a point: it says which one it is, and so the same point has the same id whenever it is sent.
fn id_of(source: Uuid, point: &Point) -> Option<String> {
    let length = point.to - point.from;
    Some(format!("{}.{}.{}.{length}", source.simple(), point.metric.code(), point.from))
}

/// Reads all points at once, and one by one when one of them is so wrong that the whole does not parse.
fn parse(text: &[u8], now: DateTime<Utc>) -> Result<Read> {
    if let Ok(sent) = serde_json::from_slice::<SyncIn<'_, PointIn<'_>>>(text) {
        return sorted(sent, |point| point.read(now));
    }
    read::object::<IgnoredAny>(text)?;
    let sent: SyncIn<'_, &RawValue> = serde_json::from_slice(text).map_err(|error| read::unreadable(".", &error))?;
    sorted(sent, |raw| match serde_json::from_str::<PointIn<'_>>(raw.get()) {
        Ok(point) => point.read(now),
        Err(error) => Err((about(&error), read::plain(&error))),
    })
}

/// The member that a data point lacks; what is of no possible kind is taken to be the value.
fn about(error: &serde_json::Error) -> &'static str {
    if error.to_string().contains("metric_type") { "metric_type" } else { "value" }
}

fn sorted<P>(sent: SyncIn<'_, P>, each: impl Fn(&P) -> Result<Vec<Point>, (&'static str, String)>) -> Result<Read> {
    let battery = match sent.battery_level {
        Some(level) if !(0.0..=100.0).contains(&level) => {
            return Err(Error::invalid("battery_level", "is not between 0 and 100"));
        }
        level => level.map(|level| level.round() as i64),
    };
    let (mut fitting, mut errors) = (Vec::with_capacity(sent.data_points.len()), Vec::new());
    for (index, point) in sent.data_points.iter().enumerate() {
        match each(point) {
            Ok(points) => fitting.push(points),
            Err((member, detail)) => errors.push(PointError { index, member, detail }),
        }
    }
    Ok(Read {
        patient_id: sent.patient_id.map(Cow::into_owned),
        patient_aadhar_uid: sent.patient_aadhar_uid.map(Cow::into_owned),
        device_id: sent.device_id.trim().to_owned(),
        battery,
        fitting,
        errors,
    })
}

/// Points named when none fits.
const NAMED_IN_REFUSAL: usize = 20;

fn refused(errors: &[PointError]) -> Error {
    let named = errors.iter().take(NAMED_IN_REFUSAL).map(|error| FieldError {
        member: format!("data_points[{}].{}", error.index, error.member),
        detail: error.detail.clone(),
    });
    Error::invalid_members(named.collect())
}
