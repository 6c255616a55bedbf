//! Care relations: who treats, admitted or registered a patient, from when until when.
//!
//! Services tell this table what they did, in the transaction that did it; only the decision reads it.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kernel::{PatientId, Result};
use serde::{Deserialize, Serialize};
use store::{Sql, Tx, args, from_row, sql};
use uuid::Uuid;

use crate::{Caller, Role};

kernel::text_enum!(
    /// What makes somebody related to a patient.
    Kind {
        AssignedDoctor = "assigned_doctor",
        /// The doctor of a current admission.
        AttendingDoctor = "attending_doctor",
        /// The hospital of a current admission: its nurses, its front desk, its monitors.
        AdmittingHospital = "admitting_hospital",
        /// The hospital whose staff registered the patient.
        RegisteringHospital = "registering_hospital",
        RegisteringDoctor = "registering_doctor",
        /// An open emergency: every responder is related. The holder is the nil UUID.
        Emergency = "emergency",
    }
);

/// A current relation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relation {
    /// The patient.
    pub load_key: PatientId,
    pub holder_id: Uuid,
    pub kind: Kind,
    /// What it rests on: the assignment, the admission, the emergency.
    pub basis_id: Uuid,
}
from_row!(Relation { load_key, holder_id, kind, basis_id });

/// The relation of every responder to a patient in an emergency.
pub fn relation_of_emergency(patient: PatientId, emergency: kernel::EmergencyId) -> Relation {
    Relation { load_key: patient, holder_id: Uuid::nil(), kind: Kind::Emergency, basis_id: emergency.0 }
}

sql!(
    RELATION_ADD = "INSERT INTO care_relations (id, patient_id, holder_id, kind, basis_id, started_at)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING"
);
sql!(
    RELATIONS_OF = "SELECT patient_id AS load_key, holder_id, kind, basis_id FROM care_relations
    WHERE patient_id = $1 AND ended_at IS NULL"
);
sql!(
    RELATION_END = "UPDATE care_relations SET ended_at = $4
    WHERE patient_id = $1 AND holder_id = $2 AND kind = $3 AND ended_at IS NULL"
);
sql!(RELATIONS_END_BASIS = "UPDATE care_relations SET ended_at = $2 WHERE basis_id = $1 AND ended_at IS NULL");
sql!(RELATIONS_END_PATIENT = "UPDATE care_relations SET ended_at = $2 WHERE patient_id = $1 AND ended_at IS NULL");

sql!(
    PATIENTS_HELD = "SELECT DISTINCT patient_id AS value FROM care_relations
    WHERE holder_id = $1 AND ended_at IS NULL AND patient_id > $2 ORDER BY patient_id LIMIT $3 OFFSET $4"
);

/// The patients a caller is currently related to, ordered by id. An administrator is related to nobody.
pub async fn related_to(
    sql: &mut impl Sql,
    caller: &Caller,
    after: Option<Uuid>,
    skip: i64,
    limit: i64,
) -> Result<Vec<PatientId>> {
    let after = after.unwrap_or_default();
    let holder = match (caller.role, caller.reference) {
        (Role::Patient, Some(own)) => {
            let shown = own > after && skip == 0 && limit > 0;
            return Ok(shown.then_some(PatientId(own)).into_iter().collect());
        }
        (Role::Responder, _) => Uuid::nil(),
        (Role::Doctor | Role::Nurse | Role::Hospital, Some(holder)) => holder,
        _ => return Ok(Vec::new()),
    };
    Ok(sql.all(&PATIENTS_HELD, args![holder, after, limit, skip]).await?)
}

/// Starts a relation. Doing it twice is doing it once.
pub async fn relate(
    tx: &mut Tx,
    patient: PatientId,
    holder: Uuid,
    kind: Kind,
    basis: Uuid,
    now: DateTime<Utc>,
) -> Result<()> {
    tx.run(&RELATION_ADD, args![kernel::ids::new(), patient, holder, kind, basis, now]).await?;
    Ok(())
}

/// Ends a holder's relations of one kind.
pub async fn end(tx: &mut Tx, patient: PatientId, holder: Uuid, kind: Kind, now: DateTime<Utc>) -> Result<()> {
    tx.run(&RELATION_END, args![patient, holder, kind, now]).await?;
    Ok(())
}

/// Ends every relation that rests on this admission, assignment or emergency.
pub async fn end_basis(tx: &mut Tx, basis: Uuid, now: DateTime<Utc>) -> Result<()> {
    tx.run(&RELATIONS_END_BASIS, args![basis, now]).await?;
    Ok(())
}

/// Ends every relation to a patient, as when the patient is deactivated.
pub async fn end_all_of_patient(tx: &mut Tx, patient: PatientId, now: DateTime<Utc>) -> Result<()> {
    tx.run(&RELATIONS_END_PATIENT, args![patient, now]).await?;
    Ok(())
}

/// The patient's current relations.
pub async fn of_patient(sql: &mut impl Sql, patient: PatientId) -> Result<Vec<Relation>> {
    Ok(sql.all(&RELATIONS_OF, args![patient]).await?)
}

/// The current relations of several patients.
pub struct Related(HashMap<PatientId, Vec<Relation>>);

impl Related {
    /// Those of one patient.
    pub fn of(&self, patient: PatientId) -> &[Relation] {
        self.0.get(&patient).map_or(&[], Vec::as_slice)
    }
}

/// Reads the current relations of several patients.
pub async fn related(tx: &mut Tx, patients: &[Uuid]) -> store::Result<Related> {
    let mut found: HashMap<PatientId, Vec<Relation>> = HashMap::new();
    for relation in tx.all_each::<Relation>(&RELATIONS_OF, patients).await? {
        found.entry(relation.load_key).or_default().push(relation);
    }
    Ok(Related(found))
}
