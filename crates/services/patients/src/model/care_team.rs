//! Who looks after a patient: doctors and institutions, with what makes them related.
use kernel::{DoctorId, HospitalId};
use serde::Serialize;
use utoipa::ToSchema;

/// A doctor, as far as a patient's care team shows one.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DoctorCard {
    pub id: DoctorId,
    /// The reference given at registration.
    pub doctor_id: String,
    pub name: String,
    pub specializations: Vec<String>,
}

/// An institution, as far as a patient's care team shows one.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InstitutionCard {
    pub id: HospitalId,
    pub name: String,
    /// As `hospital` or `clinic`.
    pub institution_type: String,
}

/// One of the care team.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Member<T: ToSchema> {
    #[serde(flatten)]
    pub who: T,
    /// As `assigned_doctor` or `admitting_hospital`; `requested` for whom the patient named and who has not validated yet.
    pub relations: Vec<&'static str>,
}

/// A patient's care team.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CareTeam {
    pub doctors: Vec<Member<DoctorCard>>,
    pub institutions: Vec<Member<InstitutionCard>>,
}
