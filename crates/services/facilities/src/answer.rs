//! What is answered to somebody who registered.
use kernel::{DoctorId, HospitalId, PatientId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::asked::Registrant;

/// A patient who registered with an Aadhaar number, in the members that document 004 prints.
#[derive(Debug, Serialize, ToSchema)]
pub struct PatientRegistered {
    /// Always `success`.
    pub status: &'static str,
    pub message: &'static str,
    /// 64 hexadecimal digits that stand for the Aadhaar number from now on.
    pub patient_uid: Option<String>,
    pub patient_id: PatientId,
}

/// Somebody who registered. The new login is good at once.
#[derive(Debug, Serialize, ToSchema)]
pub struct Registered {
    /// Always `success`.
    pub status: &'static str,
    pub message: &'static str,
    pub user_type: Registrant,
    /// `pending` for doctors and hospitals: they sign in, and are related to no patient before an administrator has
    /// verified them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub verification_status: Option<&'static str>,
    /// 64 hexadecimal digits that stand for a patient's Aadhaar number from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub patient_uid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub patient_id: Option<PatientId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub doctor_id: Option<DoctorId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub hospital_id: Option<HospitalId>,
}

/// Who was registered.
pub enum Made {
    Patient { id: PatientId, uid: Option<String> },
    Doctor(DoctorId),
    Hospital(HospitalId),
}

const PENDING: Option<&str> = Some("pending");

impl From<Made> for Registered {
    fn from(made: Made) -> Self {
        let nobody = |user_type, message, verification_status| Self {
            status: "success",
            message,
            user_type,
            verification_status,
            patient_uid: None,
            patient_id: None,
            doctor_id: None,
            hospital_id: None,
        };
        match made {
            Made::Patient { id, uid } => Self {
                patient_id: Some(id),
                patient_uid: uid,
                ..nobody(Registrant::Patient, "Patient registered successfully", None)
            },
            Made::Doctor(id) => Self {
                doctor_id: Some(id),
                ..nobody(Registrant::Doctor, "Doctor registered; the licence waits to be verified", PENDING)
            },
            Made::Hospital(id) => Self {
                hospital_id: Some(id),
                ..nobody(Registrant::Hospital, "Hospital registered; it waits to be verified", PENDING)
            },
        }
    }
}
