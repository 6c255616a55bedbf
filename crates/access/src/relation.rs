//! Care relations: who treats, admitted or registered a patient, from when until when.
//!
//! Services tell this table what they did, in the transaction that did it; only the decision reads it.
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use kernel::{PatientId, Result};
use serde::{Deserialize, Serialize};
use store::{Sql, Tx, Where, args, from_row, sql};
use uuid::Uuid;

use crate::{Caller, Opens, Role, approval, person};

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
        /// The doctor of a booked appointment, until it is over or cancelled.
        BookedDoctor = "booked_doctor",
        /// The institution that validated the patient: it keeps the registration and reads the records.
        ValidatingInstitution = "validating_institution",
        /// The institution that was given full access to a validated patient: it treats the patient from then on.
        TreatingInstitution = "treating_institution",
        /// The facility that the patient linked: its staff sees who the patient is, whom to call and who treats them.
        LinkedFacility = "linked_facility",
        /// A doctor to whom the patient consented; what it opens is said with the relation.
        ConsentToDoctor = "consent_to_doctor",
        /// A hospital to whose staff the patient consented; what it opens is said with the relation.
        ConsentToHospital = "consent_to_hospital",
        /// Somebody who broke the glass. The holder is the account.
        BreakGlass = "break_glass",
        /// Somebody who acts for the patient. The holder is the account.
        Delegate = "delegate",
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
    /// What of its kind's rights it opens; all of them when it does not say. A consent opens what it says alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens: Option<Opens>,
    /// When it ends by the clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<DateTime<Utc>>,
}
from_row!(Relation { load_key, holder_id, kind, basis_id, opens, expires_at });

impl Relation {
    /// A relation with all rights of its kind, until it is ended.
    pub fn new(patient: PatientId, holder: Uuid, kind: Kind, basis: Uuid) -> Self {
        Self { load_key: patient, holder_id: holder, kind, basis_id: basis, opens: None, expires_at: None }
    }

    /// Whether somebody gave it and may take it back at any moment, in place of following from what happened.
    pub fn is_given(&self) -> bool {
        matches!(self.kind, Kind::ConsentToDoctor | Kind::ConsentToHospital | Kind::BreakGlass | Kind::Delegate)
    }
}

/// The relation of every responder to a patient in an emergency.
pub fn relation_of_emergency(patient: PatientId, emergency: kernel::EmergencyId) -> Relation {
    Relation::new(patient, Uuid::nil(), Kind::Emergency, emergency.0)
}

sql!(
    RELATION_ADD =
        "INSERT INTO care_relations (id, patient_id, holder_id, kind, basis_id, started_at, opens, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING"
);
sql!(
    RELATIONS_OF = "SELECT patient_id AS load_key, holder_id, kind, basis_id, opens, expires_at FROM care_relations
    WHERE patient_id = $1 AND ended_at IS NULL"
);
sql!(
    /// With what came through this patient to others of the same person.
    RELATION_END = "UPDATE care_relations SET ended_at = $4
    WHERE holder_id = $2 AND kind = $3 AND ended_at IS NULL AND (through = $1 OR (patient_id = $1 AND through IS NULL))"
);
sql!(RELATIONS_END_BASIS = "UPDATE care_relations SET ended_at = $2 WHERE basis_id = $1 AND ended_at IS NULL");
sql!(
    RELATIONS_END_PATIENT = "UPDATE care_relations SET ended_at = $2
    WHERE (patient_id = $1 OR through = $1) AND ended_at IS NULL"
);

sql!(
    /// Those of a consent are in no list: it may open everything but who the patient is.
    PATIENTS_HELD = "SELECT DISTINCT patient_id AS value FROM care_relations
    WHERE holder_id = $1 AND ended_at IS NULL AND opens IS NULL AND patient_id > $2
    ORDER BY patient_id
    LIMIT $3 OFFSET $4"
);

sql!(
    HELD_COUNT = "SELECT COUNT(DISTINCT patient_id) AS value FROM care_relations
    WHERE holder_id = $1 AND kind = $2 AND ended_at IS NULL AND through IS NULL"
);

/// How many patients a holder has relations of one kind to now; a person with several records counts once.
pub async fn count_held(sql: &mut impl Sql, holder: Uuid, kind: Kind) -> Result<i64> {
    Ok(sql.one(&HELD_COUNT, args![holder, kind]).await?.unwrap_or_default())
}

/// Under whom a caller's relations are kept.
fn holder(caller: &Caller) -> Option<Uuid> {
    match caller.role {
        Role::Responder => Some(Uuid::nil()),
        Role::Doctor | Role::Nurse | Role::Hospital => caller.reference,
        _ => None,
    }
}

/// Those of these patients a caller is related to. An administrator is related to nobody.
pub async fn related_among(sql: &mut impl Sql, caller: &Caller, patients: &[PatientId]) -> Result<HashSet<PatientId>> {
    if let (Role::Patient, Some(reference)) = (caller.role, caller.reference) {
        return Ok(patients.iter().copied().filter(|patient| patient.0 == reference).collect());
    }
    let Some(holder) = holder(caller).filter(|_| !patients.is_empty()) else { return Ok(HashSet::new()) };
    let among = Where::new("SELECT patient_id AS value FROM care_relations")
        .and("holder_id = ?", Some(holder))
        .all("ended_at IS NULL AND opens IS NULL", [])
        .among("patient_id", patients);
    Ok(sql.find(among).await?.into_iter().collect())
}

/// The patients a caller is currently related to, ordered by id. An administrator is related to nobody.
pub async fn related_to(
    sql: &mut impl Sql,
    caller: &Caller,
    after: Option<Uuid>,
    skip: i64,
    limit: i64,
) -> Result<Vec<PatientId>> {
    let after = after.unwrap_or_default();
    if let (Role::Patient, Some(reference)) = (caller.role, caller.reference) {
        let own = Some(PatientId(reference)).filter(|own| own.0 > after && skip <= 0 && limit > 0);
        return Ok(own.into_iter().collect());
    }
    let Some(holder) = holder(caller) else { return Ok(Vec::new()) };
    Ok(sql.all(&PATIENTS_HELD, args![holder, after, limit, skip]).await?)
}

/// Starts a relation, to every record of the person. Doing it twice is doing it once. 409 for a holder who registered
/// themselves and was not approved yet.
pub async fn relate(
    tx: &mut Tx,
    patient: PatientId,
    holder: Uuid,
    kind: Kind,
    basis: Uuid,
    now: DateTime<Utc>,
) -> Result<()> {
    relate_as(tx, &Relation::new(patient, holder, kind, basis), now).await
}

/// As [`relate`], for a relation that opens less than its kind does or ends by the clock.
pub async fn relate_as(tx: &mut Tx, relation: &Relation, now: DateTime<Utc>) -> Result<()> {
    let Relation { load_key, holder_id, kind, basis_id, opens, expires_at } = relation;
    // An emergency is held by nobody in particular, and nobody waits to be approved for it.
    if *kind != Kind::Emergency {
        approval::require_approved(tx, *holder_id).await?;
    }
    let mut row = args![kernel::ids::new(), *load_key, *holder_id, *kind, *basis_id, now];
    row.extend(args![opens.clone(), *expires_at]);
    tx.run(&RELATION_ADD, row).await?;
    person::share(tx, relation, now).await
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

sql!(
    RELATIONS_END_EXPIRED = "UPDATE care_relations SET ended_at = expires_at
    WHERE ended_at IS NULL AND expires_at IS NOT NULL AND expires_at <= $1"
);

/// Writes down which relations have run out, so that decisions need not pass them over for ever. They opened nothing from
/// their time on, whether this ran or not.
pub async fn end_expired(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64> {
    Ok(tx.run(&RELATIONS_END_EXPIRED, args![now]).await?)
}

/// Ends every relation to a patient, as when the patient is deactivated.
pub async fn end_all_of_patient(tx: &mut Tx, patient: PatientId, now: DateTime<Utc>) -> Result<()> {
    tx.run(&RELATIONS_END_PATIENT, args![patient, now]).await?;
    Ok(())
}

sql!(
    /// What came through another of the same person was never this patient's own.
    RELATIONS_OWN = "SELECT patient_id AS load_key, holder_id, kind, basis_id, opens, expires_at FROM care_relations
    WHERE patient_id = $1 AND holder_id = $2 AND ended_at IS NULL AND through IS NULL"
);

/// The kinds of relations that a holder has to this very record now, and not through another of the same person.
pub async fn own_kinds(sql: &mut impl Sql, patient: PatientId, holder: Uuid) -> Result<Vec<Kind>> {
    let own: Vec<Relation> = sql.all(&RELATIONS_OWN, args![patient, holder]).await?;
    Ok(own.into_iter().map(|relation| relation.kind).collect())
}

struct Ended {
    load_key: PatientId,
    ended_at: DateTime<Utc>,
}
from_row!(Ended { load_key, ended_at });

/// When a holder's last relation of one kind to each of these patients ended; those to whom none did are left out.
pub async fn last_ended(
    sql: &mut impl Sql,
    holder: Uuid,
    kind: Kind,
    patients: &[PatientId],
) -> Result<HashMap<PatientId, DateTime<Utc>>> {
    if patients.is_empty() {
        return Ok(HashMap::new());
    }
    let ended = Where::new("SELECT patient_id AS load_key, ended_at FROM care_relations")
        .and("holder_id = ?", Some(holder))
        .and("kind = ?", Some(kind))
        .all("ended_at IS NOT NULL AND through IS NULL", [])
        .among("patient_id", patients)
        .tail("ORDER BY ended_at", []);
    let ended: Vec<Ended> = sql.find(ended).await?;
    Ok(ended.into_iter().map(|relation| (relation.load_key, relation.ended_at)).collect())
}

sql!(
    RELATIONS_REGISTERING_ENDED = "SELECT patient_id AS load_key, holder_id, kind, basis_id, opens, expires_at
    FROM care_relations
    WHERE patient_id = $1 AND kind IN ('registering_hospital', 'registering_doctor') AND through IS NULL
        AND ended_at >= $2"
);

/// Whoever registered a patient is related again, as when one who was deactivated comes back: the relations that ended
/// then, and none that ended before.
pub async fn reopen_registering(
    tx: &mut Tx,
    patient: PatientId,
    deactivated_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    let ended: Vec<Relation> = tx.all(&RELATIONS_REGISTERING_ENDED, args![patient, deactivated_at]).await?;
    for relation in &ended {
        relate_as(tx, relation, now).await?;
    }
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

/// Reads the current relations of several patients. The question is sent at once, so that others can go with it.
pub fn related(tx: &mut Tx, patients: &[Uuid]) -> impl Future<Output = store::Result<Related>> + use<> {
    let relations = tx.all_each::<Relation>(&RELATIONS_OF, patients);
    async {
        let mut found: HashMap<PatientId, Vec<Relation>> = HashMap::new();
        for relation in relations.await? {
            found.entry(relation.load_key).or_default().push(relation);
        }
        Ok(Related(found))
    }
}
