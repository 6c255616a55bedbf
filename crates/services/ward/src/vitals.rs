//! A reading on the wire: what a monitor sends, and what is answered.
use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{EncounterId, Error, ReadingId, Result, Text as _};
use serde::{Deserialize, Serialize};
use signals::{Latest, Measured, Metric, Reading};
use utoipa::ToSchema;
use uuid::Uuid;

kernel::text_enum!(
    /// Level of consciousness (ACVPU).
    Consciousness {
        Alert = "alert",
        Confused = "confused",
        Voice = "voice",
        Pain = "pain",
        Unresponsive = "unresponsive",
    }
);

/// One bedside observation. Every measurement may be left out, not all of them.
#[derive(Debug, Clone, Deserialize, ToSchema, garde::Validate)]
#[garde(allow_unvalidated)]
pub struct VitalsIn {
    /// Our id, or the caller's own reference.
    #[garde(length(min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100)]
    pub patient_id: String,
    /// The patient's current encounter when left out.
    pub encounter_id: Option<EncounterId>,
    /// When it was measured; now when left out. At most five minutes ahead of this server's clock.
    pub timestamp: Option<DateTime<Utc>>,
    /// Beats a minute.
    #[garde(inner(range(min = 0.0, max = 300.0)))]
    #[schema(minimum = 0, maximum = 300)]
    pub hr_bpm: Option<f64>,
    /// Per cent.
    #[garde(inner(range(min = 0.0, max = 100.0)))]
    #[schema(minimum = 0, maximum = 100)]
    pub spo2_pct: Option<f64>,
    /// Degrees Celsius.
    #[garde(inner(range(min = 20.0, max = 45.0)))]
    #[schema(minimum = 20, maximum = 45)]
    pub temp_c: Option<f64>,
    /// mmHg.
    #[garde(inner(range(min = 0.0, max = 300.0)))]
    #[schema(minimum = 0, maximum = 300)]
    pub bp_systolic: Option<f64>,
    /// mmHg.
    #[garde(inner(range(min = 0.0, max = 300.0)))]
    #[schema(minimum = 0, maximum = 300)]
    pub bp_diastolic: Option<f64>,
    /// mmHg.
    #[garde(inner(range(min = 0.0, max = 300.0)))]
    #[schema(minimum = 0, maximum = 300)]
    pub bp_mean: Option<f64>,
    /// Breaths a minute; also as `resp_rate_bpm` or `respiratory_rate`.
    #[serde(alias = "resp_rate_bpm", alias = "respiratory_rate")]
    #[garde(inner(range(min = 0.0, max = 100.0)))]
    #[schema(minimum = 0, maximum = 100)]
    pub resp_rate: Option<f64>,
    /// Whether the patient breathes added oxygen.
    pub on_oxygen: Option<bool>,
    pub consciousness: Option<Consciousness>,
    /// What the device says of its own measurement.
    #[serde(default)]
    #[garde(length(max = 20), inner(length(min = 1, max = 100)))]
    #[schema(max_items = 20)]
    pub device_flags: Vec<String>,
}

/// A monitor's clock may be this far ahead of ours.
const AHEAD: TimeDelta = TimeDelta::minutes(5);

impl VitalsIn {
    /// When it was measured. 422 for a time that has not come yet.
    pub fn measured_at(&self, now: DateTime<Utc>) -> Result<DateTime<Utc>> {
        let at = self.timestamp.unwrap_or(now);
        let oldest = DateTime::from_timestamp(0, 0).unwrap_or_default();
        match at {
            at if at > now + AHEAD => Err(Error::invalid("timestamp", "is in the future")),
            at if at < oldest => Err(Error::invalid("timestamp", "is before 1970")),
            // Both databases keep microseconds; a finer time would come back as another one.
            at => Ok(DateTime::from_timestamp_micros(at.timestamp_micros()).unwrap_or(at)),
        }
    }

    /// The measurements. 422 when there is none.
    pub fn measured(&self) -> Result<Measured> {
        let values: BTreeMap<Metric, f64> = [
            (Metric::HeartRate, self.hr_bpm),
            (Metric::Spo2, self.spo2_pct),
            (Metric::Temperature, self.temp_c),
            (Metric::BpSystolic, self.bp_systolic),
            (Metric::BpDiastolic, self.bp_diastolic),
            (Metric::BpMean, self.bp_mean),
            (Metric::RespRate, self.resp_rate),
        ]
        .into_iter()
        .filter_map(|(metric, value)| Some((metric, value?)))
        .collect();
        if values.is_empty() && self.on_oxygen.is_none() && self.consciousness.is_none() {
            return Err(Error::invalid("hr_bpm", "send at least one measurement"));
        }
        Ok(Measured {
            values,
            on_oxygen: self.on_oxygen,
            consciousness: self.consciousness.map(|c| c.word().to_owned()),
            device_flags: self.device_flags.clone(),
        })
    }
}

/// The measurements of one moment, or the newest of each.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Measurements {
    pub timestamp: Option<DateTime<Utc>>,
    pub hr_bpm: Option<f64>,
    pub spo2_pct: Option<f64>,
    pub temp_c: Option<f64>,
    pub bp_systolic: Option<f64>,
    pub bp_diastolic: Option<f64>,
    pub bp_mean: Option<f64>,
    pub resp_rate: Option<f64>,
    pub on_oxygen: Option<bool>,
    pub consciousness: Option<String>,
}

impl Measurements {
    fn set(&mut self, metric: Metric, value: f64) {
        let member = match metric {
            Metric::HeartRate => &mut self.hr_bpm,
            Metric::Spo2 => &mut self.spo2_pct,
            Metric::Temperature => &mut self.temp_c,
            Metric::BpSystolic => &mut self.bp_systolic,
            Metric::BpDiastolic => &mut self.bp_diastolic,
            Metric::BpMean => &mut self.bp_mean,
            Metric::RespRate => &mut self.resp_rate,
            // What wearables measure besides is no bedside vital.
            _ => return,
        };
        *member = Some(value);
    }
}

impl From<&Measured> for Measurements {
    fn from(measured: &Measured) -> Self {
        let mut all =
            Self { on_oxygen: measured.on_oxygen, consciousness: measured.consciousness.clone(), ..Self::default() };
        measured.values.iter().for_each(|(metric, value)| all.set(*metric, *value));
        all
    }
}

impl From<&Latest> for Measurements {
    fn from(latest: &Latest) -> Self {
        let mut all = Self {
            timestamp: latest.newest(),
            on_oxygen: latest.on_oxygen().map(|(on, _)| on),
            consciousness: latest.consciousness().map(|(state, _)| state.to_owned()),
            ..Self::default()
        };
        latest.samples().for_each(|(metric, sample)| all.set(metric, sample.value));
        all
    }
}

/// A stored reading.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReadingOut {
    pub id: ReadingId,
    pub encounter_id: Option<EncounterId>,
    /// The device key or account it came from.
    pub source: Uuid,
    pub received_at: DateTime<Utc>,
    pub device_flags: Vec<String>,
    #[serde(flatten)]
    pub measurements: Measurements,
}

impl From<&Reading> for ReadingOut {
    fn from(reading: &Reading) -> Self {
        Self {
            id: reading.id,
            encounter_id: reading.encounter,
            source: reading.source,
            received_at: reading.received_at,
            device_flags: reading.measured.device_flags.clone(),
            measurements: Measurements { timestamp: Some(reading.at), ..(&reading.measured).into() },
        }
    }
}
