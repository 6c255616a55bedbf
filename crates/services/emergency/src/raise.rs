//! Raising emergencies and answering them, each in the transaction of its caller.
use access::{Grant, Kind, Relation, Span, Write, data, relation_of_emergency};
use chrono::{DateTime, Utc};
use events::Log;
use kernel::{AlertId, EmergencyId, Error, HospitalId, PatientId, Result};
use patients::{EmergencyFlag, EmergencyKind};
use serde_json::{Value, json};
use store::Tx;
use uuid::Uuid;
use vault::PatientKey;

use crate::model::{Detail, Severity, Status};
use crate::queries::{self, Stored};

/// The event log's topic.
pub const TOPIC: &str = "emergency";

/// An emergency to raise.
pub struct NewEmergency {
    pub reference: Option<String>,
    pub hospital: Option<HospitalId>,
    /// The rule alert it comes from.
    pub alert: Option<AlertId>,
    pub kind: EmergencyKind,
    pub severity: Severity,
    pub description: String,
    pub triggered_by: String,
    pub trigger_data: Option<Value>,
    pub location: Option<Value>,
}

/// Raises an emergency: the patient is flagged, responders become related, the stream is told.
///
/// `relations` are the patient's at this moment: they are the audience of the event. The permission is the caller's:
/// to write emergencies, or to write the vitals that caused one.
pub async fn raise(
    tx: &mut Tx,
    log: &Log,
    key: &PatientKey,
    relations: &[Relation],
    new: NewEmergency,
    now: DateTime<Utc>,
) -> Result<EmergencyId> {
    let (id, patient) = (EmergencyId::new(), key.patient());
    // The patient's row is locked first, here and in every step, so that the flag always fits what is open.
    patients::set_emergency_flag(tx, patient, EmergencyFlag::Raised, now).await?;
    let mut row = Stored::new(id, patient, new.kind, new.severity, now);
    row.reference = new.reference.unwrap_or(row.reference);
    (row.hospital_id, row.alert_id, row.triggered_by) = (new.hospital, new.alert, new.triggered_by);
    let detail = Detail {
        description: new.description,
        trigger_data: new.trigger_data,
        location: new.location,
        ..Detail::default()
    };
    queries::add(tx, &row, key, &detail).await?;
    access::relate(tx, patient, Uuid::nil(), Kind::Emergency, id.0, now).await?;
    let mut audience = relations.to_vec();
    audience.push(relation_of_emergency(patient, id));
    log.emit(tx, TOPIC, patient.0, event(Status::Active, id, None, &audience), now);
    Ok(id)
}

/// Who takes a step, and what they say.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// None when it ended by itself.
    pub responder: Option<Uuid>,
    pub notes: Option<String>,
}

/// Takes a step in answering an emergency. 409 when it would go back.
pub async fn step(
    tx: &mut Tx,
    log: &Log,
    grant: &Grant<Write, data::Emergencies>,
    key: &PatientKey,
    (id, next): (EmergencyId, Status),
    answer: Answer,
    now: DateTime<Utc>,
) -> Result<()> {
    patients::set_emergency_flag(tx, grant.patient(), EmergencyFlag::Raised, now).await?;
    let row = queries::lock(tx, id).await?.filter(|row| row.patient_id == grant.patient());
    let row = row.ok_or_else(|| Error::not_found("alert"))?;
    if !row.status.may_become(next) {
        return Err(Error::conflict(format!("the alert is {}; it cannot become {next}", row.status)).about("status"));
    }
    advance(tx, log, key, row, next, answer, now).await
}

/// Ends the emergencies that came from a rule alert, when that alert ends. Needs no grant of its own: whoever ends the alert was granted that.
pub async fn end_of_alert(
    tx: &mut Tx,
    log: &Log,
    key: &PatientKey,
    alert: AlertId,
    answer: Answer,
    now: DateTime<Utc>,
) -> Result<()> {
    if queries::of_alert(tx, alert).await?.is_empty() {
        return Ok(());
    }
    // Asked again once the patient's row is locked: somebody may have ended them by hand meanwhile.
    patients::set_emergency_flag(tx, key.patient(), EmergencyFlag::Raised, now).await?;
    for row in queries::of_alert(tx, alert).await? {
        advance(tx, log, key, row, Status::Resolved, answer.clone(), now).await?;
    }
    clear_flag_when_last(tx, key.patient(), now).await
}

/// Ends every open emergency of a patient, as when the patient's flag is cleared by hand.
pub async fn end_all(tx: &mut Tx, log: &Log, key: &PatientKey, answer: Answer, now: DateTime<Utc>) -> Result<()> {
    patients::set_emergency_flag(tx, key.patient(), EmergencyFlag::Raised, now).await?;
    for row in
        queries::of_patient(tx, (key.patient(), Span::ALWAYS), queries::Which::Open, None, None, i64::MAX).await?
    {
        advance(tx, log, key, row, Status::Resolved, answer.clone(), now).await?;
    }
    clear_flag_when_last(tx, key.patient(), now).await
}

async fn advance(
    tx: &mut Tx,
    log: &Log,
    key: &PatientKey,
    mut row: Stored,
    next: Status,
    answer: Answer,
    now: DateTime<Utc>,
) -> Result<()> {
    let (id, patient, responder) = (row.id, row.patient_id, answer.responder);
    let mut detail = row.detail(key)?;
    row.status = next;
    match next {
        Status::Active => {}
        Status::Acknowledged => (row.acknowledged_at, row.acknowledged_by) = (Some(now), responder),
        Status::Responding => {
            (row.responding_at, row.responding_by) = (Some(now), responder);
            detail.response_notes = answer.notes;
        }
        Status::Resolved | Status::FalseAlarm => {
            (row.ended_at, row.ended_by) = (Some(now), responder);
            detail.resolution_notes = answer.notes;
        }
    }
    queries::step(tx, &row, key, &detail).await?;
    let audience = access::of_patient(tx, patient).await?;
    log.emit(tx, TOPIC, patient.0, event(next, id, responder, &audience), now);
    if !next.is_open() {
        access::end_basis(tx, id.0, now).await?;
        clear_flag_when_last(tx, patient, now).await?;
    }
    Ok(())
}

async fn clear_flag_when_last(tx: &mut Tx, patient: PatientId, now: DateTime<Utc>) -> Result<()> {
    match queries::count_open(tx, patient).await? {
        0 => patients::set_emergency_flag(tx, patient, EmergencyFlag::Cleared, now).await,
        _ => Ok(()),
    }
}

/// Events hold ids and words; what happened is read from its row, opened for each reader.
fn event(status: Status, id: EmergencyId, responder: Option<Uuid>, audience: &[Relation]) -> Value {
    json!({"event": status.event(), "emergency_id": id, "responder_id": responder, "audience": audience})
}
