//! Affiliations: which doctor works at which hospital. A change ends one and starts another, so that history stays.
use chrono::{DateTime, Utc};
use kernel::{DoctorId, Error, HospitalId, Result};
use serde::Serialize;
use store::Tx;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::queries::affiliations as queries;
use crate::queries::hospitals;

/// A doctor's place at a hospital.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Affiliation {
    pub id: Uuid,
    pub doctor_id: DoctorId,
    pub hospital_id: HospitalId,
    pub hospital_name: String,
    pub department: Option<String>,
    pub position: Option<String>,
    pub since: DateTime<Utc>,
}

/// Affiliates a doctor, or gives an affiliated one another department or position. Conflict when nothing would change,
/// and while either waits to be approved.
pub async fn affiliate(
    tx: &mut Tx,
    doctor_id: DoctorId,
    hospital_id: HospitalId,
    department: Option<String>,
    position: Option<String>,
    now: DateTime<Utc>,
) -> Result<Affiliation> {
    // Whose doctors work at an institution is whose patients it may be asked about.
    access::require_approved(tx, hospital_id.0).await?;
    access::require_approved(tx, doctor_id.0).await?;
    let hospital = hospitals::locked(tx, hospital_id).await?;
    if let Some(current) = queries::current(tx, doctor_id, hospital_id).await? {
        if (&current.department, &current.position) == (&department, &position) {
            return Err(Error::conflict("the doctor is already affiliated with this hospital").about("hospital_name"));
        }
        queries::end(tx, current.id, now).await?;
    }
    let affiliation = Affiliation {
        id: kernel::ids::new(),
        doctor_id,
        hospital_id,
        hospital_name: hospital.name,
        department,
        position,
        since: now,
    };
    queries::add(tx, &affiliation).await?;
    Ok(affiliation)
}

/// Ends a doctor's place at a hospital; its history stays. Nothing is answered when the doctor has none there.
pub async fn end_affiliation(
    tx: &mut Tx,
    doctor: DoctorId,
    hospital: HospitalId,
    now: DateTime<Utc>,
) -> Result<Option<Affiliation>> {
    let current = queries::current(tx, doctor, hospital).await?;
    if let Some(current) = &current {
        queries::end(tx, current.id, now).await?;
    }
    Ok(current)
}

/// Ends every affiliation of a doctor, as when the doctor leaves.
pub async fn end_affiliations_of(tx: &mut Tx, doctor: DoctorId, now: DateTime<Utc>) -> Result<()> {
    queries::end_of_doctor(tx, doctor, now).await
}
