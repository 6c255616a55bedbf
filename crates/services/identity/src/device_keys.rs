//! Device keys: who may make, see and revoke those of a hospital or a patient.
use access::{Anyone, By, Caller, DeviceKey, Entry, Role, Scope};
use chrono::{DateTime, Utc};
use kernel::{App, Error, HospitalId, PatientId, Result};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::ReferenceCheck;

/// Exactly one of `hospital_id` and `patient_id` says whose readings the device may write.
#[derive(Deserialize, ToSchema, garde::Validate)]
pub struct DeviceKeyIn {
    /// What people call the device, as `Monitor, bed 12`.
    #[garde(length(chars, max = 100), custom(kernel::not_blank))]
    #[schema(min_length = 1, max_length = 100)]
    pub label: String,
    #[garde(skip)]
    pub hospital_id: Option<HospitalId>,
    #[garde(skip)]
    pub patient_id: Option<PatientId>,
}

/// Whose keys: exactly one of the two.
#[derive(Deserialize, IntoParams, garde::Validate)]
#[into_params(parameter_in = Query)]
pub struct OwnerQuery {
    #[garde(skip)]
    pub hospital_id: Option<HospitalId>,
    #[garde(skip)]
    pub patient_id: Option<PatientId>,
}

/// A key, shown this once.
#[derive(Serialize, ToSchema)]
pub struct NewDeviceKey {
    pub id: Uuid,
    /// Give it to the device; it is not kept here and cannot be shown again.
    pub key: String,
    pub label: String,
    pub hospital_id: Option<HospitalId>,
    pub patient_id: Option<PatientId>,
    pub created_at: DateTime<Utc>,
}

pub async fn create(app: &App, caller: &By<Anyone>, ask: DeviceKeyIn) -> Result<NewDeviceKey> {
    caller.must_be_person()?;
    let scope = allowed(caller, ask.hospital_id, ask.patient_id)?;
    if let (Role::Admin, Scope::Hospital(hospital)) = (caller.role, scope) {
        ReferenceCheck::ask(app, Role::Hospital, hospital.0, "hospital_id").await?;
    }
    let label = ask.label.trim().to_owned();
    let (mut tx, created_at) = (app.db().begin().await?, app.clock().now());
    let (id, key) = scope.add_key(&mut tx, &label, caller, created_at).await?;
    access::record(&mut tx, entry(caller, "device_key.create", id, scope, created_at));
    tx.commit().await?;
    Ok(NewDeviceKey { id, key, label, hospital_id: ask.hospital_id, patient_id: ask.patient_id, created_at })
}

pub async fn list(app: &App, caller: &By<Anyone>, owner: &OwnerQuery) -> Result<Vec<DeviceKey>> {
    allowed(caller, owner.hospital_id, owner.patient_id)?.keys(app).await
}

/// Revokes a key. An administrator revokes any: a lost device must not wait for its owner.
pub async fn revoke(app: &App, caller: &By<Anyone>, id: Uuid, owner: &OwnerQuery) -> Result<()> {
    let scope = match caller.role {
        Role::Admin => scope(owner.hospital_id, owner.patient_id)?,
        _ => allowed(caller, owner.hospital_id, owner.patient_id)?,
    };
    let (mut tx, now) = (app.db().begin().await?, app.clock().now());
    if !scope.revoke_key(&mut tx, id, now).await? {
        return Err(Error::not_found("device key"));
    }
    access::record(&mut tx, entry(caller, "device_key.revoke", id, scope, now));
    Ok(tx.commit().await?)
}

fn entry(caller: &Caller, action: &'static str, key: Uuid, scope: Scope, now: DateTime<Utc>) -> Entry {
    let entry = Entry::of(caller, action, key, now);
    match scope {
        Scope::Patient(patient) => entry.about(patient),
        Scope::Hospital(_) => entry,
    }
}

fn scope(hospital: Option<HospitalId>, patient: Option<PatientId>) -> Result<Scope> {
    match (hospital, patient) {
        (Some(id), None) => Ok(Scope::Hospital(id)),
        (None, Some(id)) => Ok(Scope::Patient(id)),
        _ => Err(Error::invalid("hospital_id", "or patient_id: exactly one of the two is needed")),
    }
}

/// The scope that was asked for, when it is the caller's to deal with: an administrator's is any hospital, a hospital's
/// staff's their own, a patient's themselves.
fn allowed(caller: &Caller, hospital: Option<HospitalId>, patient: Option<PatientId>) -> Result<Scope> {
    let scope = scope(hospital, patient)?;
    let theirs = match scope {
        Scope::Hospital(id) => caller.role == Role::Admin || caller.hospital() == Some(id.0),
        Scope::Patient(id) => caller.stands_for(Role::Patient, id.0),
    };
    match theirs {
        true => Ok(scope),
        false => Err(Error::forbidden("these device keys are not yours to deal with")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may(role: Role, reference: Option<Uuid>, hospital: Option<Uuid>, patient: Option<Uuid>) -> bool {
        let caller = Caller { actor: kernel::ids::new(), role, reference, session: None };
        allowed(&caller, hospital.map(HospitalId), patient.map(PatientId)).is_ok()
    }

    #[test]
    fn everyone_deals_with_their_own_devices_only() {
        let (own, other) = (Some(kernel::ids::new()), Some(kernel::ids::new()));
        for role in [Role::Nurse, Role::Hospital] {
            assert!(may(role, own, own, None) && !may(role, own, other, None) && !may(role, own, None, own), "{role}");
        }
        assert!(may(Role::Patient, own, None, own) && !may(Role::Patient, own, None, other));
        assert!(may(Role::Admin, None, other, None) && !may(Role::Admin, None, None, other));
        for role in [Role::Patient, Role::Doctor, Role::Responder, Role::Device] {
            assert!(!may(role, own, own, None), "{role}");
        }
    }

    #[test]
    fn a_key_belongs_to_one_hospital_or_one_patient() {
        let id = Some(kernel::ids::new());
        assert!(!may(Role::Admin, None, id, id) && !may(Role::Admin, None, None, None));
    }
}
