//! The health profile: body measures and habits that bear on health.
use chrono::{DateTime, Utc};
use garde::Validate;
use kernel::{Error, Patch, PatientId, Result, Versioned};
use serde::{Deserialize, Serialize};
use store::from_row;
use utoipa::ToSchema;

use super::{AlcoholFrequency, BloodType};
use crate::check::{longest_set, range_set};
use crate::health_score::{bmi, shown};

/// What to know of a patient's body and habits. Members left out stay as they are, `null` clears one.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct HealthProfileIn {
    #[serde(default)]
    #[garde(custom(range_set(20.0, 280.0)))]
    #[schema(value_type = Option<f64>, minimum = 20, maximum = 280)]
    pub height_cm: Patch<f64>,
    #[serde(default)]
    #[garde(custom(range_set(0.2, 700.0)))]
    #[schema(value_type = Option<f64>, minimum = 0.2, maximum = 700)]
    pub weight_kg: Patch<f64>,
    /// The `blood_type` of the registration; `null` is `unknown`.
    #[serde(default, alias = "blood_type")]
    #[schema(value_type = Option<BloodType>)]
    pub blood_type_id: Patch<BloodType>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    pub is_smoker: Patch<bool>,
    /// Not more than the patient's age.
    #[serde(default)]
    #[garde(custom(range_set(0, 120)))]
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 120)]
    pub smoking_years: Patch<i64>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    pub consumes_alcohol: Patch<bool>,
    /// Agrees with `consumes_alcohol`.
    #[serde(default)]
    #[schema(value_type = Option<AlcoholFrequency>)]
    pub alcohol_frequency: Patch<AlcoholFrequency>,
    /// A week has 10,080 minutes.
    #[serde(default)]
    #[garde(custom(range_set(0, 10_080)))]
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 10_080)]
    pub physical_activity_minutes_weekly: Patch<i64>,
    #[serde(default)]
    #[garde(custom(longest_set(4000)))]
    #[schema(value_type = Option<String>, max_length = 4000)]
    pub notes: Patch<String>,
}

/// What of a health profile is sealed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HealthBody {
    pub height_cm: Option<f64>,
    pub weight_kg: Option<f64>,
    pub is_smoker: Option<bool>,
    pub smoking_years: Option<i64>,
    pub consumes_alcohol: Option<bool>,
    pub alcohol_frequency: Option<AlcoholFrequency>,
    pub physical_activity_minutes_weekly: Option<i64>,
    pub notes: Option<String>,
}

impl HealthBody {
    /// The profile after a change.
    pub fn after(self, said: HealthProfileIn) -> Self {
        Self {
            height_cm: said.height_cm.over(self.height_cm),
            weight_kg: said.weight_kg.over(self.weight_kg),
            is_smoker: said.is_smoker.over(self.is_smoker),
            smoking_years: said.smoking_years.over(self.smoking_years),
            consumes_alcohol: said.consumes_alcohol.over(self.consumes_alcohol),
            alcohol_frequency: said.alcohol_frequency.over(self.alcohol_frequency),
            physical_activity_minutes_weekly: said
                .physical_activity_minutes_weekly
                .over(self.physical_activity_minutes_weekly),
            notes: said.notes.over(self.notes),
        }
    }

    /// Refuses what cannot be true together; `within` stands before the member's name, as `health_profile.`.
    pub fn agrees(&self, age: u32, within: &str) -> Result<()> {
        if self.smoking_years.is_some_and(|years| years > i64::from(age)) {
            return Err(Error::invalid(format!("{within}smoking_years"), "is more than the patient's age"));
        }
        if let Some(bmi) = bmi(self).filter(|bmi| !(5.0..=200.0).contains(bmi)) {
            let why = format!("makes a BMI of {} with the height: one of the two is mistyped", shown(bmi));
            return Err(Error::invalid(format!("{within}weight_kg"), why));
        }
        let drinks = self.alcohol_frequency.map(|often| often != AlcoholFrequency::Never);
        match (self.consumes_alcohol, drinks) {
            (Some(said), Some(drinks)) if said != drinks => {
                Err(Error::invalid(format!("{within}alcohol_frequency"), "disagrees with consumes_alcohol"))
            }
            _ => Ok(()),
        }
    }
}

/// A health profile as it is stored.
#[derive(Debug, Clone)]
pub struct HealthStored {
    pub patient_id: PatientId,
    pub sealed: Vec<u8>,
    pub updated_at: DateTime<Utc>,
    pub version: i64,
}
from_row!(HealthStored { patient_id, sealed, updated_at, version });

/// A patient's health profile. Before anything was recorded all of it is empty.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HealthProfile {
    #[serde(flatten)]
    pub body: HealthBody,
    /// The `blood_type` of the registration.
    pub blood_type_id: BloodType,
    pub updated_at: Option<DateTime<Utc>>,
    /// Counts the changes; answered as the `ETag` header.
    #[serde(skip)]
    pub version: i64,
}

impl Versioned for HealthProfile {
    fn version(&self) -> i64 {
        self.version
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_true_together_is_refused() {
        let smoked = |years| HealthBody { smoking_years: Some(years), ..HealthBody::default() };
        assert!(smoked(30).agrees(30, "").is_ok());
        assert!(smoked(31).agrees(30, "").is_err());
        let measured =
            |height, weight| HealthBody { height_cm: Some(height), weight_kg: Some(weight), ..HealthBody::default() };
        assert!(measured(170.0, 70.0).agrees(30, "").is_ok());
        assert!(measured(50.0, 3.4).agrees(0, "").is_ok());
        assert!(measured(170.0, 7.0).agrees(30, "").is_err());
        assert!(measured(17.0, 70.0).agrees(30, "").is_err());
        for (drinks, often, fits) in [
            (Some(true), Some(AlcoholFrequency::Daily), true),
            (Some(false), Some(AlcoholFrequency::Never), true),
            (Some(false), Some(AlcoholFrequency::Weekly), false),
            (Some(true), Some(AlcoholFrequency::Never), false),
            (Some(false), None, true),
            (None, Some(AlcoholFrequency::Weekly), true),
        ] {
            let body = HealthBody { consumes_alcohol: drinks, alcohol_frequency: often, ..HealthBody::default() };
            assert_eq!(body.agrees(40, "").is_ok(), fits, "{drinks:?} {often:?}");
        }
    }
}
