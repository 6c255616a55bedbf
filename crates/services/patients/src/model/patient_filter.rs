//! Which patients a list is about, and how one of them is answered.
use garde::Validate;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Include, Stored, name_key};

/// How to answer one patient.
#[derive(Debug, Deserialize, IntoParams, Validate)]
#[garde(allow_unvalidated)]
#[into_params(parameter_in = Query)]
pub struct PatientView {
    /// `records` adds `allergies` and `chronic_conditions`, for whoever may read the patient's records.
    #[param(inline)]
    pub include: Option<Include>,
}

/// Which patients to list.
#[derive(Debug, Default, Deserialize, IntoParams, Validate)]
#[garde(allow_unvalidated)]
#[into_params(parameter_in = Query)]
pub struct PatientFilter {
    /// Only patients whose emergency flag is set.
    pub emergency_only: Option<bool>,
    /// How the name begins; upper and lower case are alike.
    #[garde(length(chars, max = 200))]
    #[param(max_length = 200)]
    pub search: Option<String>,
    /// Deactivated patients too; administrators only.
    pub include_inactive: Option<bool>,
}

impl PatientFilter {
    /// The bytes that the name has to begin with; none when every name fits.
    pub fn name_prefix(&self) -> Option<Vec<u8>> {
        self.search.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(name_key)
    }

    /// Whether a patient is to be listed.
    pub fn fits(&self, patient: &Stored) -> bool {
        let named = |prefix: Vec<u8>| name_key(&patient.name).starts_with(&prefix);
        (patient.is_active || self.include_inactive == Some(true))
            && (patient.emergency_flag || self.emergency_only != Some(true))
            && self.name_prefix().is_none_or(named)
    }
}
