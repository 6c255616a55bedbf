//! What is asked when a patient comes and goes.
use access::Caller;
use garde::Validate;
use kernel::{DoctorId, HospitalId, PatientId, not_blank};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::AdmissionIn;

/// An admission to make.
#[derive(Debug, Deserialize, ToSchema, Validate)]
pub struct AdmitIn {
    /// `inpatient` when left out.
    #[garde(length(chars, max = 60), inner(custom(not_blank)))]
    #[schema(min_length = 1, max_length = 60)]
    pub treatment_type: Option<String>,
    #[garde(length(chars, max = 100), custom(not_blank))]
    #[schema(min_length = 1, max_length = 100)]
    pub department: String,
    /// Why, in words; sealed with the patient's key.
    #[garde(length(chars, max = 2000), custom(not_blank))]
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
    /// The doctor who attends; from now until the discharge the doctor may read and write the patient's chart.
    #[garde(skip)]
    pub doctor_id: Option<DoctorId>,
    #[garde(length(chars, max = 40), inner(custom(not_blank)))]
    #[schema(min_length = 1, max_length = 40)]
    pub room_number: Option<String>,
}

impl AdmitIn {
    /// This admission of this patient to this hospital.
    pub fn of(self, patient: PatientId, hospital: HospitalId, by: &Caller) -> AdmissionIn<'_> {
        AdmissionIn {
            patient,
            hospital,
            doctor: self.doctor_id,
            room_number: self.room_number,
            treatment_type: self.treatment_type,
            department: Some(self.department),
            reason: Some(self.reason),
            by,
        }
    }
}

/// How the stay ended, in the query or in the body.
#[derive(Debug, Default, Deserialize, ToSchema, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct DischargeIn {
    /// Sealed with the patient's key.
    #[garde(length(chars, max = 10_000))]
    #[schema(max_length = 10_000)]
    #[param(max_length = 10_000)]
    pub discharge_summary: Option<String>,
}
