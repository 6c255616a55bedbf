//! Which patients a list is about, and how one of them is answered.
use chrono::{DateTime, NaiveDate, Utc};
use garde::Validate;
use kernel::{DoctorId, HospitalId, not_future};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Include, PatientStatus, Stored, ValidationStatus};

/// How to answer one patient.
#[derive(Debug, Deserialize, IntoParams, Validate)]
#[garde(allow_unvalidated)]
#[into_params(parameter_in = Query)]
pub struct PatientView {
    /// `records` adds `allergies` and `chronic_conditions`, for whoever may read the patient's records.
    #[param(inline)]
    pub include: Option<Include>,
}

/// Which patients to list. What is given has to hold together.
#[derive(Debug, Clone, Default, Deserialize, IntoParams, Validate)]
#[garde(allow_unvalidated)]
#[into_params(parameter_in = Query)]
pub struct PatientFilter {
    /// Only patients whose emergency flag is set.
    pub emergency_only: Option<bool>,
    /// How words of the name begin; upper and lower case and accents are alike. Each word given has to be found.
    #[garde(length(chars, max = 200))]
    #[param(max_length = 200)]
    pub search: Option<String>,
    /// Words of the name as somebody heard them: `Shreya` finds `Sreya`, `Mohammed` finds `Muhamad`.
    #[garde(length(chars, max = 200))]
    #[param(max_length = 200)]
    pub sounds_like: Option<String>,
    /// Any phone of the patient's, with or without the country's code.
    #[garde(inner(length(chars, max = 40), custom(kernel::contact)))]
    #[param(max_length = 40)]
    pub phone: Option<String>,
    /// Any e-mail address of the patient's.
    #[garde(length(chars, max = 254))]
    #[param(max_length = 254)]
    pub email: Option<String>,
    #[garde(inner(custom(not_future)))]
    pub date_of_birth: Option<NaiveDate>,
    /// The `city` of any address of the patient's.
    #[garde(length(chars, max = 200))]
    #[param(max_length = 200)]
    pub city: Option<String>,
    #[param(inline)]
    pub validation_status: Option<ValidationStatus>,
    /// `active` when left out; the inactive are shown to administrators alone.
    #[param(inline)]
    pub status: Option<PatientStatus>,
    /// The doctor named at registration, or the one who validated the patient.
    #[param(inline)]
    pub doctor_id: Option<DoctorId>,
    /// The institution named at registration, or the one that validated the patient.
    #[param(inline)]
    pub institution_id: Option<HospitalId>,
    /// Registered at this moment or later.
    pub created_after: Option<DateTime<Utc>>,
    /// Registered before this moment.
    pub created_before: Option<DateTime<Utc>>,
    /// Deactivated patients too; administrators only.
    pub include_inactive: Option<bool>,
    /// Records that were merged into others too.
    pub include_merged: Option<bool>,
}

impl PatientFilter {
    /// Whether deactivated patients are asked for.
    pub fn wants_inactive(&self) -> bool {
        self.include_inactive == Some(true) || self.status == Some(PatientStatus::Inactive)
    }

    /// The flag that listed patients have; none when either will do.
    pub fn is_active(&self) -> Option<bool> {
        match (self.status, self.include_inactive) {
            (Some(status), _) => Some(status == PatientStatus::Active),
            (None, Some(true)) => None,
            (None, _) => Some(true),
        }
    }

    /// Whether a column's index leads to few patients.
    pub fn is_narrow(&self) -> bool {
        self.emergency_only == Some(true)
            || self.doctor_id.is_some()
            || self.institution_id.is_some()
            || self.validation_status.is_some()
    }

    /// Whether the patient's own row fits, but for the name; what the row does not tell (further phones, say) is asked of
    /// the index.
    pub fn fits(&self, patient: &Stored) -> bool {
        self.is_active().is_none_or(|active| active == patient.is_active)
            && patient.erased_at.is_none()
            && (patient.emergency_flag || self.emergency_only != Some(true))
            && (self.include_merged == Some(true) || !patient.is_absorbed())
            && self.validation_status.is_none_or(|status| status == patient.validation_status)
            && self.doctor_id.is_none_or(|doctor| patient.doctor_id == Some(doctor))
            && self.institution_id.is_none_or(|institution| patient.institution_id == Some(institution))
            && self.created_after.is_none_or(|after| patient.created_at >= after)
            && self.created_before.is_none_or(|before| patient.created_at < before)
    }

    /// Whether every word that is searched begins a word of this name.
    pub fn has_words(&self, name: &str) -> bool {
        let Some(search) = &self.search else { return true };
        let words = kernel::words(name);
        kernel::words(search).iter().all(|searched| words.iter().any(|word| word.starts_with(searched)))
    }
}
