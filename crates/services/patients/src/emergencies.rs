//! A patient's emergency flag, and the two deeds that go through the emergency door.
use access::data::Emergencies;
use access::{Grant, Role, Write};
use chrono::{DateTime, Utc};
use kernel::{App, Error, PatientId, Result};
use store::Tx;

use crate::doors::EmergencyDoor;
use crate::lookup::require_active;
use crate::model::{EmergencyFlag, EmergencyIn, EmergencyKind, EmergencyReport, Patient};
use crate::queries::patients;

/// Sets a patient's emergency flag, once the emergency is kept or the last one has ended. The patient's row stays locked
/// until the transaction ends, so that what is open can be counted before the flag is cleared.
pub async fn set_emergency_flag(
    tx: &mut Tx,
    patient: PatientId,
    flag: EmergencyFlag,
    now: DateTime<Utc>,
) -> Result<()> {
    patients::set_flag(tx, patient, flag, now).await
}

/// Raises an emergency for the patient.
pub async fn raise(
    app: &App,
    tx: &mut Tx,
    grant: &Grant<Write, Emergencies>,
    role: Role,
    report: EmergencyReport,
) -> Result<Patient> {
    // What a responder may see of a patient rests on an open emergency, so responders do not open them.
    if role == Role::Responder {
        return Err(Error::forbidden("responders answer emergencies and do not raise them"));
    }
    let at = app.clock().now();
    require_active(tx, grant.patient()).await?;
    let new = said(grant, role, report.emergency_type, report.emergency_notes, at);
    (app.edge::<EmergencyDoor>().raise)(app, tx, new).await?;
    shown(tx, grant.patient(), at).await
}

/// Ends every open emergency of the patient.
pub async fn clear(app: &App, tx: &mut Tx, grant: &Grant<Write, Emergencies>, role: Role) -> Result<Patient> {
    let at = app.clock().now();
    require_active(tx, grant.patient()).await?;
    (app.edge::<EmergencyDoor>().clear)(app, tx, said(grant, role, EmergencyKind::Other, None, at)).await?;
    shown(tx, grant.patient(), at).await
}

fn said(
    grant: &Grant<Write, Emergencies>,
    role: Role,
    kind: EmergencyKind,
    notes: Option<String>,
    at: DateTime<Utc>,
) -> EmergencyIn {
    EmergencyIn { patient: grant.patient(), kind, notes, by: grant.actor(), role, at }
}

async fn shown(tx: &mut Tx, patient: PatientId, now: DateTime<Utc>) -> Result<Patient> {
    let stored = patients::read(tx, patient).await?.ok_or_else(|| Error::not_found("patient"))?;
    Ok(Patient::of(stored, now))
}
