//! A patient's health in its newest figures.
use access::data::Vitals;
use access::{Grant, Read};
use chrono::{DateTime, Utc};
use kernel::{App, PatientId, Result};
use serde::Serialize;
use signals::{Latest, Metric};
use utoipa::ToSchema;
use vault::{AadhaarVault, Vault};

/// A figure with its time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct Figure {
    pub value: f64,
    pub unit: &'static str,
    pub timestamp: DateTime<Utc>,
}

/// A blood pressure with its time; either number may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct BloodPressure {
    pub systolic: Option<f64>,
    pub diastolic: Option<f64>,
    pub unit: &'static str,
    /// Of the newer of the two.
    pub timestamp: DateTime<Utc>,
}

/// The newest figure of each kind; null where there is none.
#[derive(Debug, Serialize, ToSchema)]
pub struct HealthSummary {
    pub patient_id: PatientId,
    /// 64 hexadecimal digits that stand for the Aadhaar number; null without one.
    pub patient_uid: Option<String>,
    pub generated_at: DateTime<Utc>,
    /// When the newest of the figures was measured.
    pub last_measured_at: Option<DateTime<Utc>>,
    pub heart_rate: Option<Figure>,
    pub blood_pressure: Option<BloodPressure>,
    pub blood_oxygen: Option<Figure>,
    pub temperature: Option<Figure>,
    pub respiratory_rate: Option<Figure>,
    pub steps: Option<Figure>,
    pub distance: Option<Figure>,
    pub calories: Option<Figure>,
    pub sleep: Option<Figure>,
    pub weight: Option<Figure>,
    pub glucose: Option<Figure>,
}

/// Puts the newest figures of a patient together.
pub async fn summary(app: &App, grant: &Grant<Read, Vitals>) -> Result<HealthSummary> {
    let (mut db, patient) = (app.db(), grant.patient());
    let key = app.edge::<Vault>().key(&db, patient).await?;
    let latest = signals::latest(&mut db, grant, &key).await?;
    let number = app.edge::<AadhaarVault>().of(&mut db, patient).await?;
    let figure =
        |metric, unit| latest.get(metric).map(|sample| Figure { value: sample.value, unit, timestamp: sample.at });
    Ok(HealthSummary {
        patient_id: patient,
        patient_uid: number.map(|number| number.uid),
        generated_at: app.clock().now(),
        last_measured_at: latest.newest(),
        heart_rate: figure(Metric::HeartRate, "bpm"),
        blood_pressure: pressure(&latest),
        blood_oxygen: figure(Metric::Spo2, "%"),
        temperature: figure(Metric::Temperature, "°C"),
        respiratory_rate: figure(Metric::RespRate, "breaths/min"),
        // Nothing that is measured yet counts these.
        steps: None,
        distance: None,
        calories: None,
        sleep: None,
        weight: None,
        glucose: None,
    })
}

fn pressure(latest: &Latest) -> Option<BloodPressure> {
    let (systolic, diastolic) = (latest.get(Metric::BpSystolic), latest.get(Metric::BpDiastolic));
    let timestamp = systolic.into_iter().chain(diastolic).map(|sample| sample.at).max()?;
    let value = |sample: Option<signals::Sample>| sample.map(|sample| sample.value);
    Some(BloodPressure { systolic: value(systolic), diastolic: value(diastolic), unit: "mmHg", timestamp })
}
