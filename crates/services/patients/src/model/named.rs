//! What only document 001 says of a patient.
use kernel::Patch;

use super::{HealthProfileIn, Sex};

/// Members that a registration or a change of document 001 has beside those of the other surface.
#[derive(Debug, Clone, Default)]
pub struct Named {
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub sex: Patch<Sex>,
    /// As the caller names the doctor.
    pub doctor: Patch<String>,
    /// As the caller names the institution.
    pub institution: Patch<String>,
    pub health_profile: Option<HealthProfileIn>,
}
